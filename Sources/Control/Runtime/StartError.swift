import Tables

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

  /// Why what a configuration asks for could not be built.
  init(building configuration: Configuration, _ error: any Error, in file: String) {
    guard case TableError.memoryLimit? = error as? TableError else {
      self.init("\(error)", in: file)
      return
    }
    let unset = configuration.tables.memoryLimit == nil ? ", 3/4 of this machine's memory unless it is set" : ""
    self.init("tables.memory-limit: \(error)\(unset)", at: configuration.tables.memoryLimitMark, in: file)
  }

  /// `FILE:LINE:COLUMN: message`.
  public var description: String {
    guard let mark else { return "\(file): \(message)" }
    return "\(file):\(mark.line):\(mark.column): \(message)"
  }
}
