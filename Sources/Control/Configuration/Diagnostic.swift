/// One thing that is wrong with a configuration file.
public struct Diagnostic: Hashable, Sendable {
  /// The file, as the caller named it.
  public var file: String
  /// The offending key or value; nil where the file as a whole is at fault (it cannot be read).
  public var mark: Mark?
  /// Where in the tree, such as `ports.core.mtu` or `sids[2].vrf`; empty for the whole file.
  public var path: String
  /// What is wrong and how to mend it.
  public var message: String

  /// Makes a diagnostic.
  public init(file: String, mark: Mark?, path: String, message: String) {
    self.file = file
    self.mark = mark
    self.path = path
    self.message = message
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `FILE:LINE:COLUMN: path: message`, without the parts that are not known.
  public var description: String {
    let place = mark.map { "\(file):\($0)" } ?? file
    return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
  }
}

/// A configuration file that cannot be used, with everything that is wrong with it.
public struct ConfigurationError: Error, Sendable {
  /// What is wrong, in the order of the file; never empty.
  public var diagnostics: [Diagnostic]

  /// Makes an error.
  public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

extension ConfigurationError: CustomStringConvertible {
  /// The diagnostics, one a line.
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

extension Mark: Comparable, CustomStringConvertible {
  /// Earlier in the file comes first.
  public static func < (left: Mark, right: Mark) -> Bool {
    (left.file ?? "", left.line, left.column) < (right.file ?? "", right.line, right.column)
  }

  /// Where it is, in a message about another place: `line 3`, or `FILE:3` for a file of another kind.
  var place: String { file.map { "\($0):\(line)" } ?? "line \(line)" }

  /// `LINE:COLUMN`.
  public var description: String { "\(line):\(column)" }
}
