/// Why the forwarder could not start: where, what, and how to mend it. Nothing is left running.
public struct StartError: Error, CustomStringConvertible {
  /// The place in the configuration file; nil where it is not about one.
  public var mark: Mark?
  /// What is wrong and how to mend it.
  public var message: String
  /// The configuration file's path.
  public var file: String

  /// Makes an error.
  public init(_ message: String, at mark: Mark? = nil, in file: String) {
    self.message = message
    self.mark = mark
    self.file = file
  }

  /// `FILE:LINE:COLUMN: message`.
  public var description: String {
    guard let mark else { return "\(file): \(message)" }
    return "\(file):\(mark.line):\(mark.column): \(message)"
  }
}
