@testable import Control

extension BatchText {
  /// The words of all lines that have any.
  var lines: [[Word]] {
    var lines: [[Word]] = []
    forEachLine { line in
      if case .success(let words) = line { lines.append(words) }
    }
    return lines
  }

  /// What could not be cut into words.
  var flaws: [IPCommandError] {
    var flaws: [IPCommandError] = []
    forEachLine { line in
      if case .failure(let flaw) = line { flaws.append(flaw) }
    }
    return flaws
  }
}
