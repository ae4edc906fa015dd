/// A configuration key that a behaviour takes.
public enum BehaviorAttribute: String, CaseIterable, Sendable {
  /// The VRF whose table is looked up.
  case vrf
  /// The layer-3 adjacency.
  case nexthop
  /// The port of the adjacency; without it, the port whose on-link prefix covers `nexthop`.
  case port
}

/// The address family that a decapsulating behaviour takes out of the tunnel.
public enum InnerFamily: Sendable {
  /// IPv4 (next header 4).
  case ipv4
  /// IPv6 (next header 41).
  case ipv6
}

/// Everything Needletail knows of one behaviour: configuration keys, validation, help, names in `show` and what the
/// worker does come from here.
public struct BehaviorRow: Sendable {
  /// The behaviour.
  public let behavior: Behavior
  /// RFC 8986's name.
  public let name: String
  /// The section of RFC 8986 that defines it.
  public let section: String
  /// Keys that an entry must have.
  public let required: [BehaviorAttribute]
  /// Keys that an entry may have.
  public let optional: [BehaviorAttribute]
  /// The family of the inner packet, and so of `nexthop`.
  public let inner: InnerFamily
  /// What happens to the bytes, by segment state.
  public let operations: SIDProgram
  /// Where the packet goes next.
  public let continuation: Continuation

  /// Every behaviour, in code point order.
  public static let all: [BehaviorRow] = [
    BehaviorRow(
      behavior: .endDX4, name: "End.DX4", section: "4.5", required: [.nexthop], optional: [.port], inner: .ipv4,
      operations: .decapsulation(.decapsulateIPv4), continuation: .adjacency),
    BehaviorRow(
      behavior: .endDT6, name: "End.DT6", section: "4.6", required: [.vrf], optional: [], inner: .ipv6,
      operations: .decapsulation(.decapsulateIPv6), continuation: .tableLookup),
    BehaviorRow(
      behavior: .endDT4, name: "End.DT4", section: "4.7", required: [.vrf], optional: [], inner: .ipv4,
      operations: .decapsulation(.decapsulateIPv4), continuation: .tableLookup),
  ]
}

extension Behavior {
  /// The behaviour's row.
  public var row: BehaviorRow { BehaviorRow.all.first { $0.behavior == self }! }

  /// RFC 8986's name, such as `End.DT4`.
  public var name: String { row.name }

  /// The behaviour of that name, in any case; nil if there is none.
  public init?(name: String) {
    guard let row = BehaviorRow.all.first(where: { $0.name.lowercased() == name.lowercased() }) else { return nil }
    self = row.behavior
  }
}
