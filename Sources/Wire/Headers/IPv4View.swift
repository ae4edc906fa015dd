// RFC 791, section 3.1; RFC 2474 and RFC 3168 for DSCP and ECN:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Version|  IHL  |   DSCP    |ECN|          Total Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Identification        |Flags|      Fragment Offset    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Time to Live |    Protocol   |         Header Checksum       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Source Address                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Destination Address                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Options                    |    Padding    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/// An IPv4 header in place: 20 bytes that are surely there; options are only after ``isWellFormed(available:)``.
/// The memory must outlive the view.
@frozen public struct IPv4View {
  @usableFromInline enum Offset {
    @inlinable static var versionAndIHL: Int { 0 }
    @inlinable static var typeOfService: Int { 1 }
    @inlinable static var totalLength: Int { 2 }
    @inlinable static var identification: Int { 4 }
    @inlinable static var flagsAndFragmentOffset: Int { 6 }
    @inlinable static var ttl: Int { 8 }
    @inlinable static var proto: Int { 9 }
    @inlinable static var checksum: Int { 10 }
    @inlinable static var source: Int { 12 }
    @inlinable static var destination: Int { 16 }
  }

  /// Bytes of a header without options.
  @inlinable public static var minimumByteCount: Int { 20 }

  /// The header's first byte.
  public let base: UnsafeMutableRawPointer

  /// Views the header at `base`; nil if fewer than 20 of `length` bytes are there. No field is looked at.
  @inlinable @inline(__always) public init?(at base: UnsafeMutableRawPointer, length: Int) {
    guard length >= Self.minimumByteCount else { return nil }
    self.base = base
  }

  /// The lengths agree with each other and with the `available` bytes from ``base`` on: version 4, IHL at least 5,
  /// header within Total Length within `available` (RFC 1812, section 5.2.2, checks 1, 3, 4 and 5).
  @inlinable public func isWellFormed(available: Int) -> Bool {
    version == 4 && ihl >= 5 && headerLength <= Int(totalLength) && Int(totalLength) <= available
  }

  /// The first byte, version and IHL: `0x45` without options.
  @inlinable public var versionAndIHL: UInt8 {
    get { base.loadByte(Offset.versionAndIHL) }
    nonmutating set { base.storeByte(newValue, at: Offset.versionAndIHL) }
  }

  /// The version, 4 if this is IPv4.
  @inlinable public var version: UInt8 { versionAndIHL >> 4 }

  /// The header length in 32-bit words, 5 without options.
  @inlinable public var ihl: UInt8 { versionAndIHL & 0x0f }

  /// The header length in bytes, options included.
  @inlinable public var headerLength: Int { Int(ihl) << 2 }

  /// DSCP and ECN, the former type of service, comparable to IPv6's traffic class.
  @inlinable public var typeOfService: UInt8 {
    get { base.loadByte(Offset.typeOfService) }
    nonmutating set { base.storeByte(newValue, at: Offset.typeOfService) }
  }

  /// The differentiated services code point, 0...63 (RFC 2474).
  @inlinable public var dscp: UInt8 { typeOfService >> 2 }

  /// The explicit congestion notification bits, 0...3 (RFC 3168).
  @inlinable public var ecn: UInt8 { typeOfService & 3 }

  /// Bytes of header and payload.
  @inlinable public var totalLength: UInt16 {
    get { base.loadBE16(Offset.totalLength) }
    nonmutating set { base.storeBE16(newValue, at: Offset.totalLength) }
  }

  /// Tells the fragments of one datagram from those of another.
  @inlinable public var identification: UInt16 {
    get { base.loadBE16(Offset.identification) }
    nonmutating set { base.storeBE16(newValue, at: Offset.identification) }
  }

  /// The three flags and the fragment offset in units of 8 bytes, in host byte order.
  @inlinable public var flagsAndFragmentOffset: UInt16 {
    get { base.loadBE16(Offset.flagsAndFragmentOffset) }
    nonmutating set { base.storeBE16(newValue, at: Offset.flagsAndFragmentOffset) }
  }

  /// DF: routers must not fragment.
  @inlinable public var dontFragment: Bool { flagsAndFragmentOffset & 0x4000 != 0 }

  /// MF: this is not the last fragment.
  @inlinable public var moreFragments: Bool { flagsAndFragmentOffset & 0x2000 != 0 }

  /// Where the payload belongs in the datagram, in bytes.
  @inlinable public var fragmentOffset: Int { Int(flagsAndFragmentOffset & 0x1fff) << 3 }

  /// Part of a datagram: MF or a fragment offset is set.
  @inlinable public var isFragment: Bool { flagsAndFragmentOffset & 0x3fff != 0 }

  /// Hops left. Writing it leaves the checksum alone: see ``decrementTTL()``.
  @inlinable public var ttl: UInt8 {
    get { base.loadByte(Offset.ttl) }
    nonmutating set { base.storeByte(newValue, at: Offset.ttl) }
  }

  /// What follows the header, an ``IPProtocol``.
  @inlinable public var `protocol`: UInt8 {
    get { base.loadByte(Offset.proto) }
    nonmutating set { base.storeByte(newValue, at: Offset.proto) }
  }

  /// The header checksum, in host byte order.
  @inlinable public var checksum: UInt16 {
    get { base.loadBE16(Offset.checksum) }
    nonmutating set { base.storeBE16(newValue, at: Offset.checksum) }
  }

  /// The source address.
  @inlinable public var source: IPv4Address {
    get { IPv4Address(loadingFrom: base + Offset.source) }
    nonmutating set { newValue.store(to: base + Offset.source) }
  }

  /// The destination address.
  @inlinable public var destination: IPv4Address {
    get { IPv4Address(loadingFrom: base + Offset.destination) }
    nonmutating set { newValue.store(to: base + Offset.destination) }
  }
}
