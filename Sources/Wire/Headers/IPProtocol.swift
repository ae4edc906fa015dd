/// Values of IPv4's Protocol and IPv6's Next Header field (IANA "Assigned Internet Protocol Numbers").
public enum IPProtocol {
  /// IPv6 Hop-by-Hop Options (RFC 8200, section 4.3).
  @inlinable public static var hopByHop: UInt8 { 0 }
  /// ICMP (RFC 792).
  @inlinable public static var icmp: UInt8 { 1 }
  /// IPv4 encapsulation (RFC 2003).
  @inlinable public static var ipv4: UInt8 { 4 }
  /// TCP (RFC 9293).
  @inlinable public static var tcp: UInt8 { 6 }
  /// UDP (RFC 768).
  @inlinable public static var udp: UInt8 { 17 }
  /// IPv6 encapsulation (RFC 2473).
  @inlinable public static var ipv6: UInt8 { 41 }
  /// IPv6 Routing header (RFC 8200, section 4.4).
  @inlinable public static var routing: UInt8 { 43 }
  /// IPv6 Fragment header (RFC 8200, section 4.5).
  @inlinable public static var fragment: UInt8 { 44 }
  /// Encapsulating Security Payload (RFC 4303).
  @inlinable public static var esp: UInt8 { 50 }
  /// Authentication Header (RFC 4302).
  @inlinable public static var ah: UInt8 { 51 }
  /// ICMPv6 (RFC 4443).
  @inlinable public static var icmpv6: UInt8 { 58 }
  /// Nothing follows (RFC 8200, section 4.7).
  @inlinable public static var noNextHeader: UInt8 { 59 }
  /// IPv6 Destination Options (RFC 8200, section 4.6).
  @inlinable public static var destinationOptions: UInt8 { 60 }
  /// SCTP (RFC 9260).
  @inlinable public static var sctp: UInt8 { 132 }
  /// An Ethernet frame (RFC 8986, section 4.9).
  @inlinable public static var ethernet: UInt8 { 143 }
}
