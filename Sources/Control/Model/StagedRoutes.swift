import Dataplane

/// What a transaction has made of prefixes, before the tables have any of it.
struct StagedRoutes<Family: RouteTables> {
  typealias Key = FamilyRIB<Family>.Key

  /// A prefix for which lookups find something else after the transaction.
  struct Move {
    var key: Key
    /// What they find before: the prefix's own cell, or that of the prefix around it; 0 for none.
    var before: UInt32
    /// What they find after.
    var after: UInt32
    /// The prefix's own cell before; nil for none.
    var old: UInt32?
    /// What the cell is in between.
    var shown: UInt32 = 0
  }

  /// The candidates of each prefix, best first.
  private(set) var candidates: [Key: [RouteCandidate]] = [:]
  /// The prefixes in the order in which they came.
  private(set) var order: [Key] = []
  var moves: [Move] = []
  /// The lengths of prefixes in each table, the longest first.
  private var lengths: [UInt32: [UInt8]] = [:]

  mutating func put(_ key: Key, _ new: [RouteCandidate]) {
    guard candidates.updateValue(new, forKey: key) == nil else { return }
    order.append(key)
    if lengths[key.table]?.contains(key.length) == true { return }
    lengths[key.table, default: []].append(key.length)
    lengths[key.table]!.sort(by: >)
  }

  /// The longest prefix that covers an address once the transaction is done, and its cell; `unstaged` tells the same of
  /// what the tables have.
  func longestMatch(
    table: UInt32, atMost limit: Int, prefix: (_ length: Int) -> Key,
    unstaged: (_ limit: Int) -> (length: Int, value: UInt32)?
  ) -> (length: Int, value: UInt32)? {
    var limit = limit
    while limit >= 0 {
      let match = unstaged(limit)
      for length in lengths[table] ?? [] where length <= limit && length >= match?.length ?? 0 {
        if let best = candidates[prefix(Int(length))]?.first { return (Int(length), best.cell.value) }
      }
      guard let match, candidates[prefix(match.length)] != nil else { return match }
      // That one is removed.
      limit = match.length - 1
    }
    return nil
  }
}
