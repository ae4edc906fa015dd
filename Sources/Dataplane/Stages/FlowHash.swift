import Wire

/// A number that all packets of a flow share and that spreads flows evenly, in all its bits.
enum FlowHash {
  /// An IPv4 flow: addresses, protocol and ports, as with the kernel's `net.ipv4.fib_multipath_hash_policy=1`.
  ///
  /// - Parameter ports: Source and destination port; 0 where there are none, or not in every packet.
  @inline(__always) static func ipv4(
    _ source: IPv4Address, _ destination: IPv4Address, _ proto: UInt8, ports: UInt32, seed: UInt64
  ) -> UInt64 {
    let addresses = fold(UInt64(source.value) &<< 32 | UInt64(destination.value) ^ seed, 0xa076_1d64_78bd_642f)
    return fold(addresses ^ (UInt64(proto) &<< 32 | UInt64(ports)), 0xe703_7ed1_a0b4_28db)
  }

  /// An IPv6 flow: the same and the flow label, which stands for the ports inside of tunnels (RFC 6438).
  @inline(__always) static func ipv6(
    _ source: IPv6Address, _ destination: IPv6Address, _ proto: UInt8, ports: UInt32, label: UInt32, seed: UInt64
  ) -> UInt64 {
    let from = fold(source.high ^ seed, source.low ^ 0xa076_1d64_78bd_642f)
    let addresses = fold(destination.high ^ from, destination.low ^ 0x8ebc_6af0_9c88_c6e3)
    return fold(
      addresses ^ (UInt64(label) &<< 40 | UInt64(proto) &<< 32 | UInt64(ports)), 0xe703_7ed1_a0b4_28db)
  }

  /// Both halves of the product, one over the other: every bit of the factors reaches most of the result's.
  @inline(__always) static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  /// The protocols whose headers begin with two ports.
  @inline(__always) static func hasPorts(_ proto: UInt8) -> Bool {
    proto == IPProtocol.tcp || proto == IPProtocol.udp || proto == IPProtocol.sctp
  }
}
