// RFC 8200, section 4.5:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Identification                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// An IPv6 fragment header of 8 bytes in place. The memory must outlive the view.
@frozen public struct FragmentView {
  @usableFromInline enum Offset {
    @inlinable static var nextHeader: Int { 0 }
    @inlinable static var offsetAndMore: Int { 2 }
    @inlinable static var identification: Int { 4 }
  }

  /// Bytes of the header.
  @inlinable public static var byteCount: Int { 8 }

  /// The header's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the header at `base`; nil if fewer than 8 of `length` bytes are there.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.byteCount else { return nil }
    self.base = base
  }

  /// What follows this header in the first fragment, an ``IPProtocol``.
  @inlinable public var nextHeader: UInt8 { base.loadByte(Offset.nextHeader) }

  /// Where the fragment belongs in the fragmentable part, in bytes.
  @inlinable public var fragmentOffset: Int { Int(base.loadBE16(Offset.offsetAndMore) & 0xfff8) }

  /// M: this is not the last fragment.
  @inlinable public var moreFragments: Bool { base.loadBE16(Offset.offsetAndMore) & 1 != 0 }

  /// Tells the fragments of one packet from those of another.
  @inlinable public var identification: UInt32 { base.loadBE32(Offset.identification) }
}
