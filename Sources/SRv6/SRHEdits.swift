import Wire

/// What endpoints and headends do to the bytes of a packet. All of it on memory that the caller has checked: no read or
/// write goes beyond what each function says.
public enum SRHEdits {
  /// Moves a packet to its next segment: Segments Left less one, and that segment the destination (RFC 8986, section
  /// 4.1, S12 to S14). The header is whole and consistent, and has segments left.
  @inlinable @inline(__always) public static func advance(_ header: UnsafeMutableRawPointer, srh offset: Int) {
    let srh = SRHView(at: header + offset, length: SRHView.minimumByteCount).unsafelyUnwrapped
    let left = srh.segmentsLeft &- 1
    srh.segmentsLeft = left
    // An address is copied as it lies there.
    let segment = (header + offset + 8 + Int(left) &* 16).loadUnaligned(as: SIMD16<UInt8>.self)
    (header + 24).storeBytes(of: segment, as: SIMD16<UInt8>.self)
  }

  /// Removes the segment routing header at `offset`, which the byte at `namedAt` names, by moving what is before it
  /// (RFC 8986, section 4.16.1). Returns where the IPv6 header then begins.
  public static func pop(
    _ header: UnsafeMutableRawPointer, srh offset: Int, namedAt: Int
  ) -> UnsafeMutableRawPointer {
    let srh = SRHView(at: header + offset, length: SRHView.minimumByteCount).unsafelyUnwrapped
    let byteCount = srh.byteLength
    header.storeByte(srh.nextHeader, at: namedAt)
    addToPayloadLength(header, 0 &- byteCount)
    (header + byteCount).copyMemory(from: header, byteCount: offset)
    return header + byteCount
  }

  /// Puts a finished segment routing header of `byteCount` bytes between the IPv6 header and what follows it, the
  /// packet's destination its last segment and `first` the new destination (draft-filsfils-spring-srv6-net-pgm-insertion;
  /// Linux's `inline` and End.B6). `byteCount` bytes before `header` are written. Returns where the IPv6 header then
  /// begins.
  public static func insert(
    _ template: UnsafeRawPointer, byteCount: Int, first: IPv6Address, _ header: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let moved = header - byteCount
    moved.copyMemory(from: header, byteCount: IPv6View.byteCount)
    let srh = moved + IPv6View.byteCount
    srh.copyMemory(from: template, byteCount: byteCount)
    let ip = IPv6View(at: moved, length: IPv6View.byteCount).unsafelyUnwrapped
    srh.storeByte(ip.nextHeader, at: 0)
    ip.destination.store(to: srh + SRHView.minimumByteCount)
    ip.nextHeader = IPProtocol.routing
    ip.destination = first
    addToPayloadLength(moved, byteCount)
    return moved
  }

  /// Writes a finished outer header of `byteCount` bytes in front of a packet (RFC 8986, section 5.1). Its first word,
  /// payload length, hop limit and the byte at `namedAt`, which names what is inside, are filled in. Returns where the
  /// outer header begins.
  @inlinable @inline(__always) public static func encapsulate(
    _ template: UnsafeRawPointer, byteCount: Int, namedAt: Int, _ inner: OuterFields, _ packet: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let outer = packet - byteCount
    outer.copyMemory(from: template, byteCount: byteCount)
    outer.storeBE32(6 &<< 28 | UInt32(inner.trafficClass) &<< 20 | inner.flowLabel, at: 0)
    outer.storeBE16(UInt16(truncatingIfNeeded: inner.length &+ byteCount &- IPv6View.byteCount), at: 4)
    outer.storeByte(inner.hopLimit, at: 7)
    outer.storeByte(inner.nextHeader, at: namedAt)
    return outer
  }

  static func addToPayloadLength(_ header: UnsafeMutableRawPointer, _ change: Int) {
    header.storeBE16(header.loadBE16(4) &+ UInt16(truncatingIfNeeded: change), at: 4)
  }
}

/// What an outer header says of the packet inside.
@frozen public struct OuterFields: Sendable {
  /// Bytes of the inner packet.
  public var length: Int
  /// Its protocol number.
  public var nextHeader: UInt8
  /// The outer traffic class.
  public var trafficClass: UInt8
  /// The outer flow label, 20 bits.
  public var flowLabel: UInt32
  /// The outer hop limit.
  public var hopLimit: UInt8

  /// Makes the fields.
  @inlinable @inline(__always) public init(
    length: Int, nextHeader: UInt8, trafficClass: UInt8, flowLabel: UInt32, hopLimit: UInt8
  ) {
    self.length = length
    self.nextHeader = nextHeader
    self.trafficClass = trafficClass
    self.flowLabel = flowLabel
    self.hopLimit = hopLimit
  }
}
