/// Reads Ethernet frames from a capture file: pcap (draft-ietf-opsawg-pcap) of either byte order with microseconds or
/// nanoseconds, or pcapng (draft-ietf-opsawg-pcapng) with Enhanced Packet Blocks.
public struct PcapReader: Sendable {
  private enum Format {
    /// `unitsPerSecond` of the timestamps' fractions.
    case classic(unitsPerSecond: UInt64)
    case pcapng(PcapngSection)
  }

  private var bytes: PcapBytes
  private var format: Format
  /// The next record or block.
  private var offset: Int

  /// Opens a file and reads its header. A regular file is mapped, not copied.
  public init(file: String) throws(PcapError) {
    bytes = try PcapBytes(file: file)
    try bytes.need(4, at: 0, "the magic number")
    let magic = bytes.number32(at: 0)
    switch magic {
    case PcapngSection.sectionHeader:
      (format, offset) = (.pcapng(PcapngSection()), 0)
      return
    case 0xa1b2_c3d4, 0xd4c3_b2a1: format = .classic(unitsPerSecond: 1_000_000)
    case 0xa1b2_3c4d, 0x4d3c_b2a1: format = .classic(unitsPerSecond: 1_000_000_000)
    default:
      throw bytes.error(
        "0x\(String(magic, radix: 16)) is no magic number of pcap or pcapng", at: 0,
        remedy: "unpack the file if it is compressed, or convert it with `editcap -F pcap`")
    }
    bytes.isBigEndian = magic & 0xff != 0xd4 && magic & 0xff != 0x4d
    offset = 24
    try bytes.need(offset, at: 0, "the file header")
    let version = bytes.number16(at: 4)
    guard version == 2 else {
      throw bytes.error("pcap version \(version) is not 2", at: 4, remedy: "convert it with `editcap -F pcap`")
    }
    // The upper half of the field says whether frames carry their check sequence.
    try bytes.needEthernet(bytes.number32(at: 20) & 0xffff, at: 20)
  }

  /// The next packet; nil at the end of the file. After an error the position does not move: the rest of the file
  /// cannot be trusted.
  public mutating func next() throws(PcapError) -> CapturedPacket? {
    switch format {
    case .classic(let unitsPerSecond): return try nextRecord(unitsPerSecond)
    case .pcapng(var section):
      defer { format = .pcapng(section) }
      return try section.next(&bytes, &offset)
    }
  }

  /// The bytes of all packets from here on.
  public var frames: [[UInt8]] {
    get throws(PcapError) {
      var reader = self
      var frames: [[UInt8]] = []
      while let packet = try reader.next() { frames.append(packet.bytes) }
      return frames
    }
  }

  private mutating func nextRecord(_ unitsPerSecond: UInt64) throws(PcapError) -> CapturedPacket? {
    guard offset < bytes.count else { return nil }
    try bytes.need(16, at: offset, "a packet's header")
    let length = bytes.number32(at: offset + 8)
    try bytes.needFrame(length, at: offset + 16, header: offset)
    let fraction = UInt64(bytes.number32(at: offset + 4))
    let packet = CapturedPacket(
      seconds: UInt64(bytes.number32(at: offset)) + fraction / unitsPerSecond,
      nanoseconds: UInt32(fraction % unitsPerSecond * (1_000_000_000 / unitsPerSecond)),
      originalLength: Int(bytes.number32(at: offset + 12)), bytes: bytes.bytes(at: offset + 16, count: length))
    offset += 16 + Int(length)
    return packet
  }
}
