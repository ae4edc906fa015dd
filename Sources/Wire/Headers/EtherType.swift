/// EtherTypes that a forwarder meets (IEEE 802 Numbers registry), in host byte order.
public enum EtherType {
  /// IPv4 (RFC 894).
  @inlinable public static var ipv4: UInt16 { 0x0800 }
  /// ARP (RFC 826).
  @inlinable public static var arp: UInt16 { 0x0806 }
  /// An 802.1Q customer tag follows.
  @inlinable public static var vlan: UInt16 { 0x8100 }
  /// An 802.1ad service tag follows.
  @inlinable public static var serviceVLAN: UInt16 { 0x88a8 }
  /// IPv6 (RFC 2464).
  @inlinable public static var ipv6: UInt16 { 0x86dd }
}
