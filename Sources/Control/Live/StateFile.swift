import Glibc

/// The running state on disk: the configuration that was started with or applied last, and every transaction since, each
/// a record that is on the disk before it is acknowledged. Whatever instant the process ends at, the file's whole records
/// are a state that was there, and a torn one behind them is left out.
///
///     needletail-state 1
///     KIND LENGTH CHECKSUM      the payload's bytes, and their 64-bit FNV-1a hash in hex
///     PAYLOAD
public final class StateFile {
  /// What a record holds.
  public enum Kind: String, Sendable {
    /// A configuration file's text; everything before it is of no more use.
    case configuration
    /// The lines that were given with it.
    case configurationLines = "configuration-lines"
    /// Lines, instead of the entries that the configuration and its lines have.
    case entries
    /// Lines of a transaction.
    case batch
    /// Lines that a source besides the users gave, behind one that says which and what holds for it.
    case feed
  }

  /// A record.
  public struct Record: Equatable, Sendable {
    /// What it holds.
    public var kind: Kind
    /// The text.
    public var text: String
  }

  /// Why the file cannot be used.
  public struct Failure: Error, CustomStringConvertible {
    /// What is wrong, with the file's path.
    public let description: String
  }

  private static let magic = "needletail-state 1\n"
  /// Bytes of transactions after which the file is written anew, if it has doubled since.
  private static let compactAt = 16 << 20

  private let path: String
  private var descriptor: CInt
  private var length: Int
  private var compacted: Int

  /// The records of a file, as far as they are whole; nil if there is no such file.
  public static func read(_ path: String) throws(Failure) -> [Record]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("cannot open", path)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(descriptor, &part, part.count)
      guard count >= 0 else { throw failure("cannot read", path) }
      if count == 0 { break }
      bytes += part[..<count]
    }
    guard bytes.starts(with: magic.utf8) else { throw Failure(description: "\(path) is no state file of needletail") }
    return records(bytes[magic.utf8.count...])
  }

  private static func records(_ bytes: ArraySlice<UInt8>) -> [Record] {
    var records: [Record] = []
    var left = bytes
    while let end = left.firstIndex(of: UInt8(ascii: "\n")) {
      let words = String(decoding: left[..<end], as: UTF8.self).split(separator: " ")
      guard words.count == 3, let kind = Kind(rawValue: String(words[0])), let count = Int(words[1]), count >= 0,
        left.endIndex - end - 2 >= count
      else { break }
      let payload = left[(end + 1)..<(end + 1 + count)]
      let isEnded = left[end + 1 + count] == UInt8(ascii: "\n")
      guard isEnded, String(checksum(payload), radix: 16) == words[2] else { break }
      records.append(Record(kind: kind, text: String(decoding: payload, as: UTF8.self)))
      left = left[(end + 2 + count)...]
    }
    return records
  }

  private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Writes a file with these records in the place of the one that is there.
  public init(_ path: String, _ records: [Record]) throws(Failure) {
    self.path = path
    (descriptor, length) = try Self.write(path, records)
    compacted = length
  }

  deinit { close(descriptor) }

  /// A whole file that takes the other's name when it is on the disk.
  private static func write(_ path: String, _ records: [Record]) throws(Failure) -> (CInt, Int) {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot create", temporary) }
    let bytes = Array(magic.utf8) + records.flatMap { Self.bytes($0) }
    guard writeAll(bytes, to: descriptor), fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      let error = failure("cannot write", path)
      close(descriptor)
      throw error
    }
    // The new name is on the disk when the folder is.
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let parent = open(folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
    return (descriptor, bytes.count)
  }

  private static func bytes(_ record: Record) -> [UInt8] {
    let payload = Array(record.text.utf8)
    let header = "\(record.kind.rawValue) \(payload.count) \(String(checksum(payload), radix: 16))\n"
    return Array(header.utf8) + payload + [UInt8(ascii: "\n")]
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private static func failure(_ what: String, _ path: String) -> Failure {
    Failure(description: "\(what) \(path): \(String(cString: strerror(errno)))")
  }

  /// What a configuration comes to.
  public static func records(configuration text: String, lines: String?) -> [Record] {
    [Record(kind: .configuration, text: text)] + (lines.map { [Record(kind: .configurationLines, text: $0)] } ?? [])
  }

  /// Puts a record on the disk behind the others.
  public func append(_ record: Record) throws(Failure) {
    let bytes = Self.bytes(record)
    guard Self.writeAll(bytes, to: descriptor), fdatasync(descriptor) == 0 else {
      let error = Self.failure("cannot write", path)
      cut(to: length)
      throw error
    }
    length += bytes.count
  }

  /// Takes the last record back, whose transaction could not be applied.
  public func removeLast(_ record: Record) {
    length -= Self.bytes(record).count
    cut(to: length)
  }

  private func cut(to length: Int) {
    ftruncate(descriptor, off_t(length))
    lseek(descriptor, off_t(length), SEEK_SET)
    fdatasync(descriptor)
  }

  /// The transactions take more room than what they have come to: ``replace(_:)`` it.
  public var isLong: Bool { length > Self.compactAt && length > 2 * compacted }

  /// Begins anew with these records.
  public func replace(_ records: [Record]) throws(Failure) {
    let (descriptor, length) = try Self.write(path, records)
    close(self.descriptor)
    (self.descriptor, self.length, compacted) = (descriptor, length, length)
  }
}
