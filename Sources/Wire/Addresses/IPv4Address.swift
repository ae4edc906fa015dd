/// An IPv4 address. `value` is in host byte order: 10.0.0.1 is `0x0a000001`.
@frozen public struct IPv4Address: Hashable, Sendable {
  /// The address in host byte order.
  public var value: UInt32

  /// Makes an address from its value in host byte order.
  @inlinable @inline(__always) public init(_ value: UInt32) { self.value = value }

  /// Reads 4 bytes in network byte order, at any alignment.
  @inlinable @inline(__always) public init(loadingFrom bytes: UnsafeRawPointer) { value = bytes.loadBE32(0) }

  /// Writes 4 bytes in network byte order, at any alignment.
  @inlinable @inline(__always) public func store(to bytes: UnsafeMutableRawPointer) { bytes.storeBE32(value, at: 0) }
}

extension IPv4Address {
  /// 224.0.0.0/4 (RFC 5771).
  @inlinable @inline(__always) public var isMulticast: Bool { value >> 28 == 0xe }

  /// 0.0.0.0.
  @inlinable @inline(__always) public var isUnspecified: Bool { value == 0 }

  /// 0.0.0.0/8, "this network" (RFC 791, section 3.2; RFC 1122, section 3.2.1.3): never forwarded.
  @inlinable @inline(__always) public var isZeroNetwork: Bool { value >> 24 == 0 }

  /// 127.0.0.0/8 (RFC 1122, section 3.2.1.3).
  @inlinable @inline(__always) public var isLoopback: Bool { value >> 24 == 127 }

  /// 169.254.0.0/16 (RFC 3927).
  @inlinable @inline(__always) public var isLinkLocal: Bool { value >> 16 == 0xa9fe }

  /// 255.255.255.255, the limited broadcast address (RFC 919).
  @inlinable @inline(__always) public var isBroadcast: Bool { value == 0xffff_ffff }
}
