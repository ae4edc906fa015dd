/// An IPv6 address as two 64-bit halves in host byte order: for 2001:db8::1, `high` is `0x20010db8_00000000`
/// and `low` is 1.
@frozen public struct IPv6Address: Hashable, Sendable {
  /// The first 64 bits, in host byte order.
  public var high: UInt64
  /// The last 64 bits, in host byte order.
  public var low: UInt64

  /// Makes an address from its two halves in host byte order.
  @inlinable @inline(__always) public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 16 bytes in network byte order, at any alignment.
  @inlinable @inline(__always) public init(loadingFrom bytes: UnsafeRawPointer) {
    high = bytes.loadBE64(0)
    low = bytes.loadBE64(8)
  }

  /// Writes 16 bytes in network byte order, at any alignment.
  @inlinable @inline(__always) public func store(to bytes: UnsafeMutableRawPointer) {
    bytes.storeBE64(high, at: 0)
    bytes.storeBE64(low, at: 8)
  }
}

extension IPv6Address {
  /// ff00::/8 (RFC 4291, section 2.7).
  @inlinable @inline(__always) public var isMulticast: Bool { high >> 56 == 0xff }

  /// The address `::` (RFC 4291, section 2.5.2).
  @inlinable @inline(__always) public var isUnspecified: Bool { high | low == 0 }

  /// The address `::1` (RFC 4291, section 2.5.3).
  @inlinable @inline(__always) public var isLoopback: Bool { high == 0 && low == 1 }

  /// fe80::/10 (RFC 4291, section 2.5.6).
  @inlinable @inline(__always) public var isLinkLocal: Bool { high >> 54 == 0x3fa }

  /// ::ffff:0:0/96 (RFC 4291, section 2.5.5.2).
  @inlinable @inline(__always) public var isIPv4Mapped: Bool { high == 0 && low >> 32 == 0xffff }
}
