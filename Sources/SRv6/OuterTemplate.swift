import Wire

/// A finished outer header, but for what depends on the packet. Control builds it, workers copy its bytes.
public struct OuterTemplate: Sendable {
  /// The bytes: an IPv6 header and a segment routing header, or one of the two alone.
  public let bytes: [UInt8]
  /// The offset of the byte that names what is inside.
  public let namedAt: Int
  /// The first segment.
  public let first: IPv6Address

  /// An outer IPv6 header with the path's segment routing header (RFC 8986, sections 5.1 and 5.2).
  ///
  /// - Parameters:
  ///   - segments: The path, the first to visit first; 1 to 127.
  ///   - source: The outer source.
  ///   - isReduced: Leaves the first segment to the outer destination; a path of one then has no routing header.
  public static func encapsulation(segments: [IPv6Address], source: IPv6Address, isReduced: Bool) -> OuterTemplate {
    let listed = isReduced ? Array(segments.dropFirst()) : segments
    let hasSRH = !listed.isEmpty
    let header = IPv6Header(
      payloadLength: 0, nextHeader: hasSRH ? IPProtocol.routing : 0, hopLimit: 0, source: source,
      destination: segments[0])
    let srh = hasSRH ? routingHeader(listed, segmentsLeft: segments.count - 1) : []
    return OuterTemplate(
      bytes: header.bytes + srh, namedAt: hasSRH ? IPv6View.byteCount : 6, first: segments[0])
  }

  /// A segment routing header to insert: the path, and behind it the packet's own destination, which is filled in.
  public static func insertion(segments: [IPv6Address]) -> OuterTemplate {
    let listed = segments + [IPv6Address(high: 0, low: 0)]
    return OuterTemplate(
      bytes: routingHeader(listed, segmentsLeft: segments.count), namedAt: 0, first: segments[0])
  }

  /// RFC 8754, section 2: the last segment first.
  private static func routingHeader(_ listed: [IPv6Address], segmentsLeft: Int) -> [UInt8] {
    let fixed = [
      0, UInt8(2 * listed.count), SRHView.routingType, UInt8(segmentsLeft), UInt8(listed.count - 1), 0, 0, 0,
    ]
    return fixed + listed.reversed().flatMap(\.bytes)
  }
}

extension IPv6Address {
  var bytes: [UInt8] {
    [high, low].flatMap { half in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) } }
  }
}
