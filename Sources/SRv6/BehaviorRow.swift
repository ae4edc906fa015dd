/// What a behaviour takes from its configuration entry.
public enum BehaviorAttribute: CaseIterable, Sendable {
  /// The table that is looked up: a VRF's, by name, or any other.
  case table
  /// The layer-3 adjacency.
  case nexthop
  /// The port of the adjacency; without it, a lookup of `nexthop` in the main table says which.
  case port
  /// The segments of the policy, the first to visit first.
  case segments
  /// Flavours.
  case flavors

  /// The configuration keys that say it; an entry has one of them.
  public var keys: [String] {
    switch self {
    case .table: ["vrf", "table"]
    case .nexthop: ["nexthop"]
    case .port: ["port"]
    case .segments: ["segments"]
    case .flavors: ["flavors"]
    }
  }
}

/// What a decapsulating behaviour takes out of the tunnel.
public enum InnerFamily: Sendable {
  /// IPv4 (next header 4).
  case ipv4
  /// IPv6 (next header 41).
  case ipv6
  /// Either.
  case any
}

/// Everything Needletail knows of one behaviour: configuration keys, validation, help, names in `show` and what the
/// worker does come from here.
public struct BehaviorRow: Sendable {
  /// The behaviour.
  public let behavior: Behavior
  /// RFC 8986's name, or Linux's where the RFC has none.
  public let name: String
  /// The section of RFC 8986 that defines it; nil if none does.
  public let section: String?
  /// What an entry must say.
  public let required: [BehaviorAttribute]
  /// What an entry may say.
  public let optional: [BehaviorAttribute]
  /// The flavours it may have (RFC 8986, section 4.16).
  public let flavors: Flavors
  /// The family of the inner packet; nil where nothing is taken out.
  public let inner: InnerFamily?
  /// What happens to the bytes, by segment state.
  public let operations: SIDProgram
  /// Where the packet goes next.
  public let continuation: Continuation

  init(
    _ behavior: Behavior, _ name: String, section: String?, required: [BehaviorAttribute],
    optional: [BehaviorAttribute] = [], flavors: Flavors = [], inner: InnerFamily? = nil, operations: SIDProgram,
    continuation: Continuation
  ) {
    self.behavior = behavior
    self.name = name
    self.section = section
    self.required = required
    self.optional = flavors.isEmpty ? optional : optional + [.flavors]
    self.flavors = flavors
    self.inner = inner
    self.operations = operations
    self.continuation = continuation
  }
}

extension Behavior {
  /// The behaviour's row.
  public var row: BehaviorRow { Behavior.rows[self]! }

  private static let rows = Dictionary(uniqueKeysWithValues: BehaviorRow.all.map { ($0.behavior, $0) })
  private static let names = Dictionary(
    uniqueKeysWithValues: BehaviorRow.all.map { ($0.name.lowercased(), $0.behavior) })

  /// RFC 8986's name, such as `End.DT4`.
  public var name: String { row.name }

  /// The behaviour of that name, in any case; nil if there is none.
  public init?(name: String) {
    guard let behavior = Behavior.names[name.lowercased()] else { return nil }
    self = behavior
  }
}
