/// Where a routed packet goes: a finished link-layer header and the port it leaves by, or why it does not.
///
/// Published next hops are never edited: a change publishes another.
@frozen public struct NextHop {
  /// The link-layer header, right-aligned: its last byte is the last of these 32, so that two stores ending where the
  /// layer-3 header begins write it whatever its length.
  public var rewrite: (front: SIMD16<UInt8>, back: SIMD16<UInt8>)
  /// Bytes of `rewrite` that are header: 14, or 18 with an 802.1Q tag.
  public var rewriteLength: UInt32
  /// Largest layer-3 packet, bytes.
  public var mtu: UInt32
  /// The logical interface, for counters.
  public var interface: UInt16
  /// The device's port number.
  public var port: UInt16
  /// The raw value of a ``DropReason``; 0 forwards.
  public var reason: UInt8

  /// A next hop that drops for a reason.
  public static func dropping(_ reason: DropReason) -> NextHop {
    NextHop(rewrite: (SIMD16(), SIMD16()), rewriteLength: 0, mtu: 0, interface: 0, port: 0, reason: reason.rawValue)
  }

  /// A next hop that forwards.
  ///
  /// - Parameter header: The Ethernet header to send, 14 or 18 bytes.
  public static func forwarding(header: [UInt8], mtu: UInt32, interface: UInt16, port: UInt16) -> NextHop {
    var rewrite = SIMD32<UInt8>()
    for (index, byte) in header.enumerated() { rewrite[32 - header.count + index] = byte }
    return NextHop(
      rewrite: (rewrite.lowHalf, rewrite.highHalf), rewriteLength: UInt32(header.count), mtu: mtu, interface: interface,
      port: port, reason: 0)
  }
}
