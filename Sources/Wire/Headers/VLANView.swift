// IEEE 802.1Q, clause 9.6: what follows an EtherType of 0x8100 or 0x88a8.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | PCP |D|          VID          |           EtherType           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// The 4 bytes of an 802.1Q tag behind its EtherType (tag control information, inner EtherType), in place.
/// The memory must outlive the view.
@frozen public struct VLANView {
  @usableFromInline enum Offset {
    @inlinable static var tagControl: Int { 0 }
    @inlinable static var etherType: Int { 2 }
  }

  /// Bytes of the tag behind its EtherType.
  @inlinable public static var byteCount: Int { 4 }

  /// The first byte of the tag control information.
  public let base: UnsafeMutableRawPointer

  /// Views the tag at `base`; nil if fewer than 4 of `length` bytes are there.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.byteCount else { return nil }
    self.base = base
  }

  /// The tag control information, PCP, DEI and VID, in host byte order.
  @inlinable public var tagControl: UInt16 {
    get { base.loadBE16(Offset.tagControl) }
    nonmutating set { base.storeBE16(newValue, at: Offset.tagControl) }
  }

  /// The priority code point, 0...7.
  @inlinable public var priority: UInt8 { UInt8(truncatingIfNeeded: tagControl >> 13) }

  /// The drop eligible indicator.
  @inlinable public var dropEligible: Bool { tagControl & 0x1000 != 0 }

  /// The VLAN identifier, 0...4095; 0 carries a priority only.
  @inlinable public var vlanID: UInt16 { tagControl & 0x0fff }

  /// What follows the tag, an ``EtherType``, in host byte order.
  @inlinable public var etherType: UInt16 {
    get { base.loadBE16(Offset.etherType) }
    nonmutating set { base.storeBE16(newValue, at: Offset.etherType) }
  }
}
