/// Collects what is wrong with one file while it is read.
///
/// A class, so that every reader of a part of the file reports to the same place.
final class DiagnosticCollector {
  /// Diagnostics kept. A file of another kind altogether has one on every line, and nobody reads more.
  static let limit = 1000

  let file: String
  /// Everything reported, whether kept or not.
  private(set) var count = 0
  private var kept: [Diagnostic] = []

  init(file: String) { self.file = file }

  func report(_ mark: Mark?, _ path: String, _ message: @autoclosure () -> String) {
    count += 1
    guard kept.count < Self.limit else { return }
    kept.append(Diagnostic(file: mark?.file ?? file, mark: mark, path: path, message: message()))
  }

  /// Reports what is wrong with a file as a whole.
  func report(file: String, _ message: String) {
    count += 1
    kept.append(Diagnostic(file: file, mark: nil, path: "", message: message))
  }

  /// Nil if nothing was reported.
  var error: ConfigurationError? {
    guard count > 0 else { return nil }
    let origin = Mark(line: 0, column: 0)
    var sorted = kept.sorted { ($0.mark ?? origin) < ($1.mark ?? origin) }
    if count > kept.count {
      let message = "\(count - kept.count) more errors; mend these first"
      sorted.append(Diagnostic(file: file, mark: sorted.last?.mark, path: "", message: message))
    }
    return ConfigurationError(diagnostics: sorted)
  }
}
