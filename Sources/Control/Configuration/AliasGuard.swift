/// Keeps a file whose aliases multiply away from Yams.
///
/// A list of aliases of lists of aliases is small as text and in memory, but not when Yams hashes it as a mapping's key.
/// With at most 24 aliases the largest such tree has 3 to the power of 8 leaves; files of ours have none at all.
enum AliasGuard {
  private static let allowed = 24

  /// The first anchor of a text that has one and too many aliases.
  static func firstAnchor(ifExcessive text: String) -> Mark? {
    if text.utf8.count(where: { $0 == UInt8(ascii: "*") }) <= allowed { return nil }
    var anchor: Mark?
    var aliases = 0
    var mark = Mark(line: 1, column: 1)
    var previous: Unicode.Scalar = "\n"
    for scalar in text.unicodeScalars {
      if scalar == "*", startsToken(after: previous) { aliases += 1 }
      if scalar == "&", anchor == nil, startsToken(after: previous) { anchor = mark }
      mark = scalar == "\n" ? Mark(line: mark.line + 1, column: 1) : Mark(line: mark.line, column: mark.column + 1)
      previous = scalar
    }
    return aliases > allowed ? anchor : nil
  }

  private static func startsToken(after previous: Unicode.Scalar) -> Bool {
    previous.properties.isWhitespace || "[]{},:?-\"'".unicodeScalars.contains(previous)
  }
}
