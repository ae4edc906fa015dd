// RFC 792; RFC 4443, section 2.1, for ICMPv6. The second word's meaning depends on the type:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |            MTU, pointer, identifier and sequence, unused      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// The first 8 bytes of an ICMP or ICMPv6 message in place; types are ``ICMPType`` and ``ICMPv6Type``.
/// The memory must outlive the view.
@frozen public struct ICMPView {
  @usableFromInline enum Offset {
    @inlinable static var type: Int { 0 }
    @inlinable static var code: Int { 1 }
    @inlinable static var checksum: Int { 2 }
    @inlinable static var parameter: Int { 4 }
  }

  /// Bytes of the header.
  @inlinable public static var byteCount: Int { 8 }

  /// The message's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the message at `base`; nil if fewer than 8 of `length` bytes are there.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.byteCount else { return nil }
    self.base = base
  }

  /// The message type.
  @inlinable public var type: UInt8 {
    get { base.loadByte(Offset.type) }
    nonmutating set { base.storeByte(newValue, at: Offset.type) }
  }

  /// The code, whose meaning depends on the type.
  @inlinable public var code: UInt8 {
    get { base.loadByte(Offset.code) }
    nonmutating set { base.storeByte(newValue, at: Offset.code) }
  }

  /// The checksum over the message, in ICMPv6 with the pseudo-header, in host byte order.
  @inlinable public var checksum: UInt16 {
    get { base.loadBE16(Offset.checksum) }
    nonmutating set { base.storeBE16(newValue, at: Offset.checksum) }
  }

  /// The second word, in host byte order: the MTU of packet too big, the pointer of ICMPv6's parameter problem,
  /// identifier and sequence number of an echo.
  @inlinable public var parameter: UInt32 {
    get { base.loadBE32(Offset.parameter) }
    nonmutating set { base.storeBE32(newValue, at: Offset.parameter) }
  }
}
