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
  /// Why packets are dropped here; nil forwards. `localDestination` delivers what this node takes.
  public var reason: DropReason?
  /// The device sends packets that lie in several buffers; else they are brought into one.
  public var takesChains: Bool
  /// `localDestination`: the address is one of main's, of which another table knows.
  public var isOfMain = false
  /// The Ethernet address follows from the destination, which is an IPv4 multicast group (RFC 1112, section 6.4). `mtu` is
  /// 0 then.
  public var isMulticast = false
  /// Packets are not sent but encapsulated: the index of the policy and 1; else 0. `mtu` is 0 then.
  public var policy: UInt32 = 0
  /// With `policy`: the number of the route, for counters.
  public var headend: UInt32 = 0
  /// Of a group: its first bucket; else 0. With these the size is that of a cache line, so that none of many next hops
  /// straddles two.
  public private(set) var firstBucket: UInt32 = 0
  /// Of a group: the number of its buckets less 1; else 0.
  public private(set) var bucketMask: UInt32 = 0

  private init(
    rewrite: SIMD32<UInt8>, rewriteLength: UInt32, mtu: UInt32, interface: UInt16, port: UInt16, reason: DropReason?,
    takesChains: Bool = true
  ) {
    self.rewrite = (rewrite.lowHalf, rewrite.highHalf)
    self.rewriteLength = rewriteLength
    self.mtu = mtu
    self.interface = interface
    self.port = port
    self.reason = reason
    self.takesChains = takesChains
  }

  /// A next hop that drops for a reason.
  public static func dropping(_ reason: DropReason) -> NextHop {
    NextHop(rewrite: SIMD32(), rewriteLength: 0, mtu: 0, interface: 0, port: 0, reason: reason)
  }

  /// A next hop whose Ethernet address is not known.
  public static func unresolved(interface: UInt16, port: UInt16) -> NextHop {
    var hop = dropping(.neighborUnresolved)
    (hop.interface, hop.port) = (interface, port)
    return hop
  }

  /// A next hop that delivers to an address of main, from the table of a VRF that falls back on main.
  public static var localOfMain: NextHop {
    var hop = dropping(.localDestination)
    hop.isOfMain = true
    return hop
  }

  /// A group: each of its buckets, which stand in ``Snapshot/buckets``, has the index of a next hop that is no group.
  /// As for all that is no plain forwarding, no packet fits its MTU of 0, and the way out finds what it is.
  ///
  /// - Parameter bucketCount: A power of two, 2 or more.
  public static func group(firstBucket: UInt32, bucketCount: UInt32) -> NextHop {
    var group = NextHop.dropping(.noRoute)
    (group.firstBucket, group.bucketMask) = (firstBucket, bucketCount - 1)
    return group
  }

  /// Packets go to a neighbour, whose address may still be asked for, or into a tunnel.
  public var isTowardsNeighbor: Bool { reason == nil || reason == .neighborUnresolved }

  /// It stands for several next hops.
  @inline(__always) var isGroup: Bool { bucketMask != 0 }

  /// A next hop that encapsulates by the policy of that index, counted under `headend`. Answers about its packets come
  /// from `interface`.
  public static func encapsulating(policy: Int, headend: Int, interface: UInt16) -> NextHop {
    var hop = NextHop(rewrite: SIMD32(), rewriteLength: 0, mtu: 0, interface: interface, port: 0, reason: nil)
    hop.policy = UInt32(policy) + 1
    hop.headend = UInt32(headend)
    return hop
  }

  /// A next hop that forwards.
  ///
  /// - Parameter header: The Ethernet header to send, 14 or 18 bytes.
  public static func forwarding(
    header: [UInt8], mtu: UInt32, interface: UInt16, port: UInt16, takesChains: Bool = true
  ) -> NextHop {
    var rewrite = SIMD32<UInt8>()
    for (index, byte) in header.enumerated() { rewrite[32 - header.count + index] = byte }
    return NextHop(
      rewrite: rewrite, rewriteLength: UInt32(header.count), mtu: mtu, interface: interface,
      port: port, reason: nil, takesChains: takesChains)
  }
}
