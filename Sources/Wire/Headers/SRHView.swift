// RFC 8754, section 2:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Header  |  Hdr Ext Len  |  Routing Type | Segments Left |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Last Entry  |     Flags     |              Tag              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                                                               |
// |            Segment List[0] (128-bit IPv6 address)             |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// .                                                               .
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                                                               |
// |            Segment List[n] (128-bit IPv6 address)             |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// //                                                             //
// //         Optional Type Length Value objects (variable)       //
// //                                                             //
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// A segment routing header in place: 8 bytes that are surely there; segments and TLVs are only after
/// ``isConsistent(available:)``. The memory must outlive the view.
@frozen public struct SRHView {
  @usableFromInline enum Offset {
    @inlinable static var nextHeader: Int { 0 }
    @inlinable static var hdrExtLen: Int { 1 }
    @inlinable static var routingType: Int { 2 }
    @inlinable static var segmentsLeft: Int { 3 }
    @inlinable static var lastEntry: Int { 4 }
    @inlinable static var flags: Int { 5 }
    @inlinable static var tag: Int { 6 }
    @inlinable static var segmentList: Int { 8 }
  }

  /// Bytes before the segment list.
  @inlinable public static var minimumByteCount: Int { 8 }

  /// The routing type of segment routing.
  @inlinable public static var routingType: UInt8 { 4 }

  /// The header's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the header at `base`; nil if fewer than 8 of `length` bytes are there. No field is looked at.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.minimumByteCount else { return nil }
    self.base = base
  }

  /// What follows this header, an ``IPProtocol``.
  @inlinable public var nextHeader: UInt8 {
    get { base.loadByte(Offset.nextHeader) }
    nonmutating set { base.storeByte(newValue, at: Offset.nextHeader) }
  }

  /// The header's length in 8-byte units, less the first 8 bytes.
  @inlinable public var hdrExtLen: UInt8 {
    get { base.loadByte(Offset.hdrExtLen) }
    nonmutating set { base.storeByte(newValue, at: Offset.hdrExtLen) }
  }

  /// The header's length in bytes, 8...2048.
  @inlinable public var byteLength: Int { 8 + Int(hdrExtLen) * 8 }

  /// The routing type, 4 if this is a segment routing header.
  @inlinable public var routingType: UInt8 {
    get { base.loadByte(Offset.routingType) }
    nonmutating set { base.storeByte(newValue, at: Offset.routingType) }
  }

  /// The index of the active segment, and so the number of segments after it.
  @inlinable public var segmentsLeft: UInt8 {
    get { base.loadByte(Offset.segmentsLeft) }
    nonmutating set { base.storeByte(newValue, at: Offset.segmentsLeft) }
  }

  /// Both in one comparison: this is a segment routing header, and its active segment is the last.
  @inlinable public var isAtLastSegment: Bool { base.loadBE16(Offset.routingType) == 0x0400 }

  /// The index of the segment list's last element.
  @inlinable public var lastEntry: UInt8 {
    get { base.loadByte(Offset.lastEntry) }
    nonmutating set { base.storeByte(newValue, at: Offset.lastEntry) }
  }

  /// The flags (RFC 8754, section 2; the O-flag, 0x20, is RFC 9259's).
  @inlinable public var flags: UInt8 {
    get { base.loadByte(Offset.flags) }
    nonmutating set { base.storeByte(newValue, at: Offset.flags) }
  }

  /// Marks packets of one class.
  @inlinable public var tag: UInt16 {
    get { base.loadBE16(Offset.tag) }
    nonmutating set { base.storeBE16(newValue, at: Offset.tag) }
  }

  /// The segment at `index`, 0 being the last of the path. `index` must not be above ``lastEntry`` of a header that
  /// ``isConsistent(available:)``.
  @inlinable public func segment(_ index: Int) -> IPv6Address {
    IPv6Address(loadingFrom: base + (Offset.segmentList + index * 16))
  }

  /// Writes the segment at `index`, under the same condition as ``segment(_:)``.
  @inlinable public func setSegment(_ index: Int, to segment: IPv6Address) {
    segment.store(to: base + (Offset.segmentList + index * 16))
  }
}
