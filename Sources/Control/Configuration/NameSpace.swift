/// The names that one section of the file gives, and what may refer to them.
struct NameSpace {
  /// What carries such a name, in messages: `VRF`, `port`.
  let kind: String
  /// Every name in the file, also of an entry that is bad: a reference to it is no second error.
  private(set) var declared: [String: Mark] = [:]
  /// The section was read: if its own key is bad, no reference into it can be judged.
  var isComplete = true
  /// A reference may be to what is not there yet.
  var isOpen = false

  init(_ kind: String) { self.kind = kind }

  /// Takes in the name of an entry, and reports one that is badly formed.
  mutating func declare(_ name: Word, _ diagnostics: DiagnosticCollector) {
    declared[name.text] = name.mark
    guard !Self.isName(name.text) else { return }
    diagnostics.report(
      name.mark, name.path,
      "\(quoted(name.text)) is no name for a \(kind); use \(Self.nameRule)")
  }

  /// What a name is made of, in words.
  static let nameRule = "1 to 64 letters, digits and the characters _ . : -"

  /// Whether a name is well formed.
  static func isName(_ text: String) -> Bool {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: "_.:-".utf8.contains(byte)
      }
    }
    return isPlain && (1...64).contains(text.utf8.count)
  }

  /// Whether a name may be referred to: something has it, or may come to have it.
  func takes(_ name: String) -> Bool { declared[name] != nil || isOpen && Self.isName(name) }

  /// Whether an entry has this name; if none does, that is reported.
  func resolve(_ name: Word, _ diagnostics: DiagnosticCollector, also others: [String] = []) -> Bool {
    if takes(name.text) { return true }
    guard isComplete else { return false }
    diagnostics.report(
      name.mark, name.path,
      "there is no \(kind) \(quoted(name.text))\(hint(for: name, others, isEarly: diagnostics.count <= Self.hints))")
    return false
  }

  /// Errors that come with a spelling hint: comparing with thousands of names takes milliseconds each time.
  private static let hints = 50

  private func hint(for name: Word, _ others: [String], isEarly: Bool) -> String {
    let nearest = isEarly ? Spelling.nearest(to: name.text, in: Array(declared.keys) + others) : nil
    return nearest.map { "; did you mean '\($0)'?" } ?? "; add it to \(kind.lowercased())s, or name one that is there"
  }
}
