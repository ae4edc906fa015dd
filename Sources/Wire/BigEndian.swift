// Network byte order at any alignment: header fields sit wherever the frame puts them (an IPv4 header behind Ethernet
// starts at byte 14), so every access here is unaligned. On x86-64 and AArch64 each is one access and a byte swap.

extension UnsafeRawPointer {
  /// The byte at `offset`.
  @inlinable @inline(__always) public func loadByte(_ offset: Int) -> UInt8 {
    load(fromByteOffset: offset, as: UInt8.self)
  }

  /// The big-endian 16-bit number at `offset` bytes, in host byte order.
  @inlinable @inline(__always) public func loadBE16(_ offset: Int) -> UInt16 {
    UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The big-endian 32-bit number at `offset` bytes, in host byte order.
  @inlinable @inline(__always) public func loadBE32(_ offset: Int) -> UInt32 {
    UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The big-endian 64-bit number at `offset` bytes, in host byte order.
  @inlinable @inline(__always) public func loadBE64(_ offset: Int) -> UInt64 {
    UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

extension UnsafeMutableRawPointer {
  /// The byte at `offset`.
  @inlinable @inline(__always) public func loadByte(_ offset: Int) -> UInt8 {
    UnsafeRawPointer(self).loadByte(offset)
  }

  /// The big-endian 16-bit number at `offset` bytes, in host byte order.
  @inlinable @inline(__always) public func loadBE16(_ offset: Int) -> UInt16 {
    UnsafeRawPointer(self).loadBE16(offset)
  }

  /// The big-endian 32-bit number at `offset` bytes, in host byte order.
  @inlinable @inline(__always) public func loadBE32(_ offset: Int) -> UInt32 {
    UnsafeRawPointer(self).loadBE32(offset)
  }

  /// The big-endian 64-bit number at `offset` bytes, in host byte order.
  @inlinable @inline(__always) public func loadBE64(_ offset: Int) -> UInt64 {
    UnsafeRawPointer(self).loadBE64(offset)
  }

  /// Writes one byte at `offset`.
  @inlinable @inline(__always) public func storeByte(_ value: UInt8, at offset: Int) {
    storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }

  /// Writes a host-order 16-bit number big-endian at `offset` bytes.
  @inlinable @inline(__always) public func storeBE16(_ value: UInt16, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  /// Writes a host-order 32-bit number big-endian at `offset` bytes.
  @inlinable @inline(__always) public func storeBE32(_ value: UInt32, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Writes a host-order 64-bit number big-endian at `offset` bytes.
  @inlinable @inline(__always) public func storeBE64(_ value: UInt64, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
  }
}
