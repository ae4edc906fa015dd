import Foundation
import Glibc

/// The standard output; where it is a terminal and the text is longer than that, by way of a pager.
struct Output {
  /// What to page with: `$PAGER`, or less; nil writes everything to the terminal.
  private let pager: String?
  /// Text that may yet turn out to fit the terminal.
  private var pending = ""
  private var pendingLines = 0
  private var pipe: UnsafeMutablePointer<FILE>?

  /// - Parameter pages: The text may be paged.
  init(pages: Bool) { pager = pages && isatty(STDOUT_FILENO) == 1 ? Self.command : nil }

  private static var command: String? {
    let environment = ProcessInfo.processInfo.environment
    if let wanted = environment["PAGER"] { return ["", "cat"].contains(wanted) ? nil : wanted }
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { access("\($0)/less", X_OK) == 0 } ? "less" : nil
  }

  /// Writes text, each line ended by a newline.
  mutating func write(_ text: String) {
    guard let pager else { return Self.write(Data(text.utf8)) }
    if let pipe { return Self.write(text, to: pipe) }
    pending += text
    pendingLines += Self.lines(of: text)
    guard pendingLines >= Self.size.rows else { return }
    start(pager)
  }

  /// Writes what is left and waits until the reader is done with it.
  mutating func finish() {
    if let pipe { pclose(pipe) } else { Self.write(Data(pending.utf8)) }
    (pipe, pending) = (nil, "")
  }

  private mutating func start(_ command: String) {
    // As git has it: end with less than a screen, colours, no other screen.
    setenv("LESS", "FRX", 0)
    guard let pipe = popen(command, "w") else { return }
    self.pipe = pipe
    // Both are the pager's business from here on.
    signal(SIGINT, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    Self.write(pending, to: pipe)
    pending = ""
  }

  /// A reader that has seen enough ends the program.
  private static func write(_ text: String, to pipe: UnsafeMutablePointer<FILE>) {
    guard fputs(text, pipe) < 0 || fflush(pipe) != 0 else { return }
    pclose(pipe)
    exit(0)
  }

  /// The terminal's size, in characters.
  private static var size: (rows: Int, columns: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return (24, 80) }
    return (Int(size.ws_row), Int(size.ws_col))
  }

  /// The lines that text takes on the terminal.
  private static func lines(of text: String) -> Int {
    let columns = size.columns
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .reduce(0) { $0 + max(1, ($1.utf8.count + columns - 1) / columns) }
  }

  /// Writes bytes to the standard output as they are.
  static func write(_ data: Data) {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { end(errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Nobody reads any more, or there is no room: ends as other programs do, though the API's sockets have SIGPIPE ignored.
  private static func end(_ code: CInt) -> Never {
    if code == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    FileHandle.standardError.write(Data("needletail: error: stdout: \(String(cString: strerror(code)))\n".utf8))
    exit(1)
  }
}
