/// An SRv6 endpoint behaviour. Raw values are the code points of IANA's "SRv6 Endpoint Behaviors" registry.
///
/// What a behaviour is called, needs and does stands in its ``BehaviorRow`` and nowhere else.
public enum Behavior: UInt16, CaseIterable, Sendable {
  /// Endpoint (RFC 8986, section 4.1).
  case end = 1
  /// Layer-3 cross-connect (RFC 8986, section 4.2).
  case endX = 5
  /// IPv6 table lookup of the next segment (RFC 8986, section 4.3).
  case endT = 9
  /// Bound to an SRv6 policy, with encapsulation (RFC 8986, section 4.13).
  case endB6Encaps = 14
  /// Decapsulation and IPv6 cross-connect (RFC 8986, section 4.4).
  case endDX6 = 16
  /// Decapsulation and IPv4 cross-connect (RFC 8986, section 4.5).
  case endDX4 = 17
  /// Decapsulation and IPv6 table lookup (RFC 8986, section 4.6).
  case endDT6 = 18
  /// Decapsulation and IPv4 table lookup (RFC 8986, section 4.7).
  case endDT4 = 19
  /// Decapsulation and table lookup of either family (RFC 8986, section 4.8).
  case endDT46 = 20
  /// Bound to an SRv6 policy, with reduced encapsulation (RFC 8986, section 4.14).
  case endB6EncapsRed = 27
  /// Linux's End.B6: bound to an SRv6 policy, whose header is inserted. IANA has no code point for it; this is the first
  /// for private use, and never leaves the program.
  case endB6 = 32768

  /// IANA's code point; nil if there is none.
  public var codePoint: UInt16? { rawValue < Behavior.privateUse ? rawValue : nil }

  /// The first code point for private use (RFC 8986, section 10.2.1).
  private static let privateUse: UInt16 = 32768
}

extension BehaviorRow {
  /// Every behaviour, in code point order.
  public static let all: [BehaviorRow] = [
    BehaviorRow(
      .end, "End", section: "4.1", required: [], flavors: .all, operations: .endpoint(.advance),
      continuation: .tableLookup),
    BehaviorRow(
      .endX, "End.X", section: "4.2", required: [.nexthop], optional: [.port], flavors: .all,
      operations: .endpoint(.advance),
      continuation: .adjacency),
    BehaviorRow(
      .endT, "End.T", section: "4.3", required: [.table], flavors: .all, operations: .endpoint(.advance),
      continuation: .tableLookup),
    BehaviorRow(
      .endB6Encaps, "End.B6.Encaps", section: "4.13", required: [.segments],
      operations: .endpoint(.advanceAndEncapsulate),
      continuation: .tableLookup),
    BehaviorRow(
      .endDX6, "End.DX6", section: "4.4", required: [.nexthop], optional: [.port], inner: .ipv6,
      operations: .decapsulation(.decapsulateIPv6), continuation: .adjacency),
    BehaviorRow(
      .endDX4, "End.DX4", section: "4.5", required: [.nexthop], optional: [.port], inner: .ipv4,
      operations: .decapsulation(.decapsulateIPv4), continuation: .adjacency),
    BehaviorRow(
      .endDT6, "End.DT6", section: "4.6", required: [.table], inner: .ipv6,
      operations: .decapsulation(.decapsulateIPv6), continuation: .tableLookup),
    BehaviorRow(
      .endDT4, "End.DT4", section: "4.7", required: [.table], inner: .ipv4,
      operations: .decapsulation(.decapsulateIPv4), continuation: .tableLookup),
    BehaviorRow(
      .endDT46, "End.DT46", section: "4.8", required: [.table], inner: .any,
      operations: .decapsulation(.decapsulateAny),
      continuation: .tableLookup),
    BehaviorRow(
      .endB6EncapsRed, "End.B6.Encaps.Red", section: "4.14", required: [.segments],
      operations: .endpoint(.advanceAndEncapsulate),
      continuation: .tableLookup),
    BehaviorRow(
      .endB6, "End.B6", section: nil, required: [.segments], operations: .endpoint(.insert), continuation: .tableLookup),
  ]
}
