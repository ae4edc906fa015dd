import Glibc

/// Reads configuration files.
public enum ConfigurationLoader {
  /// Bytes that a file may have: some 4 million routes.
  public static let largestFile = 256 << 20

  /// Reads and validates the file at `path`, and with it the batch of iproute2 lines at `batch`.
  ///
  /// Throws everything that is wrong with them, in the order of the files.
  public static func load(file path: String, batch: String? = nil) throws(ConfigurationError) -> Configuration {
    let diagnostics = DiagnosticCollector(file: path)
    let text = contents(of: path, diagnostics)
    let lines = batch.flatMap { path in
      contents(of: path, diagnostics).map { BatchText($0, file: path) }
    }
    guard let text, batch == nil || lines != nil else { throw diagnostics.error! }
    return try load(text: text, batch: lines, diagnostics)
  }

  /// Validates `text`; `file` names it in diagnostics. `batch` has iproute2 lines.
  ///
  /// Throws everything that is wrong with it, in the order of the file.
  public static func load(text: String, file: String, batch: String? = nil) throws(ConfigurationError) -> Configuration
  {
    let lines = batch.map { BatchText($0, file: "batch") }
    return try load(text: text, batch: lines, DiagnosticCollector(file: file))
  }

  private static func load(
    text: String, batch: BatchText?, _ diagnostics: DiagnosticCollector
  ) throws(ConfigurationError) -> Configuration {
    let start = Mark(line: 1, column: 1)
    var text = text
    text.makeContiguousUTF8()
    if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
    if text.isEmpty {
      diagnostics.report(start, "", YAMLDocument.emptyRefused)
    } else if text.utf8.count > largestFile {
      diagnostics.report(nil, "", tooLarge)
    }
    if let error = diagnostics.error { throw error }

    var reader = ConfigurationReader(diagnostics)
    if let root = YAMLDocument.compose(text, diagnostics) {
      reader.read(root)
      if let batch { reader.apply(batch) }
      reader.checkUnlinkedNextHops()
    }
    if let error = diagnostics.error { throw error }
    return reader.configuration
  }

  private static var tooLarge: String {
    "larger than \(largestFile >> 20) MiB, the most a configuration may have; check that it is one, or leave routes out"
  }

  /// The text of the file at `path`, which is not looked at.
  public static func text(of path: String) throws(ConfigurationError) -> String {
    let diagnostics = DiagnosticCollector(file: path)
    guard let text = contents(of: path, diagnostics) else { throw diagnostics.error! }
    return text
  }

  /// The text of a file; nil, reported, if it cannot be had.
  private static func contents(of path: String, _ diagnostics: DiagnosticCollector) -> String? {
    bytes(of: path, diagnostics).flatMap { decode($0, path, diagnostics) }
  }

  /// The bytes of a file, read no further than ``largestFile``; nil, reported, if that fails.
  private static func bytes(of path: String, _ diagnostics: DiagnosticCollector) -> [UInt8]? {
    func report(_ message: String) { diagnostics.report(file: path, message) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      report("cannot be opened: \(systemError()); check the path and its permissions")
      return nil
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= largestFile {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        report("cannot be read: \(systemError())")
        return nil
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    report(tooLarge)
    return nil
  }

  private static func systemError() -> String { String(cString: strerror(errno)) }

  private static func decode(
    _ bytes: [UInt8], _ path: String, _ diagnostics: DiagnosticCollector
  ) -> String? {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var mark = Mark(line: 1, column: 1)
    var codec = UTF8()
    var rest = bytes.makeIterator()
    while case .scalarValue(let scalar) = codec.decode(&rest) {
      mark = scalar == "\n" ? Mark(line: mark.line + 1, column: 1) : Mark(line: mark.line, column: mark.column + 1)
    }
    mark.file = path == diagnostics.file ? nil : path
    diagnostics.report(mark, "", "a byte that is not UTF-8; save the file as UTF-8")
    return nil
  }
}
