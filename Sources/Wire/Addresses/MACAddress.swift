/// An Ethernet address: the low 48 bits of `value`, in host byte order (02:00:00:00:00:11 is `0x020000000011`).
@frozen public struct MACAddress: Hashable, Sendable {
  /// The 48 bits in host byte order; the upper 16 bits are zero.
  public var value: UInt64

  /// Makes an address from 48 bits in host byte order.
  @inlinable @inline(__always) public init(_ value: UInt64) { self.value = value & 0xffff_ffff_ffff }

  /// Reads 6 bytes in network byte order, at any alignment.
  @inlinable @inline(__always) public init(loadingFrom bytes: UnsafeRawPointer) {
    value = UInt64(bytes.loadBE32(0)) << 16 | UInt64(bytes.loadBE16(4))
  }

  /// Writes 6 bytes in network byte order, at any alignment.
  @inlinable @inline(__always) public func store(to bytes: UnsafeMutableRawPointer) {
    bytes.storeBE32(UInt32(truncatingIfNeeded: value >> 16), at: 0)
    bytes.storeBE16(UInt16(truncatingIfNeeded: value), at: 4)
  }
}

extension MACAddress {
  /// ff:ff:ff:ff:ff:ff.
  @inlinable public static var broadcast: MACAddress { MACAddress(0xffff_ffff_ffff) }

  /// The group bit is set: multicast or broadcast (IEEE 802, section 8.2).
  @inlinable @inline(__always) public var isMulticast: Bool { value & 0x0100_0000_0000 != 0 }

  /// ff:ff:ff:ff:ff:ff.
  @inlinable @inline(__always) public var isBroadcast: Bool { value == 0xffff_ffff_ffff }

  /// 00:00:00:00:00:00, which no station has.
  @inlinable @inline(__always) public var isUnspecified: Bool { value == 0 }
}
