// Hop-by-Hop and Destination Options, RFC 8200, sections 4.3 and 4.6; other headers share the first two bytes
// (RFC 6564, section 4):
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Header  |  Hdr Ext Len  |                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
// .                   Header-specific data                        .
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// What all IPv6 extension headers have in common, in place: 8 bytes that are surely there.
/// The memory must outlive the view.
@frozen public struct ExtensionHeaderView {
  @usableFromInline enum Offset {
    @inlinable static var nextHeader: Int { 0 }
    @inlinable static var hdrExtLen: Int { 1 }
  }

  /// Bytes of the smallest extension header.
  @inlinable public static var minimumByteCount: Int { 8 }

  /// The header's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the header at `base`; nil if fewer than 8 of `length` bytes are there. Its own length may be more.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.minimumByteCount else { return nil }
    self.base = base
  }

  /// What follows this header, an ``IPProtocol``.
  @inlinable public var nextHeader: UInt8 {
    get { base.loadByte(Offset.nextHeader) }
    nonmutating set { base.storeByte(newValue, at: Offset.nextHeader) }
  }

  /// The length field, whose unit depends on the header: see ``byteLength(as:)``.
  @inlinable public var hdrExtLen: UInt8 { base.loadByte(Offset.hdrExtLen) }

  /// The header's length in bytes, 8...2048, if `kind` (an ``IPProtocol``) announced it. Compare it with
  /// the bytes available before going on.
  @inlinable public func byteLength(as kind: UInt8) -> Int {
    switch kind {
    case IPProtocol.fragment: 8  // The byte is reserved there (RFC 8200, section 4.5).
    case IPProtocol.ah: (Int(hdrExtLen) + 2) * 4  // 32-bit words, less 2 (RFC 4302, section 2.2).
    default: 8 + Int(hdrExtLen) * 8  // 64-bit words, less the first.
    }
  }

  /// The header is one that a search for the upper layer steps over: options, routing, fragment, AH.
  @inlinable public static func isExtensionHeader(_ kind: UInt8) -> Bool {
    switch kind {
    case IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.fragment, IPProtocol.ah, IPProtocol.destinationOptions:
      true
    default: false
    }
  }
}
