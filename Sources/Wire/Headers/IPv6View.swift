// RFC 8200, section 3:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Version| Traffic Class |              Flow Label               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Payload Length        |  Next Header  |   Hop Limit   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                                                               |
// +                         Source Address                        +
// |                          (16 bytes)                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                                                               |
// +                      Destination Address                      +
// |                          (16 bytes)                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// An IPv6 header of 40 bytes in place. The memory must outlive the view.
@frozen public struct IPv6View {
  @usableFromInline enum Offset {
    @inlinable static var firstWord: Int { 0 }
    @inlinable static var payloadLength: Int { 4 }
    @inlinable static var nextHeader: Int { 6 }
    @inlinable static var hopLimit: Int { 7 }
    @inlinable static var source: Int { 8 }
    @inlinable static var destination: Int { 24 }
  }

  /// Bytes of the header.
  @inlinable public static var byteCount: Int { 40 }

  /// The header's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the header at `base`; nil if fewer than 40 of `length` bytes are there. No field is looked at.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.byteCount else { return nil }
    self.base = base
  }

  /// Version 6, and header and payload fit in the `available` bytes from ``base`` on.
  @inlinable public func isWellFormed(available: Int) -> Bool {
    version == 6 && Self.byteCount + Int(payloadLength) <= available
  }

  /// Version, traffic class and flow label, in host byte order.
  @inlinable public var firstWord: UInt32 {
    get { base.loadBE32(Offset.firstWord) }
    nonmutating set { base.storeBE32(newValue, at: Offset.firstWord) }
  }

  /// The version, 6 if this is IPv6.
  @inlinable public var version: UInt8 { base.loadByte(Offset.firstWord) >> 4 }

  /// DSCP and ECN (RFC 2474, RFC 3168).
  @inlinable public var trafficClass: UInt8 {
    get { UInt8(truncatingIfNeeded: firstWord >> 20) }
    nonmutating set { firstWord = firstWord & 0xf00f_ffff | UInt32(newValue) << 20 }
  }

  /// The flow label, 20 bits (RFC 6437). Upper bits of a value written are ignored.
  @inlinable public var flowLabel: UInt32 {
    get { firstWord & 0x000f_ffff }
    nonmutating set { firstWord = firstWord & 0xfff0_0000 | newValue & 0x000f_ffff }
  }

  /// Bytes after this header, extension headers included.
  @inlinable public var payloadLength: UInt16 {
    get { base.loadBE16(Offset.payloadLength) }
    nonmutating set { base.storeBE16(newValue, at: Offset.payloadLength) }
  }

  /// What follows the header, an ``IPProtocol``.
  @inlinable public var nextHeader: UInt8 {
    get { base.loadByte(Offset.nextHeader) }
    nonmutating set { base.storeByte(newValue, at: Offset.nextHeader) }
  }

  /// Hops left.
  @inlinable public var hopLimit: UInt8 {
    get { base.loadByte(Offset.hopLimit) }
    nonmutating set { base.storeByte(newValue, at: Offset.hopLimit) }
  }

  /// The source address.
  @inlinable public var source: IPv6Address {
    get { IPv6Address(loadingFrom: base + Offset.source) }
    nonmutating set { newValue.store(to: base + Offset.source) }
  }

  /// The destination address.
  @inlinable public var destination: IPv6Address {
    get { IPv6Address(loadingFrom: base + Offset.destination) }
    nonmutating set { newValue.store(to: base + Offset.destination) }
  }
}
