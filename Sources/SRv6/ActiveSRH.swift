import Wire

/// The segment routing header that an endpoint works on: the first routing header of a packet that has segments left
/// (RFC 8200, section 4.4; RFC 8754, section 4.3.1).
@frozen public struct ActiveSRH: Sendable {
  /// `complete` where the packet can be worked on; what is wrong with it elsewhere.
  public var status: WalkStatus
  /// Whether there is one; else the packet is at its last segment.
  public var isFound = false
  /// It stands behind a fragment header of a packet that is not whole.
  public var isInFragment: Bool
  /// Where it begins, bytes from the IPv6 header.
  public var offset: Int
  /// The offset of the byte that names it.
  public var namedAt: Int
  /// With `needsMore`: how many bytes from the IPv6 header must be readable.
  public var needed: Int

  /// Finds it.
  ///
  /// - Parameters:
  ///   - header: The IPv6 header, all 40 bytes readable.
  ///   - length: Bytes of the packet from `header` on.
  ///   - readable: How many of them may be read here, at most `length`.
  ///   - hasPad1: See ``SRHView/isConsistent(available:hasPad1:)``.
  public init(_ header: UnsafeMutableRawPointer, length: Int, readable: Int, hasPad1: Bool = true) {
    let search = HeaderSearch(
      header, length: length, readable: readable, for: IPProtocol.routing, skipsSpent: true)
    (offset, namedAt, needed) = (search.offset, search.namedAt, search.needed)
    isInFragment = search.isInFragment
    switch search.status {
    case .found: status = .complete
    case .absent:
      status = .complete
      return
    case .truncated: status = .truncated
    case .needsMore: status = .needsMore
    case .tooManyHeaders: status = .tooManyHeaders
    }
    guard status == .complete else { return }
    let at = header + offset
    let end = offset &+ HeaderSearch.byteCount(IPProtocol.routing, at)
    guard end <= readable else {
      needed = end
      status = end > length ? .truncated : .needsMore
      return
    }
    let srh = SRHView(at: at, length: end &- offset).unsafelyUnwrapped
    if srh.routingType != SRHView.routingType {
      status = .unknownRoutingHeader
    } else if !srh.isConsistent(available: end &- offset, hasPad1: hasPad1) {
      status = .srhMalformed
    } else {
      isFound = true
    }
  }
}
