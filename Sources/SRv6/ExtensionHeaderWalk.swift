import Wire

/// How a walk over IPv6 extension headers ended.
@frozen public enum WalkStatus: UInt8, Sendable {
  /// The upper-layer header is found.
  case complete
  /// The next header lies behind the bytes that can be read; ``ExtensionHeaderWalk/needed`` says how many must be.
  case needsMore
  /// A header reaches beyond the packet.
  case truncated
  /// The segment routing header contradicts itself (RFC 8754, sections 2 and 4.3.1.1).
  case srhMalformed
  /// A routing header of another type with segments left (RFC 8200, section 4.4).
  case unknownRoutingHeader
  /// A fragment of a larger packet: its upper-layer header cannot be relied on.
  case fragment
  /// More headers than any sender has a reason for.
  case tooManyHeaders
}

/// Where a walk from an IPv6 header over its extension headers came to, as an endpoint makes it for a packet to one of
/// its SIDs (RFC 8754, section 4.3; RFC 8200, section 4).
@frozen public struct ExtensionHeaderWalk: Sendable {
  /// More extension headers than this in one packet are refused: a bound on the work that one packet can ask for.
  public static let limit = 8

  /// How it ended.
  public var status = WalkStatus.complete
  /// What the segment routing header said; `noSRH` where there was none.
  public var state = SegmentState.noSRH
  /// The protocol number of the header at ``offset``.
  public var nextHeader: UInt8
  /// Where the header that ``nextHeader`` names begins, bytes from the IPv6 header.
  public var offset: Int
  /// Where the segment routing header that decided on ``state`` begins; 0 where there was none with segments left.
  public var srhOffset = 0
  /// With `needsMore`: how many bytes from the IPv6 header must be readable.
  public var needed = 0

  @inlinable @inline(__always) init(state: SegmentState, nextHeader: UInt8, offset: Int) {
    self.state = state
    self.nextHeader = nextHeader
    self.offset = offset
  }

  /// Passes what nearly every packet to its last segment has and no more: a consistent segment routing header with
  /// Segments Left 0 and no TLVs, right behind the IPv6 header. Where ``nextHeader`` is then no upper-layer header,
  /// ``run(_:length:readable:)`` goes on.
  ///
  /// - Parameters:
  ///   - header: The IPv6 header, all 40 bytes readable.
  ///   - readable: How many bytes may be read from `header` on.
  @inlinable @inline(__always) public static func first(
    _ header: UnsafeMutableRawPointer, readable: Int
  ) -> ExtensionHeaderWalk {
    let first = IPv6View(at: header, length: IPv6View.byteCount).unsafelyUnwrapped.nextHeader
    if first == IPProtocol.routing, readable >= IPv6View.byteCount &+ SRHView.minimumByteCount {
      let srh = SRHView(at: header + IPv6View.byteCount, length: SRHView.minimumByteCount).unsafelyUnwrapped
      let end = IPv6View.byteCount &+ SRHView.minimumByteCount &+ Int(srh.hdrExtLen) &* 8
      if srh.isAtLastSegment, Int(srh.hdrExtLen) == 2 &* Int(srh.lastEntry) &+ 2, end <= readable {
        return ExtensionHeaderWalk(state: .last, nextHeader: srh.nextHeader, offset: end)
      }
    }
    return ExtensionHeaderWalk(state: .noSRH, nextHeader: first, offset: IPv6View.byteCount)
  }

  /// Walks to the upper-layer header over whatever there is, or over the first segment routing header that has segments
  /// left: nothing behind it counts (RFC 8986, section 4.4, S02 and S03).
  ///
  /// - Parameters:
  ///   - header: The IPv6 header, all 40 bytes readable.
  ///   - length: Bytes of the packet from `header` on.
  ///   - readable: How many of them may be read here, at most `length`.
  public static func run(_ header: UnsafeMutableRawPointer, length: Int, readable: Int) -> ExtensionHeaderWalk {
    let first = IPv6View(at: header, length: IPv6View.byteCount).unsafelyUnwrapped.nextHeader
    var walk = ExtensionHeaderWalk(state: .noSRH, nextHeader: first, offset: IPv6View.byteCount)
    var left = limit
    while isExtensionHeader(walk.nextHeader), walk.srhOffset == 0 {
      walk.status = left == 0 ? .tooManyHeaders : walk.step(header, length: length, readable: readable)
      if walk.status != .complete { break }
      left &-= 1
    }
    return walk
  }

  /// Whether a protocol number is that of an extension header that a walk steps over.
  public static func isExtensionHeader(_ nextHeader: UInt8) -> Bool {
    switch nextHeader {
    case IPProtocol.routing, IPProtocol.hopByHop, IPProtocol.destinationOptions, IPProtocol.fragment, IPProtocol.ah:
      true
    default: false
    }
  }

  /// Steps over one extension header: every one is at least 8 bytes and says its own length in its second.
  mutating func step(_ header: UnsafeMutableRawPointer, length: Int, readable: Int) -> WalkStatus {
    if let status = shortage(of: 8, length: length, readable: readable) { return status }
    let at = header + offset
    let byteCount =
      switch nextHeader {
      case IPProtocol.fragment: 8
      case IPProtocol.ah: (Int(at.loadByte(1)) &+ 2) &* 4
      default: (Int(at.loadByte(1)) &+ 1) &* 8
      }
    if let status = shortage(of: byteCount, length: length, readable: readable) { return status }
    switch nextHeader {
    case IPProtocol.routing:
      let status = routing(at, available: byteCount)
      if status != .complete { return status }
    case IPProtocol.fragment:
      // An atomic fragment (RFC 6946) is a whole packet; anything else is not.
      if at.loadBE16(2) & 0xfff9 != 0 { return .fragment }
    default: break
    }
    nextHeader = at.loadByte(0)
    offset &+= byteCount
    return .complete
  }

  mutating func routing(_ at: UnsafeMutableRawPointer, available: Int) -> WalkStatus {
    guard let srh = SRHView(at: at, length: available) else { return .truncated }
    if srh.routingType != SRHView.routingType {
      return srh.segmentsLeft == 0 ? .complete : .unknownRoutingHeader
    }
    if !srh.isConsistent(available: available) { return .srhMalformed }
    state = SegmentState(segmentsLeft: srh.segmentsLeft)
    if srh.segmentsLeft > 0 { srhOffset = offset }
    return .complete
  }

  mutating func shortage(of count: Int, length: Int, readable: Int) -> WalkStatus? {
    let end = offset &+ count
    if end <= readable { return nil }
    needed = end
    return end > length ? .truncated : .needsMore
  }
}
