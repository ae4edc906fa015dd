/// Lets a file with duplicate keys be composed all the same.
///
/// Yams stops at the first mapping that has a key twice, so every other error of the file would stay unseen. The first
/// of the two is therefore renamed in the text, by a character of the private use area in place of its first one, so that
/// all columns hold, and composing starts again. ``original(of:)`` takes the name back.
struct DuplicateKeyRepair {
  /// Each rename composes the file once more.
  static let limit = 32
  private static let firstStandIn: UInt32 = 0xe000

  private(set) var text: String
  /// The first characters of the renamed keys, in the order of their stand-ins.
  private var replaced: [Unicode.Scalar] = []
  private let usable: Bool

  init(_ text: String) {
    self.text = text
    let standIns = Self.firstStandIn..<Self.firstStandIn + UInt32(Self.limit)
    usable = !text.unicodeScalars.contains { standIns.contains($0.value) }
  }

  /// Renames the `key` that stands at `mark`; false if there have been too many, or if it is not written there plainly.
  mutating func rename(_ key: String, at mark: Mark) -> Bool {
    guard usable, replaced.count < Self.limit, let first = key.unicodeScalars.first else { return false }
    var scalars = text.unicodeScalars
    guard var index = Self.index(of: mark, in: scalars) else { return false }
    if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
    guard index < scalars.endIndex, scalars[index] == first,
      let standIn = Unicode.Scalar(Self.firstStandIn + UInt32(replaced.count))
    else { return false }
    scalars.replaceSubrange(index...index, with: [standIn])
    text = String(scalars)
    replaced.append(first)
    return true
  }

  /// The key as the file has it.
  func original(of key: String) -> String {
    guard let first = key.unicodeScalars.first, first.value >= Self.firstStandIn else { return key }
    let index = Int(first.value - Self.firstStandIn)
    guard index < replaced.count else { return key }
    return String(replaced[index]) + String(key.unicodeScalars.dropFirst())
  }

  private static func index(of mark: Mark, in scalars: String.UnicodeScalarView) -> String.Index? {
    var index = scalars.startIndex
    var line = 1
    while line < mark.line {
      guard let feed = scalars[index...].firstIndex(of: "\n") else { return nil }
      index = scalars.index(after: feed)
      line += 1
    }
    guard let place = scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex),
      place < scalars.endIndex
    else { return nil }
    return place
  }
}
