import SRv6

/// What `show behaviors` and the README say of a behaviour, all of it from its row.
public struct BehaviorListing: Encodable {
  /// RFC 8986's name, or Linux's where the RFC has none.
  public var behavior: String
  /// IANA's code point; nil if there is none.
  public var codePoint: UInt16?
  /// The section of RFC 8986; nil if none defines it.
  public var section: String?
  /// Configuration keys, as the table words them.
  public var keys: String
  /// What happens without a segment routing header, and with Segments Left 0.
  public var ended: String
  /// What happens with Segments Left 1 or more.
  public var passing: String

  enum CodingKeys: String, CodingKey {
    case behavior
    case codePoint = "code-point"
    case section, keys
    case ended = "segments-left-0"
    case passing = "segments-left"
  }

  /// All behaviours, in code point order.
  public static var all: [BehaviorListing] { BehaviorRow.all.map(BehaviorListing.init) }

  /// The table in Markdown, each line ended by a newline.
  public static var markdown: String {
    let heading = [
      "behaviour", "code point", "RFC 8986", "keys", "no SRH, or Segments Left 0", "Segments Left 1 or more",
    ]
    let rows = all.map { row in
      [
        row.behavior, row.codePoint.map { "\($0)" } ?? "none", row.section ?? "none", row.keys, row.ended, row.passing,
      ]
    }
    let ruler = heading.map { _ in "---" }
    let lines = ["| " + heading.joined(separator: " | ") + " |", "|" + ruler.joined(separator: "|") + "|"]
    return (lines + rows.map { "| " + $0.joined(separator: " | ") + " |" }).map { $0 + "\n" }.joined()
  }

  private init(_ row: BehaviorRow) {
    behavior = row.name
    codePoint = row.behavior.codePoint
    section = row.section
    keys = (row.required.map { $0.words(row) } + row.optional.map { "\($0.words(row)) (optional)" })
      .joined(separator: ", ")
    ended = [row.text(of: .last), row.flavored([.usd], .last).map { "USD: \($0)" }].compactMap(\.self)
      .joined(separator: "; ")
    passing = [row.text(of: .transit), row.flavored([.psp], .penultimate).map { "PSP, at 1: \($0)" }]
      .compactMap(\.self).joined(separator: "; ")
  }
}

extension BehaviorAttribute {
  fileprivate func words(_ row: BehaviorRow) -> String {
    let keys = keys.map { "`\($0)`" }.joined(separator: " or ")
    return self == .flavors ? "\(keys) \(row.flavors.names.joined(separator: ", "))" : keys
  }
}

extension BehaviorRow {
  /// What a flavour changes at a segment state; nil where the behaviour has no such flavour.
  fileprivate func flavored(_ flavors: Flavors, _ state: SegmentState) -> String? {
    guard self.flavors.isSuperset(of: flavors) else { return nil }
    return text(operations.with(flavors)[state])
  }

  fileprivate func text(of state: SegmentState) -> String { text(operations[state]) }

  private func text(_ operation: Operation) -> String { operation.words.replacing("DESTINATION", with: destination) }

  /// Where the packet goes then.
  private var destination: String {
    switch continuation {
    case .adjacency: "to the next hop"
    case .tableLookup: required.contains(.table) ? "by the table" : "by main"
    }
  }
}
