// RFC 8200, section 4.4:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Header  |  Hdr Ext Len  |  Routing Type | Segments Left |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// .                       type-specific data                      .
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// A routing header of any type in place: 8 bytes that are surely there. The memory must outlive the view.
@frozen public struct RoutingView {
  @usableFromInline enum Offset {
    @inlinable static var nextHeader: Int { 0 }
    @inlinable static var hdrExtLen: Int { 1 }
    @inlinable static var routingType: Int { 2 }
    @inlinable static var segmentsLeft: Int { 3 }
  }

  /// Bytes of the smallest routing header.
  @inlinable public static var minimumByteCount: Int { 8 }

  /// The header's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the header at `base`; nil if fewer than 8 of `length` bytes are there. Its own length may be more.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.minimumByteCount else { return nil }
    self.base = base
  }

  /// What follows this header, an ``IPProtocol``.
  @inlinable public var nextHeader: UInt8 { base.loadByte(Offset.nextHeader) }

  /// The header's length in bytes, 8...2048. Compare it with the bytes available before going on.
  @inlinable public var byteLength: Int { 8 + Int(base.loadByte(Offset.hdrExtLen)) * 8 }

  /// The type: 4 is the segment routing header, 0 is deprecated (RFC 5095).
  @inlinable public var routingType: UInt8 { base.loadByte(Offset.routingType) }

  /// Nodes still to be visited. A node that does not know the type ignores the header if this is 0, and refuses the
  /// packet if not.
  @inlinable public var segmentsLeft: UInt8 { base.loadByte(Offset.segmentsLeft) }
}
