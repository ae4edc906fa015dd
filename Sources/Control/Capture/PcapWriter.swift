import Foundation

/// Writes a pcap file: little-endian, microseconds, Ethernet. Every packet is one write, so a file that is cut short by
/// a kill ends with a whole packet. The file is closed with the last copy of the writer.
public struct PcapWriter {
  private let file: String
  private let handle: FileHandle

  /// Creates the file, or empties it, and writes its header.
  public init(file: String) throws(PcapError) {
    self.file = file
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw PcapError(
        file: file, problem: "cannot be created (\(String(cString: strerror(errno))))",
        remedy: "name a file in a folder that can be written to")
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    // Magic, version 2.4, time zone and accuracy 0, longest packet, link type.
    let fields: [UInt32] = [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, UInt32(PcapFormat.longestFrame), PcapFormat.ethernet]
    try write(fields, then: [])
  }

  /// Appends a packet. Its time is cut to microseconds, and to 2106 if it is later.
  public func write(_ packet: CapturedPacket) throws(PcapError) {
    guard packet.bytes.count <= PcapFormat.longestFrame else {
      throw PcapError(
        file: file, problem: "a packet of \(packet.bytes.count) bytes cannot be written",
        remedy: "cut it to \(PcapFormat.longestFrame) bytes")
    }
    let fields = [
      UInt32(clamping: packet.seconds), packet.nanoseconds / 1000, UInt32(packet.bytes.count),
      UInt32(clamping: packet.originalLength),
    ]
    try write(fields, then: packet.bytes)
  }

  private func write(_ fields: [UInt32], then bytes: [UInt8]) throws(PcapError) {
    var record = Data(capacity: fields.count * 4 + bytes.count)
    for field in fields { withUnsafeBytes(of: field.littleEndian) { record.append(contentsOf: $0) } }
    record.append(contentsOf: bytes)
    do {
      try handle.write(contentsOf: record)
    } catch {
      throw PcapError(file: file, problem: "cannot be written (\(error))", remedy: "free space on its file system")
    }
  }
}
