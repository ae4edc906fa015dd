// UDP (RFC 768) and TCP (RFC 9293, section 3.1) begin alike:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Source Port          |       Destination Port        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// The ports of a UDP or TCP header in place, 4 bytes, for flow hashes. The memory must outlive the view.
@frozen public struct TransportPortsView {
  @usableFromInline enum Offset {
    @inlinable static var source: Int { 0 }
    @inlinable static var destination: Int { 2 }
  }

  /// Bytes of the two ports.
  @inlinable public static var byteCount: Int { 4 }

  /// The first byte of the UDP or TCP header.
  public let base: UnsafeMutableRawPointer

  /// Views the ports at `base`; nil if fewer than 4 of `length` bytes are there.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.byteCount else { return nil }
    self.base = base
  }

  /// The source port, in host byte order.
  @inlinable public var source: UInt16 { base.loadBE16(Offset.source) }

  /// The destination port, in host byte order.
  @inlinable public var destination: UInt16 { base.loadBE16(Offset.destination) }

  /// Both ports, the source in the upper 16 bits, in host byte order.
  @inlinable public var pair: UInt32 { base.loadBE32(Offset.source) }
}
