import SRv6

/// What an endpoint makes of a packet's headers, transcribed once more from RFC 8200, section 4, and RFC 8754, sections
/// 2.1 and 4.3.1.1, over a byte array and without a thought for speed.
struct NaiveWalk: Equatable {
  var status = WalkStatus.complete
  var segmentsLeft: UInt8?
  var nextHeader: UInt8
  var offset = 40

  init(_ packet: [UInt8]) {
    nextHeader = packet[6]
    var headers = 0
    while isAtItsEnd, [0, 43, 44, 51, 60].contains(nextHeader) {
      headers += 1
      status = headers > 8 ? .tooManyHeaders : step(over: packet[offset...])
    }
  }

  /// It came to the upper-layer header.
  var isAtItsEnd: Bool { status == .complete && (segmentsLeft ?? 0) == 0 }

  private mutating func step(over bytes: ArraySlice<UInt8>) -> WalkStatus {
    guard let header = Self.header(nextHeader, in: bytes) else { return .truncated }
    if let fault = fault(of: header) { return fault }
    nextHeader = header[0]
    offset += header.count
    return .complete
  }

  /// The extension header at the front of `bytes`; nil if it is not all there.
  private static func header(_ kind: UInt8, in bytes: ArraySlice<UInt8>) -> [UInt8]? {
    guard bytes.count >= 8 else { return nil }
    let field = Int(bytes[bytes.startIndex + 1])
    let length =
      switch kind {
      case 44: 8  // RFC 8200, section 4.5: no length field
      case 51: 4 * (field + 2)  // RFC 4302, section 2.2: 32-bit words, minus 2
      default: 8 * (field + 1)  // RFC 8200: 8-octet units, not including the first 8
      }
    return bytes.count >= length ? Array(bytes.prefix(length)) : nil
  }

  private mutating func fault(of header: [UInt8]) -> WalkStatus? {
    if nextHeader == 44 {
      // RFC 6946: a fragment whose offset is 0 and whose M flag is clear is a whole packet.
      let isWhole = header[2] == 0 && header[3] & 0xf8 == 0 && header[3] & 1 == 0
      return isWhole ? nil : .fragment
    }
    guard nextHeader == 43 else { return nil }
    // RFC 8200, section 4.4: an unknown type is ignored at Segments Left 0.
    guard header[2] == 4 else { return header[3] == 0 ? nil : .unknownRoutingHeader }
    guard !Self.isMalformed(srh: header) else { return .srhMalformed }
    segmentsLeft = header[3]
    return nil
  }

  /// RFC 8754, section 4.3.1.1, S09...S11, and the TLVs of section 2.1.
  static func isMalformed(srh header: [UInt8]) -> Bool {
    let (hdrExtLen, segmentsLeft, lastEntry) = (Int(header[1]), Int(header[3]), Int(header[4]))
    let maxLastEntry = hdrExtLen / 2 - 1
    if lastEntry > maxLastEntry || segmentsLeft > lastEntry + 1 { return true }
    var tlvs = header[(8 + 16 * (lastEntry + 1))...]
    while let type = tlvs.first {
      if type == 0 {
        tlvs = tlvs.dropFirst()
      } else {
        guard tlvs.count >= 2, tlvs.count >= 2 + Int(tlvs[tlvs.startIndex + 1]) else { return true }
        tlvs = tlvs.dropFirst(2 + Int(tlvs[tlvs.startIndex + 1]))
      }
    }
    return false
  }

  /// Whether a walk says the same; where it ended early only how it ended matters.
  func agrees(with walk: ExtensionHeaderWalk) -> Bool {
    guard walk.status == status else { return false }
    guard status == .complete else { return true }
    let state: SegmentState =
      switch segmentsLeft {
      case nil: .noSRH
      case 0: .last
      case 1: .penultimate
      default: .transit
      }
    return walk.state == state && walk.nextHeader == nextHeader && walk.offset == offset
  }
}
