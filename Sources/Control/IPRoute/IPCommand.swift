import SRv6
import Wire

/// One line of `ip`, understood but not yet held against a configuration: ports and tables are as they were written.
enum IPCommand {
  /// `route`, `-6 route`
  case route(IPRouteCommand)
  /// `neighbor`
  case neighbor(IPNeighborCommand)
  /// `address`
  case address(IPAddressCommand)
  /// `sr tunsrc set`; the unspecified address takes back an earlier one.
  case tunnelSource(IPv6Address)
  /// `sid`, which ip does not know
  case sid(IPSIDCommand)
}

/// What a line does with a route or neighbour.
enum IPVerb: String, CaseIterable {
  /// There must be none yet.
  case add
  /// There must be one.
  case change
  /// Whether there is one or not.
  case replace
  /// As `add`: routes with several next hops are written in one line.
  case append
  /// There must be one, and it goes.
  case delete
}

/// `ip route VERB ...`
struct IPRouteCommand {
  /// What becomes of a packet.
  enum Action {
    /// Sent to a next hop.
    case unicast
    /// A headend's route.
    case encapsulate(Encapsulation)
    /// A local SID.
    case local(IPLocalAction)
    /// `blackhole`, `unreachable` or `prohibit`.
    case drop(RouteAction)
  }

  var verb: IPVerb
  /// The prefix, without host bits.
  var prefix: IPPrefix
  /// `table` or `vrf`; nil is main.
  var table: IPTable?
  var action = Action.unicast
  /// `nexthop`: several next hops, in the place of `via` and `dev`.
  var members: [IPRouteMember] = []
  var via: Word?
  /// `dev`: a port, or for what has no use of one anything that Linux would take.
  var device: Word?
  var metric: UInt32?
  /// The prefix's word.
  var mark: Mark
}

/// `nexthop via ADDRESS dev PORT weight N`
struct IPRouteMember {
  var via: Word?
  var device: Word?
  var weight = 1
  /// The word `nexthop`.
  var word: Word
}

/// A table as a line names it.
enum IPTable {
  /// `table main`, `table 254`, `table 200`
  case table(TableReference)
  /// `vrf red`
  case vrf(Word)
}

/// `encap seg6local action ...`
struct IPLocalAction {
  var row: BehaviorRow
  /// The behaviour's word.
  var name: Word
  /// `table`
  var table: TableReference?
  /// `vrftable`: its VRF is looked for later.
  var vrfTable: (number: UInt32, word: Word)?
  /// `nh4`, `nh6`
  var nexthop: IPAddress?
  /// `oif`
  var port: Word?
  var segments: [IPv6Address] = []
  var flavors: Flavors = []
  /// The word after `flavors`.
  var flavorsWord: Word?
}

/// `ip address VERB ...`
struct IPAddressCommand {
  var verb: IPVerb
  /// The address, with its prefix length unless it goes.
  var word: Word
  var device: Word
}

/// `ip neighbor VERB ...`
struct IPNeighborCommand {
  var verb: IPVerb
  var address: IPAddress
  /// `lladdr`; only `delete` goes without.
  var mac: MACAddress?
  var device: Word
  /// The address's word.
  var mark: Mark
}

/// `sid VERB ...`
struct IPSIDCommand {
  var verb: IPVerb
  /// What the configuration file would have for it, with the words' places: both are read by the same reader.
  var node: YAMLNode
}

/// What is wrong with a line, and at which word.
struct IPCommandError: Error {
  var mark: Mark
  var message: String

  init(_ word: Word, _ message: String) { self.init(word.mark, message) }

  init(_ mark: Mark, _ message: String) {
    self.mark = mark
    self.message = message
  }
}
