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
