extension ConfigurationReader {
  /// `tables:`
  mutating func readTables(_ root: EntryReader) {
    guard let section = section("tables", of: root, known: ["memory-limit"]),
      let bytes = section.byteCount("memory-limit", in: 1 << 20...1 << 40)
    else { return }
    configuration.tables.memoryLimit = bytes
    configuration.tables.memoryLimitMark = section.valueMark("memory-limit")
  }

  /// `vrfs: {NAME: {lookup}}`
  func readLookup(_ entry: EntryReader) -> LookupForm {
    let known = LookupForm.allCases.map(\.rawValue).joined(separator: ", ")
    guard let word = entry.word("lookup", expected: "one of \(known)") else { return .auto }
    if let form = LookupForm(rawValue: word.text) { return form }
    diagnostics.report(word.mark, word.path, "there is no lookup \(quoted(word.text)); write one of \(known)")
    return .auto
  }
}

extension EntryReader {
  /// A number of bytes: a whole number, or one with K, M or G for as many times 1024, 1024² or 1024³.
  func byteCount(_ key: String, in range: ClosedRange<Int>) -> Int? {
    let expected = "a number of bytes such as 512M or 2G"
    guard let word = word(key, expected: expected) else { return nil }
    let shift = ["K": 10, "M": 20, "G": 30][word.text.suffix(1)] ?? 0
    let digits = shift == 0 ? word.text[...] : word.text.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is no size; write \(expected)")
      return nil
    }
    // A number that fits no Int is out of range all the same.
    guard let number = Int(digits), number <= range.upperBound >> shift, range.contains(number << shift) else {
      diagnostics.report(
        word.mark, word.path,
        "\(quoted(word.text)) is out of range; write \(range.lowerBound >> 20)M to \(range.upperBound >> 30)G")
      return nil
    }
    return number << shift
  }
}
