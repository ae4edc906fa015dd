/// Which sources IPv4 packets may have (RFC 3704; Linux's `rp_filter`, whose values these are).
@frozen public enum ReversePathFilter: UInt8, Sendable {
  /// Any.
  case off
  /// Those that are routed back to where the packet came from.
  case strict
  /// Those that are routed anywhere.
  case loose
}
