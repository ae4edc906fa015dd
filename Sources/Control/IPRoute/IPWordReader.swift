import Wire

/// The words of one line, taken one by one.
struct IPWordReader {
  private let words: [Word]
  private var place = 0

  /// `words` has one at least.
  init(_ words: [Word]) { self.words = words }

  /// The next word, which stays.
  var next: Word? { place < words.count ? words[place] : nil }

  /// The last word that was taken, or the first of the line.
  var last: Word { words[max(place - 1, 0)] }

  /// Takes the next word.
  mutating func take() -> Word? {
    guard let word = next else { return nil }
    place += 1
    return word
  }

  /// Takes the next word if it is one of these.
  mutating func take(_ keywords: String...) -> Word? {
    guard let word = next, keywords.contains(word.text) else { return nil }
    return take()
  }

  /// The word that a keyword needs.
  mutating func argument(_ expected: @autoclosure () -> String) throws(IPCommandError) -> Word {
    let keyword = last
    guard let word = take() else { throw IPCommandError(keyword, "after \(quoted(keyword.text)) comes \(expected())") }
    return word
  }

  /// A whole number.
  mutating func number(in range: ClosedRange<Int>) throws(IPCommandError) -> UInt32 {
    func expected() -> String { "a whole number from \(range.lowerBound) to \(range.upperBound)" }
    let word = try argument(expected())
    guard let number = Int(word.text), range.contains(number) else {
      throw IPCommandError(word, "\(quoted(word.text)) is not \(expected())")
    }
    return UInt32(number)
  }

  /// An IPv6 address.
  mutating func ipv6Address() throws(IPCommandError) -> (address: IPv6Address, word: Word) {
    let word = try argument("an IPv6 address")
    guard let address = IPv6Address(parsing: word.text) else {
      throw IPCommandError(word, "\(quoted(word.text)) is no IPv6 address")
    }
    return (address, word)
  }

  /// `table`: a number, or the name of one of the kernel's own.
  mutating func table() throws(IPCommandError) -> TableReference {
    let word = try argument("a table's number, or main")
    if word.text == "main" { return .main }
    guard let number = Int(word.text), (1...Int(UInt32.max)).contains(number) else {
      throw IPCommandError(
        word, "\(quoted(word.text)) is no table; write its number, main, or for a VRF's 'vrf' and its name")
    }
    if number == ReservedTable.main { return .main }
    if let owner = ReservedTable.name(number) {
      throw IPCommandError(word, "table \(number) is the kernel's \(owner); write another number, or main")
    }
    return .number(UInt32(number))
  }

  /// A comma-separated path of segments, the first to visit first, and its word.
  mutating func segments() throws(IPCommandError) -> ([IPv6Address], Word) {
    let word = try argument("segments with commas between them")
    var segments: [IPv6Address] = []
    for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let address = IPv6Address(parsing: String(part)) else {
        throw IPCommandError(word, "\(quoted(String(part))) in \(quoted(word.text)) is no IPv6 address")
      }
      segments.append(address)
    }
    return (segments, word)
  }
}
