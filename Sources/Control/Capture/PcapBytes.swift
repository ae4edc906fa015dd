import Foundation

/// The bytes of a capture file, read with bounds checked and errors that name the place.
struct PcapBytes: Sendable {
  let file: String
  let data: Data
  /// The byte order of the file, or of the current section of a pcapng file.
  var isBigEndian = false

  init(file: String) throws(PcapError) {
    self.file = file
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe)
    } catch {
      let cause = (error as? CocoaError)?.underlying as? POSIXError
      throw PcapError(
        file: file,
        problem: "cannot be read (\(cause.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"))",
        remedy: "name a pcap or pcapng file that can be")
    }
  }

  var count: Int { data.count }

  func error(_ problem: String, at offset: Int, remedy: String) -> PcapError {
    PcapError(file: file, offset: offset, problem: problem, remedy: remedy)
  }

  /// Checks that `size` bytes of `what` are there.
  func need(_ size: Int, at offset: Int, _ what: String) throws(PcapError) {
    guard size <= count - offset else {
      throw error(
        "the file ends within \(what): \(size) bytes needed, \(max(count - offset, 0)) left", at: offset,
        remedy: "capture or copy it again; `editcap` saves the packets before this one")
    }
  }

  /// Checks the length of a frame whose bytes start at `offset`.
  func needFrame(_ length: UInt32, at offset: Int, header: Int) throws(PcapError) {
    guard length <= PcapFormat.longestFrame else {
      throw error(
        "a packet of \(length) bytes, more than \(PcapFormat.longestFrame): the file is damaged here", at: header,
        remedy: "capture or copy it again; `editcap` saves the packets before this one")
    }
    try need(Int(length), at: offset, "a packet's bytes")
  }

  /// Checks that a packet's link type is one that is understood.
  func needEthernet(_ linkType: UInt32, at offset: Int) throws(PcapError) {
    guard linkType == PcapFormat.ethernet else {
      throw error(
        "link type \(linkType) is not Ethernet (1)", at: offset,
        remedy: "capture on an Ethernet interface, not with `-i any`")
    }
  }

  // The caller has checked that the bytes are there.

  func number16(at offset: Int) -> UInt16 {
    let number = data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    return isBigEndian ? UInt16(bigEndian: number) : UInt16(littleEndian: number)
  }

  func number32(at offset: Int) -> UInt32 {
    let number = data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    return isBigEndian ? UInt32(bigEndian: number) : UInt32(littleEndian: number)
  }

  func bytes(at offset: Int, count: UInt32) -> [UInt8] {
    data.withUnsafeBytes { Array($0[offset..<offset + Int(count)]) }
  }
}
