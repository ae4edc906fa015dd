import Wire

/// A search along the chain of an IPv6 packet's headers (RFC 8200, section 4), which reads no more of a header than it
/// needs to step over it, and judges none.
@frozen public struct HeaderSearch: Sendable {
  /// How a search ended.
  @frozen public enum Status: UInt8, Sendable {
    /// The header is at ``HeaderSearch/offset``.
    case found
    /// The chain ends before it, or a fragment that is not the first hides it.
    case absent
    /// A header reaches beyond the packet.
    case truncated
    /// More bytes must be readable: ``HeaderSearch/needed``.
    case needsMore
    /// More headers than any sender has a reason for.
    case tooManyHeaders
  }

  /// How it ended.
  public var status = Status.absent
  /// The protocol number of the header at ``offset``.
  public var nextHeader: UInt8
  /// Where that header begins, bytes from the IPv6 header.
  public var offset = IPv6View.byteCount
  /// The offset of the byte that names it.
  public var namedAt = 6
  /// The first fragment of a larger packet was stepped into.
  public var isInFragment = false
  /// With `needsMore`: how many bytes from the IPv6 header must be readable.
  public var needed = 0

  /// Searches for a header.
  ///
  /// - Parameters:
  ///   - header: The IPv6 header, all 40 bytes readable.
  ///   - length: Bytes of the packet from `header` on.
  ///   - readable: How many of them may be read here, at most `length`.
  ///   - target: The header's protocol number; nil looks for the first that is no extension header.
  ///   - skipsSpent: Passes routing headers that have no segments left.
  public init(
    _ header: UnsafeMutableRawPointer, length: Int, readable: Int, for target: UInt8?, skipsSpent: Bool = false
  ) {
    nextHeader = header.loadByte(namedAt)
    var left = 4 &* ExtensionHeaderWalk.limit
    while ExtensionHeaderWalk.isExtensionHeader(nextHeader) {
      guard left > 0 else {
        status = .tooManyHeaders
        return
      }
      left &-= 1
      guard holds(offset &+ 8, length: length, readable: readable) else { return }
      let at = header + offset
      let isSpent = skipsSpent && nextHeader == IPProtocol.routing && at.loadByte(3) == 0
      if nextHeader == target && !isSpent {
        status = .found
        return
      }
      if nextHeader == IPProtocol.fragment {
        if at.loadBE16(2) & 0xfff8 != 0 { return }
        isInFragment = isInFragment || at.loadBE16(2) & 1 != 0
      }
      namedAt = offset
      offset &+= HeaderSearch.byteCount(nextHeader, at)
      nextHeader = at.loadByte(0)
    }
    if nextHeader == target || target == nil { status = .found }
  }

  /// The length that an extension header says it has.
  public static func byteCount(_ kind: UInt8, _ at: UnsafeMutableRawPointer) -> Int {
    switch kind {
    case IPProtocol.fragment: 8
    case IPProtocol.ah: (Int(at.loadByte(1)) &+ 2) &* 4
    default: (Int(at.loadByte(1)) &+ 1) &* 8
    }
  }

  private mutating func holds(_ end: Int, length: Int, readable: Int) -> Bool {
    if end <= readable { return true }
    needed = end
    status = end > length ? .truncated : .needsMore
    return false
  }
}
