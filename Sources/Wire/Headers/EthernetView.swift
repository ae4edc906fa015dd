// IEEE 802.3, clause 3.2 (RFC 894, RFC 2464), without preamble and frame check sequence:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Destination Address                      |
// +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                               |                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
// |                        Source Address                         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           EtherType           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// An Ethernet header of 14 bytes in place. The memory must outlive the view.
@frozen public struct EthernetView {
  @usableFromInline enum Offset {
    @inlinable static var destination: Int { 0 }
    @inlinable static var source: Int { 6 }
    @inlinable static var etherType: Int { 12 }
  }

  /// Bytes of the header.
  @inlinable public static var byteCount: Int { 14 }

  /// The header's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the header at `base`; nil if fewer than 14 of `length` bytes are there.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.byteCount else { return nil }
    self.base = base
  }

  /// The receiver's address.
  @inlinable public var destination: MACAddress {
    get { MACAddress(loadingFrom: base + Offset.destination) }
    nonmutating set { newValue.store(to: base + Offset.destination) }
  }

  /// The sender's address.
  @inlinable public var source: MACAddress {
    get { MACAddress(loadingFrom: base + Offset.source) }
    nonmutating set { newValue.store(to: base + Offset.source) }
  }

  /// What follows the header, an ``EtherType``, in host byte order.
  @inlinable public var etherType: UInt16 {
    get { base.loadBE16(Offset.etherType) }
    nonmutating set { base.storeBE16(newValue, at: Offset.etherType) }
  }
}
