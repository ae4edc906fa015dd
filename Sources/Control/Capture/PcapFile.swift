/// One Ethernet frame of a capture file.
public struct CapturedPacket: Hashable, Sendable {
  /// Seconds since 1970-01-01 UTC.
  public var seconds: UInt64
  /// Nanoseconds within the second, 0...999,999,999.
  public var nanoseconds: UInt32
  /// Bytes of the frame on the wire: more than those of ``bytes`` if the capture cut it.
  public var originalLength: Int
  /// The frame's bytes from its destination address on, as far as they were captured.
  public var bytes: [UInt8]

  /// Makes a packet; `originalLength` nil says that nothing was cut.
  public init(seconds: UInt64 = 0, nanoseconds: UInt32 = 0, originalLength: Int? = nil, bytes: [UInt8]) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.originalLength = originalLength ?? bytes.count
    self.bytes = bytes
  }
}

/// What is wrong with a capture file: where, what, and how to mend it.
public struct PcapError: Error, Hashable, CustomStringConvertible {
  /// The file's path.
  public var file: String
  /// The byte of the file, from 0; nil if it is not about one.
  public var offset: Int?
  /// What is wrong.
  public var problem: String
  /// How to mend it.
  public var remedy: String

  /// `FILE: byte OFFSET: problem; remedy`.
  public var description: String {
    "\(file): \(offset.map { "byte \($0): " } ?? "")\(problem); \(remedy)"
  }
}

/// What the two capture formats have in common.
enum PcapFormat {
  /// Frames above this are refused: tcpdump's and Wireshark's own limit, and four times the largest IP packet.
  static let longestFrame = 262_144
  /// LINKTYPE_ETHERNET.
  static let ethernet: UInt32 = 1
  /// The longest read or skipped pcapng block. Only embedded decryption secrets and name tables come near it.
  static let longestBlock = 16 << 20
}
