/// What a reader must know of the current section of a pcapng file (draft-ietf-opsawg-pcapng): its interfaces.
struct PcapngSection: Sendable {
  /// The same in both byte orders.
  static let sectionHeader: UInt32 = 0x0a0d_0d0a

  private struct Interface {
    var linkType: UInt32
    /// The place of the link type, for errors.
    var offset: Int
    var unitsPerSecond: UInt64
  }

  private var interfaces: [Interface] = []

  /// Reads blocks from `offset` on up to and including the next packet; nil at the end of the file.
  mutating func next(_ bytes: inout PcapBytes, _ offset: inout Int) throws(PcapError) -> CapturedPacket? {
    while offset < bytes.count {
      let start = offset
      let length = try blockLength(&bytes, at: start)
      var packet: CapturedPacket?
      switch bytes.number32(at: start) {
      case Self.sectionHeader: interfaces = []
      case 1: try addInterface(bytes, at: start, length: length)
      case 6: packet = try enhancedPacket(bytes, at: start, length: length)
      case 2, 3:
        throw bytes.error(
          "a Simple or obsolete Packet Block", at: start, remedy: "convert the file with `editcap -F pcap`")
      default: break  // Statistics, names, comments: nothing that a packet needs.
      }
      offset = start + length
      if let packet { return packet }
    }
    return nil
  }

  /// Checks the block's length and both its ends. A section header sets the byte order first.
  private func blockLength(_ bytes: inout PcapBytes, at start: Int) throws(PcapError) -> Int {
    try bytes.need(12, at: start, "a block's header")
    if bytes.number32(at: start) == Self.sectionHeader {
      bytes.isBigEndian = false
      let order = bytes.number32(at: start + 8)
      guard order == 0x1a2b_3c4d || order == 0x4d3c_2b1a else {
        throw damaged(bytes, "a section without its byte-order magic", at: start + 8)
      }
      bytes.isBigEndian = order == 0x4d3c_2b1a
    }
    let length = Int(bytes.number32(at: start + 4))
    guard length >= 12, length % 4 == 0, length <= PcapFormat.longestBlock else {
      throw damaged(bytes, "a block length of \(length)", at: start + 4)
    }
    try bytes.need(length, at: start, "a block")
    guard Int(bytes.number32(at: start + length - 4)) == length else {
      throw damaged(bytes, "a block whose two lengths differ", at: start)
    }
    return length
  }

  private func damaged(_ bytes: PcapBytes, _ problem: String, at offset: Int) -> PcapError {
    bytes.error(
      "\(problem): the file is damaged here", at: offset,
      remedy: "capture or copy it again; `editcap` saves the packets before this one")
  }

  private mutating func addInterface(_ bytes: PcapBytes, at start: Int, length: Int) throws(PcapError) {
    guard length >= 20 else { throw damaged(bytes, "an interface of \(length) bytes", at: start) }
    let exponent = try timestampResolution(bytes, at: start, options: start + 16..<start + length - 4)
    let base: UInt64 = exponent & 0x80 == 0 ? 10 : 2
    let unitsPerSecond = (0..<exponent & 0x7f).reduce(UInt64(1)) { units, _ in units * base }
    interfaces.append(
      Interface(linkType: UInt32(bytes.number16(at: start + 8)), offset: start + 8, unitsPerSecond: unitsPerSecond))
  }

  /// The option if_tsresol: a negative power of 10 or, with the top bit set, of 2; microseconds without it.
  private func timestampResolution(_ bytes: PcapBytes, at start: Int, options: Range<Int>) throws(PcapError) -> UInt8 {
    var option = options.lowerBound
    while option + 4 <= options.upperBound {
      let code = bytes.number16(at: option)
      let length = Int(bytes.number16(at: option + 2))
      guard code != 0 else { break }
      guard option + 4 + length <= options.upperBound else { throw damaged(bytes, "an option too long", at: option) }
      if code == 9, length == 1 {
        let exponent = bytes.bytes(at: option + 4, count: 1)[0]
        // 10^19 and 2^63 are the largest that fit in 64 bits.
        guard exponent <= 19 || (0x80...0xbf).contains(exponent) else {
          throw damaged(bytes, "a timestamp resolution of \(exponent)", at: option)
        }
        return exponent
      }
      option += 4 + (length + 3) / 4 * 4
    }
    return 6
  }

  private func enhancedPacket(_ bytes: PcapBytes, at start: Int, length: Int) throws(PcapError) -> CapturedPacket {
    guard length >= 32 else { throw damaged(bytes, "a packet block of \(length) bytes", at: start) }
    let index = Int(bytes.number32(at: start + 8))
    guard index < interfaces.count else {
      throw damaged(bytes, "a packet of interface \(index) of \(interfaces.count)", at: start + 8)
    }
    let interface = interfaces[index]
    try bytes.needEthernet(interface.linkType, at: interface.offset)
    let captured = bytes.number32(at: start + 20)
    try bytes.needFrame(captured, at: start + 28, header: start)
    guard Int(captured) <= length - 32 else {
      throw damaged(bytes, "a packet of \(captured) bytes in a block of \(length)", at: start + 20)
    }
    let time = UInt64(bytes.number32(at: start + 12)) << 32 | UInt64(bytes.number32(at: start + 16))
    let units = interface.unitsPerSecond
    let product = (time % units).multipliedFullWidth(by: 1_000_000_000)
    return CapturedPacket(
      seconds: time / units, nanoseconds: UInt32(units.dividingFullWidth(product).quotient),
      originalLength: Int(bytes.number32(at: start + 24)), bytes: bytes.bytes(at: start + 28, count: captured))
  }
}
