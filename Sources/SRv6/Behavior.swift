/// An SRv6 endpoint behaviour. Raw values are the code points of IANA's "SRv6 Endpoint Behaviors" registry.
///
/// What a behaviour is called, needs and does stands in its ``BehaviorRow`` and nowhere else.
public enum Behavior: UInt16, CaseIterable, Sendable {
  /// Decapsulation and IPv4 cross-connect (RFC 8986, section 4.5).
  case endDX4 = 17
  /// Decapsulation and IPv6 table lookup (RFC 8986, section 4.6).
  case endDT6 = 18
  /// Decapsulation and IPv4 table lookup (RFC 8986, section 4.7).
  case endDT4 = 19
}
