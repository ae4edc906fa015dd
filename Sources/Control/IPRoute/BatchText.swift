/// A file of lines as `ip -batch` takes them, cut into words.
struct BatchText {
  /// What is wrong with a line before its words are looked at.
  struct Flaw {
    var mark: Mark
    var message: String
  }

  /// The lines that have words, in the order of the file.
  private(set) var lines: [[Word]] = []
  /// What could not be cut into words.
  private(set) var flaws: [Flaw] = []

  /// Cuts `text` up; `file` goes into the words' marks.
  ///
  /// As in iproute2 a `#` ends a line wherever it stands, a backslash at the end joins the next line, and a word in single
  /// or double quotes may contain blanks.
  init(_ text: String, file: String) {
    var words: [Word] = []
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      var scalars = Array(line.unicodeScalars.prefix { $0 != "#" })
      let isJoined = scalars.count == line.unicodeScalars.count && scalars.last == "\\"
      if isJoined { scalars.removeLast() }
      cut(scalars, Mark(file: file, line: number, column: 1), into: &words)
      if isJoined { continue }
      if !words.isEmpty, flaws.last?.mark.line ?? 0 < words[0].mark.line { lines.append(words) }
      words = []
    }
    if !words.isEmpty { lines.append(words) }
  }

  private mutating func cut(_ scalars: [Unicode.Scalar], _ start: Mark, into words: inout [Word]) {
    let blanks: Set<Unicode.Scalar> = [" ", "\t", "\r"]
    var place = 0
    while place < scalars.count {
      if blanks.contains(scalars[place]) {
        place += 1
        continue
      }
      var mark = start
      mark.column = place + 1
      let first = scalars[place]
      let isQuoted = first == "\"" || first == "'"
      if isQuoted { place += 1 }
      let end = scalars[place...].firstIndex { isQuoted ? $0 == first : blanks.contains($0) } ?? scalars.count
      if isQuoted, end == scalars.count {
        flaws.append(Flaw(mark: mark, message: "the quote \(first) that begins here has no end on its line"))
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars[place..<end])
      words.append(Word(text: String(text), quoted: isQuoted, mark: mark, path: ""))
      place = isQuoted ? end + 1 : end
    }
  }
}
