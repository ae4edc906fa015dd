import Dataplane
import Tables

/// The routes of one address family: every candidate of every prefix, of which the tables have the best.
///
/// Nearly every prefix has one candidate, and the table's cell says all of it: which target and, by its label, which
/// source. Only prefixes with more to say cost memory here.
struct FamilyRIB<Family: RouteTables> {
  typealias Address = Family.Address

  /// A prefix of a table.
  struct Key: Hashable {
    var table: UInt32
    var address: Address
    var length: UInt8

    init(_ table: Int, _ address: Address, _ length: Int) {
      (self.table, self.address, self.length) = (UInt32(table), address, UInt8(length))
    }
  }

  /// A route for ``load(table:_:)``.
  struct Entry {
    var address: Address
    var length: UInt8
    var candidate: RouteCandidate

    func precedes(_ other: Entry) -> Bool {
      address == other.address ? length < other.length : address.precedes(other.address)
    }

    func isSamePrefix(as other: Entry) -> Bool { address == other.address && length == other.length }
  }

  let tables: Family
  /// What plain candidates of feeds are preferred by; a feed that has candidates keeps its own.
  var preferences = FeedPreferences()
  /// The candidates, best first, of those prefixes that have several, or one that is not plain.
  private var several: [Key: [RouteCandidate]] = [:]
  /// What a transaction has changed so far; nil: changes go to the tables at once.
  var staged: StagedRoutes<Family>?
  /// How many candidates are no prefix's best, by table.
  private var others: [UInt32: Int] = [:]

  init(_ tables: Family) { self.tables = tables }

  /// The candidates of a prefix, best first.
  func candidates(_ key: Key) -> [RouteCandidate] {
    if let candidates = staged?.candidates[key] { return candidates }
    if let candidates = several[key] { return candidates }
    guard let cell = tables.route(table: key.table, address: key.address, length: Int(key.length)) else { return [] }
    return [RouteCandidate(plain: RouteTarget(cell: cell), preferences)]
  }

  /// Adds a candidate; false, and nothing has changed, if the prefix has one of this source and metric.
  mutating func add(_ key: Key, _ candidate: RouteCandidate) throws(TableError) -> Bool {
    let old = candidates(key)
    guard !old.contains(where: candidate.isSameRoute) else { return false }
    try update(key, old, to: Self.inserting(candidate, old), candidate.source)
    return true
  }

  /// Adds a candidate in the place of that of this source and metric, which it returns, or nil if there was none.
  mutating func replace(_ key: Key, _ candidate: RouteCandidate) throws(TableError) -> RouteCandidate? {
    let old = candidates(key)
    try update(key, old, to: Self.inserting(candidate, old.filter { !candidate.isSameRoute(as: $0) }), candidate.source)
    return old.first(where: candidate.isSameRoute)
  }

  /// Removes the candidate of a source, feed and metric, and returns it; nil if there is none.
  mutating func remove(
    _ key: Key, _ source: RouteSource, feed: UInt8, metric: Int
  ) throws(TableError) -> RouteCandidate? {
    let old = candidates(key)
    let isWanted = { (candidate: RouteCandidate) in
      candidate.source == source && candidate.feed == feed && candidate.metric == metric
    }
    guard let index = old.firstIndex(where: isWanted) else { return nil }
    var new = old
    new.remove(at: index)
    try update(key, old, to: new, source)
    return old[index]
  }

  private static func inserting(_ candidate: RouteCandidate, _ candidates: [RouteCandidate]) -> [RouteCandidate] {
    let index = candidates.firstIndex(where: candidate.isBetter) ?? candidates.count
    return candidates[..<index] + [candidate] + candidates[index...]
  }

  /// One change of the table at most, so that a prefix that stays routed is so all the time.
  private mutating func update(
    _ key: Key, _ old: [RouteCandidate], to new: [RouteCandidate], _ source: RouteSource
  ) throws(TableError) {
    // Neighbours are found in the middle of a transaction, and do not wait for its end.
    if staged != nil, source != .neighbor || staged?.candidates[key] != nil {
      staged?.put(key, new)
      return
    }
    let (address, length) = (key.address, Int(key.length))
    if let best = new.first {
      if best.cell != old.first?.cell {
        _ = try tables.insert(table: key.table, address: address, length: length, value: best.cell.value)
      }
    } else {
      _ = try tables.remove(table: key.table, address: address, length: length)
    }
    remember(key, new)
  }

  mutating func remember(_ key: Key, _ candidates: [RouteCandidate]) {
    let more = max(candidates.count, 1) - max(several[key]?.count ?? 0, 1)
    if more != 0 { others[key.table, default: 0] += more }
    if candidates.count > 1 || candidates.contains(where: { !$0.isPlain(preferences) }) {
      several[key] = candidates
    } else {
      several[key] = nil
    }
  }

  /// Keeps candidates apart from what the table has for their prefix.
  mutating func keep(_ key: Key, _ candidates: [RouteCandidate]) { several[key] = candidates }

  /// Adds many candidates to a table as ``add(_:_:)`` would, all at once for readers; nothing has changed when it
  /// throws.
  mutating func load(table: Int, _ entries: [Entry]) throws(TableError) {
    let isSorted = zip(entries, entries.dropFirst()).allSatisfy { !$1.precedes($0) }
    let sorted = isSorted ? entries : entries.sorted { $0.precedes($1) }
    var best: [Route<Address>] = []
    best.reserveCapacity(sorted.count)
    var changed: [(Key, [RouteCandidate])] = []
    var next = 0
    while next < sorted.count {
      let entry = sorted[next]
      let key = Key(table, entry.address, Int(entry.length))
      var all = candidates(key)
      repeat {
        let candidate = sorted[next].candidate
        if !all.contains(where: candidate.isSameRoute) { all = Self.inserting(candidate, all) }
        next += 1
      } while next < sorted.count && sorted[next].isSamePrefix(as: entry)
      best.append(Route(address: entry.address, length: Int(entry.length), value: all[0].cell.value))
      if all.count > 1 || !all[0].isPlain(preferences) { changed.append((key, all)) }
    }
    try tables.load(table: UInt32(table), routes: best)
    for (key, candidates) in changed { remember(key, candidates) }
  }

  /// The number of candidates of a table beside the best ones.
  func otherCount(table: Int) -> Int { others[UInt32(table)] ?? 0 }

  /// Calls `body` with the candidates of at most `count` prefixes of a table that come after `last`, or with all: by address,
  /// shorter prefixes first, the best of a prefix first.
  func forEach(
    table: Int, after last: (address: Address, length: Int)? = nil, count: Int = .max,
    _ body: (Address, Int, RouteCandidate, _ isBest: Bool) -> Void
  ) {
    for route in tables.routes(table: UInt32(table), after: last, count: count) {
      guard !several.isEmpty, let all = several[Key(table, route.address, route.length)] else {
        body(route.address, route.length, RouteCandidate(plain: RouteTarget(cell: route.value), preferences), true)
        continue
      }
      for (index, candidate) in all.enumerated() { body(route.address, route.length, candidate, index == 0) }
    }
  }
}
