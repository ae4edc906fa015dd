import SRv6
import Wire

/// One next hop of a route; at least one of the two is there.
public struct RouteNextHop: Hashable, Sendable {
  /// The gateway; nil is on-link.
  public var via: IPAddress?
  /// The port it is reached through; nil is found by a lookup of `via` in the route's table and then in main.
  public var port: String?
}

/// One of several next hops of a route.
public struct RouteMember: Hashable, Sendable {
  /// The next hop.
  public var nextHop: RouteNextHop
  /// Its share of the flows, relative to the others' (1...255).
  public var weight: Int
}

/// What a headend puts around a packet, or into it (RFC 8986, section 5).
public struct Encapsulation: Hashable, Sendable {
  /// How, by iproute2's names.
  public enum Mode: String, CaseIterable, Sendable {
    /// H.Encaps: an outer header with a segment routing header.
    case encap
    /// H.Encaps.Red: the first segment is in the outer destination alone.
    case encapRed = "encap.red"
    /// The segment routing header goes behind the packet's own IPv6 header.
    case inline

    /// How a SID of that behaviour applies its policy.
    init(of behavior: Behavior) {
      self =
        switch behavior {
        case .endB6: .inline
        case .endB6EncapsRed: .encapRed
        default: .encap
        }
    }

    /// The most segments of a path. A segment routing header has room for 127, as its length is 8 bits in units of 8 bytes;
    /// an inserted one has the packet's own destination as well.
    var longestPath: Int { self == .inline ? 126 : 127 }
  }

  /// How.
  public var mode: Mode
  /// The segments in iproute2's order, the first to visit first; 1 to 127, or 126 of `inline`.
  public var segments: [IPv6Address]
  /// The outer source; nil takes ``SRv6Section/encapSource``.
  public var source: IPv6Address?
  /// Where the encapsulated packet goes, if the route names it; without it, the first segment is looked up.
  public var nexthop: RouteNextHop?
}

/// What becomes of a packet that a route matches.
public enum RouteAction: Hashable, Sendable {
  /// Sent to a next hop.
  case unicast(RouteNextHop)
  /// Sent to one of several next hops, which its flow chooses.
  case multipath([RouteMember])
  /// Sent along a path of segments; boxed, as most of a million routes have none.
  indirect case encapsulate(Encapsulation)
  /// Dropped silently.
  case blackhole
  /// Dropped as unreachable.
  case unreachable
  /// Dropped as administratively prohibited.
  case prohibit
}

extension RouteAction {
  /// The actions that send no packet, by the names that files and iproute2 have for them.
  private static let dropping: KeyValuePairs<String, RouteAction> = [
    "blackhole": .blackhole, "unreachable": .unreachable, "prohibit": .prohibit,
  ]

  /// The action that sends no packet of that name; nil if there is none.
  init?(dropType name: String) {
    guard let action = Self.dropping.first(where: { $0.key == name })?.value else { return nil }
    self = action
  }

  /// The name of one that sends no packet; nil for the others.
  var dropType: String? { Self.dropping.first { $0.value == self }?.key }
}

/// One entry of `routes:`.
public struct RouteEntry: Sendable {
  /// The VRF's name; nil is the main table, or `table`.
  public var vrf: String?
  /// The number of a table that no VRF has; nil where the table is main or a VRF's.
  public var table: UInt32?
  /// The destination prefix.
  public var prefix: IPPrefix
  /// What becomes of a packet that matches.
  public var action: RouteAction
  /// Of several routes for one prefix the one with the least is taken.
  public var metric: UInt32
  /// Who put it there.
  public var source = RouteSource.static
  /// Which feed of that source: ``Feed/number``; 0 where it is none's.
  var feed: UInt8 = 0
  /// The feed's epoch in which it was given last.
  var epoch: UInt32 = 0
  /// Where the entry stands.
  public var mark: Mark
}

extension RouteEntry {
  /// The metric of a route that has none, as in Linux.
  static func usualMetric(_ prefix: IPPrefix) -> UInt32 { prefix.isIPv4 ? 0 : 1024 }

  /// Its metric as the RIB counts.
  var relativeMetric: Int { Int(metric) - Int(Self.usualMetric(prefix)) }

  /// It is sent to a next hop that another route leads to.
  var isRecursive: Bool {
    switch action {
    case .unicast(let hop): hop.port == nil
    case .multipath(let members): members.contains { $0.nextHop.port == nil }
    case .encapsulate, .blackhole, .unreachable, .prohibit: false
    }
  }

  /// It is a headend's.
  var encapsulates: Bool { if case .encapsulate = action { true } else { false } }

  /// The table it stands in.
  public var tableReference: TableReference { vrf.map { .vrf($0) } ?? table.map { .number($0) } ?? .main }
}
