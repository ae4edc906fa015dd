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
    var text = text
    text.withUTF8 { bytes in
      var words: [Word] = []
      var (start, number) = (0, 1)
      while start <= bytes.count {
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let commented = bytes[start..<end].firstIndex(of: UInt8(ascii: "#"))
        let isJoined = commented == nil && end > start && bytes[end - 1] == UInt8(ascii: "\\")
        let line = bytes[start..<(isJoined ? end - 1 : commented ?? end)]
        cut(line, Mark(file: file, line: number, column: 1), into: &words)
        if !isJoined { endLine(&words) }
        (start, number) = (end + 1, number + 1)
      }
      endLine(&words)
    }
  }

  /// Takes a line that is whole; one with a flaw is left out.
  private mutating func endLine(_ words: inout [Word]) {
    if !words.isEmpty, flaws.last?.mark.line ?? 0 < words[0].mark.line { lines.append(words) }
    words = []
  }

  private mutating func cut(_ line: Slice<UnsafeBufferPointer<UInt8>>, _ start: Mark, into words: inout [Word]) {
    var mark = start
    // Columns count characters, not bytes; `mark` is that of `counted`.
    var (place, counted) = (line.startIndex, line.startIndex)
    while place < line.endIndex {
      if Self.isBlank(line[place]) {
        place += 1
        continue
      }
      mark.column += line[counted..<place].count { $0 & 0xc0 != 0x80 }
      counted = place
      let first = line[place]
      let isQuoted = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
      if isQuoted { place += 1 }
      let end = line[place...].firstIndex { isQuoted ? $0 == first : Self.isBlank($0) } ?? line.endIndex
      if isQuoted, end == line.endIndex {
        let quote = Unicode.Scalar(first)
        flaws.append(Flaw(mark: mark, message: "the quote \(quote) that begins here has no end on its line"))
      }
      let text = String(decoding: line[place..<end], as: UTF8.self)
      words.append(Word(text: text, quoted: isQuoted, mark: mark, path: ""))
      place = isQuoted ? end + 1 : end
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
