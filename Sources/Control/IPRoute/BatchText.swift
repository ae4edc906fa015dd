/// A file of lines as `ip -batch` takes them, cut into words one line at a time: a million lines are never all there as
/// words.
///
/// As in iproute2 a `#` ends a line wherever it stands, a backslash at the end joins the next line, and a word in single
/// or double quotes may contain blanks.
struct BatchText {
  private let text: String
  private let file: String

  /// Lines; `file` goes into the words' marks.
  init(_ text: String, file: String) {
    self.text = text
    self.file = file
  }

  /// Calls `body` with the words of every line that has any, in the order of the file, or with why it cannot be cut up.
  func forEachLine(_ body: (Result<[Word], IPCommandError>) -> Void) {
    var text = text
    text.withUTF8 { bytes in
      var words: [Word] = []
      var flaw: IPCommandError?
      func endLine() {
        if let flaw { body(.failure(flaw)) } else if !words.isEmpty { body(.success(words)) }
        words.removeAll(keepingCapacity: true)
        flaw = nil
      }
      var (start, number) = (0, 1)
      while start <= bytes.count {
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let commented = bytes[start..<end].firstIndex(of: UInt8(ascii: "#"))
        let isJoined = commented == nil && end > start && bytes[end - 1] == UInt8(ascii: "\\")
        let line = bytes[start..<(isJoined ? end - 1 : commented ?? end)]
        Self.cut(line, Mark(file: file, line: number, column: 1), into: &words, &flaw)
        if !isJoined { endLine() }
        (start, number) = (end + 1, number + 1)
      }
      endLine()
    }
  }

  private static func cut(
    _ line: Slice<UnsafeBufferPointer<UInt8>>, _ start: Mark, into words: inout [Word], _ flaw: inout IPCommandError?
  ) {
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
        flaw = IPCommandError(mark, "the quote \(quote) that begins here has no end on its line")
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
