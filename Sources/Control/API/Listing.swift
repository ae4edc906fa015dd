/// A place in a listing, as clients have it: a text that they give back to go on behind it.
public protocol ListingCursor: CustomStringConvertible {
  /// Reads a description; nil for any other text.
  init?(_ text: String)
}

/// Rows in an order of their own, which are looked for again for each piece of a listing, so that what comes and goes
/// meanwhile neither moves nor repeats others.
protocol Listing {
  associatedtype Item
  associatedtype Row: Codable & Sendable
  associatedtype Cursor: ListingCursor

  /// The number of items now.
  var total: Int { get }

  /// At most `count` items behind a place, or from the first.
  func items(after cursor: Cursor?, count: Int) -> [Item]

  /// The place of an item.
  func cursor(_ item: Item) -> Cursor

  /// What is said of an item.
  func row(_ item: Item) -> Row
}

/// A listing on its way to a client.
final class ListingWalk<Rows: Listing> {
  private let rows: Rows
  private var cursor: Rows.Cursor?
  private var skipped: Int
  private var left: Int
  private var isAtEnd = false

  /// Items that are skipped in one turn: as much work as one piece of rows.
  private static var skippedAtOnce: Int { 4096 }

  /// - Parameters:
  ///   - skipped: Items to leave out first.
  ///   - limit: Rows at most.
  init(_ rows: Rows, after cursor: Rows.Cursor?, skipped: Int, limit: Int) {
    (self.rows, self.cursor, self.skipped, left) = (rows, cursor, skipped, limit)
  }

  /// At most `count` rows more, perhaps none as yet; nil after the last.
  func next(_ count: Int) -> [Rows.Row]? {
    guard left > 0, !isAtEnd else { return nil }
    guard skipped == 0 else {
      skipped -= take(min(skipped, Self.skippedAtOnce)).count
      return []
    }
    let items = take(min(count, left))
    left -= items.count
    return items.isEmpty ? nil : items.map(rows.row)
  }

  private func take(_ count: Int) -> [Rows.Item] {
    let items = rows.items(after: cursor, count: count)
    if let last = items.last { cursor = rows.cursor(last) }
    isAtEnd = items.count < count
    return items
  }

  /// Where the next page begins; nil where this was the last.
  var nextPage: Rows.Cursor? { isAtEnd ? nil : cursor }
}

/// A page of a listing, as clients read it.
public struct ListingPage<Row: Codable & Sendable>: Codable, Sendable {
  /// The rows.
  public var items: [Row]
  /// What `after` takes for the page behind this one; absent where this is the last.
  public var next: String?
  /// How many rows were left out before the first.
  public var offset: Int
  /// How many rows the whole listing had when the page was begun.
  public var total: Int
}

extension Listing {
  /// The parameters that make a page.
  static var parameters: [APIOperation.Parameter] {
    [
      .init(name: "after", kind: .text, summary: "Go on behind a page: what it has as next"),
      .init(name: "limit", kind: .count, summary: "The most rows; the answer is a page with items and next"),
      .init(name: "offset", kind: .count, summary: "Rows to leave out first; the answer is a page with items and next"),
    ]
  }

  /// Without the parameters the plain array of all rows; with any of them, a page.
  func answer(_ request: APIRequest) throws(APIProblem) -> APIResponse {
    let (offset, limit) = (try request.count("offset"), try request.count("limit"))
    let after = try request.parameter("after").map { text throws(APIProblem) in
      guard let cursor = Cursor(text) else {
        throw APIProblem(.badRequest, "after is \(quoted(text)): give what a page has as next")
      }
      return cursor
    }
    let walk = ListingWalk(self, after: after, skipped: offset ?? 0, limit: limit ?? .max)
    var pieces = JSONPieces()
    guard offset != nil || limit != nil || after != nil else {
      pieces.append(until: walk.next)
      return .pieces(pieces)
    }
    let total = total
    pieces.append(text: "{\"items\":")
    pieces.append(until: walk.next)
    pieces.append(late: {
      let next = walk.nextPage.map { ",\"next\":\(JSONText.string($0.description))" } ?? ""
      return "\(next),\"offset\":\(offset ?? 0),\"total\":\(total)}"
    })
    return .pieces(pieces)
  }
}
