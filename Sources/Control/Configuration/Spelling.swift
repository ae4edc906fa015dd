/// "Did you mean": the nearest of the words that would have been right.
enum Spelling {
  /// The candidate nearest to `word`, if it is near enough to be a slip of the finger: a third of the letters, or a
  /// difference of case.
  static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().unicodeScalars.prefix(80))
    let allowed = max(1, letters.count / 3)
    var best: (distance: Int, word: String)?
    for candidate in candidates {
      let other = Array(candidate.lowercased().unicodeScalars)
      guard abs(other.count - letters.count) <= allowed else { continue }
      let found = distance(letters, other)
      // Equal distances are settled by the alphabet: a set has no order of its own.
      guard found <= allowed, best.map({ (found, candidate) < $0 }) ?? true else { continue }
      best = (found, candidate)
    }
    return best?.word
  }

  /// Levenshtein's distance: insertions, deletions and substitutions from one word to the other, and, as fingers do
  /// that most, two neighbours swapped.
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let substituted = last[column] + (left[row] == right[column] ? 0 : 1)
        var best = min(substituted, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}

/// A word of the file as a message shows it: in quotes, cut short, on one line.
func quoted(_ text: String) -> String {
  let limit = 64
  var shown = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return text.unicodeScalars.dropFirst(limit).isEmpty ? "'\(shown)'" : "'\(shown)...'"
}
