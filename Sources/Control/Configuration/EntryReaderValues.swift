import Dataplane
import Wire

extension EntryReader {
  /// A whole number.
  func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    word(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
      .flatMap { integer($0, in: range) }
  }

  /// The whole number that a word is.
  func integer(_ word: Word, in range: ClosedRange<Int>) -> Int? {
    func expected() -> String { "write a whole number from \(range.lowerBound) to \(range.upperBound)" }
    let digits = word.text.drop { $0 == "-" }
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    // A number that fits no Int is a number out of range all the same; one with a leading zero is octal to some.
    guard !word.quoted, isNumber, digits.count == 1 || digits.first != "0" else {
      let why = word.quoted && isNumber ? "is a string, for its quotes" : "is no number"
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) \(why); \(expected())")
      return nil
    }
    guard let value = Int(word.text), range.contains(value) else {
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is out of range; \(expected())")
      return nil
    }
    return value
  }

  /// `copy`, or a whole number.
  func propagation(_ key: String, in range: ClosedRange<Int>) -> SRv6Section.Propagation? {
    let expected = "copy, or a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let word = word(key, expected: expected) else { return nil }
    if word.text == "copy" { return .copy }
    return integer(word, in: range).map { .fixed(UInt8($0)) }
  }

  /// A filter of sources by its number in Linux.
  func reversePathFilter(_ key: String) -> ReversePathFilter? {
    integer(key, in: 0...2).flatMap { ReversePathFilter(rawValue: UInt8($0)) }
  }

  /// `true` or `false`.
  func boolean(_ key: String) -> Bool? {
    guard let word = word(key, expected: "true or false") else { return nil }
    if !word.quoted, let value = Bool(word.text) { return value }
    diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is neither; write true or false, without quotes")
    return nil
  }

  /// One of a few words.
  func choice<Choice: CaseIterable & RawRepresentable>(_ key: String, of _: Choice.Type) -> Choice?
  where Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    let known = names.joined(separator: ", ")
    guard let word = word(key, expected: "one of \(known)") else { return nil }
    if let choice = Choice(rawValue: word.text) { return choice }
    let hint = Spelling.nearest(to: word.text, in: names).map { "; did you mean '\($0)'?" } ?? "."
    diagnostics.report(
      word.mark, word.path, "\(quoted(word.text)) is no \(key) that there is\(hint) The choices are \(known)")
    return nil
  }

  /// The outer source of encapsulated packets.
  func encapsulationSource(_ key: String) -> IPv6Address? {
    guard let word = word(key, expected: "an IPv6 address of this node") else { return nil }
    guard let address = IPv6Address(parsing: word.text) else {
      diagnostics.report(
        word.mark, word.path, "\(quoted(word.text)) is no IPv6 address; write one of this node's, such as 2001:db8::1")
      return nil
    }
    if let flaw = IPAddress.v6(address).flaw ?? (address.isLinkLocal ? "a link-local address" : nil) {
      diagnostics.report(
        word.mark, word.path, "\(address) is \(flaw); write a global address, for the far end answers to it")
      return nil
    }
    return address
  }

  /// A path of segments, the first to visit first, for a policy of that mode; nil, reported, if one of them is none.
  func segments(_ key: String, of mode: Encapsulation.Mode) -> [IPv6Address]? {
    guard let words = words(key, expected: "a list of IPv6 addresses, such as [\"fc00:0:2:d4::\"]") else { return nil }
    var segments: [IPv6Address] = []
    for word in words {
      guard let address = IPv6Address(parsing: word.text) else {
        diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is no IPv6 address; write a SID of the path")
        continue
      }
      if let flaw = IPAddress.v6(address).flaw {
        diagnostics.report(word.mark, word.path, "\(address) is \(flaw) and no SID; write a SID of the path")
        continue
      }
      segments.append(address)
    }
    guard (1...mode.longestPath).contains(words.count) else {
      diagnostics.report(valueMark(key), path(key), "has \(words.count) segments; write 1 to \(mode.longestPath)")
      return nil
    }
    return segments.count == words.count ? segments : nil
  }

  /// The Ethernet address of one station.
  func macAddress(_ key: String) -> MACAddress? {
    let example = "an Ethernet address such as \"02:00:00:00:00:11\""
    guard let word = word(key, expected: example) else { return nil }
    guard let address = MACAddress(parsing: word.text) else {
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is no Ethernet address; write \(example)")
      return nil
    }
    guard !address.isMulticast, !address.isUnspecified else {
      let what = address.isMulticast ? "a multicast address" : "the zero address"
      diagnostics.report(word.mark, word.path, "\(address) is \(what); write one station's, such as 02:00:00:00:00:11")
      return nil
    }
    return address
  }

  /// An address of either family that one host may have, or, where that means something, the unspecified one.
  func hostAddress(_ key: String, orUnspecified: Bool = false) -> IPAddress? {
    let example = "an address such as 10.1.0.2 or 2001:db8::2"
    guard let word = word(key, expected: example) else { return nil }
    guard let address = IPAddress(parsing: word.text) else {
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is no IPv4 or IPv6 address; write \(example)")
      return nil
    }
    if orUnspecified, address.isUnspecified { return address }
    if let flaw = address.flaw {
      diagnostics.report(word.mark, word.path, "\(address) is \(flaw); write the address of one host")
      return nil
    }
    return address
  }
}
