import Dataplane
import Tables
import Wire

/// Every route that is known, of both families and in every table. The data plane has the best of each prefix; when
/// that is removed, the next takes its place by one change, and packets always find one of the two.
///
/// Control thread only. Tables are named by their index, 0 for main.
struct RIB {
  var ipv4: FamilyRIB<FIB4>
  var ipv6: FamilyRIB<FIB6>

  /// The routes of these tables, which are changed only through it from then on.
  init(_ fib4: FIB4, _ fib6: FIB6) {
    ipv4 = FamilyRIB(fib4)
    ipv6 = FamilyRIB(fib6)
  }

  /// Adds a route; false, and nothing has changed, if the prefix has one of this source and metric.
  /// - Throws: ``TableError``; nothing has changed then.
  @discardableResult mutating func add(
    table: Int, _ prefix: IPPrefix, _ candidate: RouteCandidate
  ) throws(TableError) -> Bool {
    switch prefix {
    case .v4(let prefix): try ipv4.add(.init(table, prefix.address, prefix.length), candidate)
    case .v6(let prefix): try ipv6.add(.init(table, prefix.address, prefix.length), candidate)
    }
  }

  /// Adds a route, in the place of that of its source and metric if the prefix has one, which it returns.
  /// - Throws: ``TableError``; nothing has changed then.
  @discardableResult mutating func replace(
    table: Int, _ prefix: IPPrefix, _ candidate: RouteCandidate
  ) throws(TableError) -> RouteCandidate? {
    switch prefix {
    case .v4(let prefix): try ipv4.replace(.init(table, prefix.address, prefix.length), candidate)
    case .v6(let prefix): try ipv6.replace(.init(table, prefix.address, prefix.length), candidate)
    }
  }

  /// How much a feed's routes are preferred, which it has none of while this changes.
  mutating func setPreference(_ preference: UInt8, feed: UInt8) {
    ipv4.preferences[feed] = preference
    ipv6.preferences[feed] = preference
  }

  /// How much a feed's routes are preferred.
  func preference(feed: UInt8) -> UInt8 { ipv4.preferences[feed] }

  /// Removes the route of a source, feed and metric, and returns it; nil if there is none.
  /// - Throws: ``TableError``; nothing has changed then.
  @discardableResult mutating func remove(
    table: Int, _ prefix: IPPrefix, _ source: RouteSource, feed: UInt8 = 0, metric: Int = 0
  ) throws(TableError) -> RouteCandidate? {
    switch prefix {
    case .v4(let prefix):
      try ipv4.remove(.init(table, prefix.address, prefix.length), source, feed: feed, metric: metric)
    case .v6(let prefix):
      try ipv6.remove(.init(table, prefix.address, prefix.length), source, feed: feed, metric: metric)
    }
  }

  /// The routes of a prefix, best first.
  func candidates(table: Int, _ prefix: IPPrefix) -> [RouteCandidate] {
    switch prefix {
    case .v4(let prefix): ipv4.candidates(.init(table, prefix.address, prefix.length))
    case .v6(let prefix): ipv6.candidates(.init(table, prefix.address, prefix.length))
    }
  }

  /// Routes to add together.
  struct Batch {
    fileprivate var ipv4: [[FamilyRIB<FIB4>.Entry]]
    fileprivate var ipv6: [[FamilyRIB<FIB6>.Entry]]

    /// An empty one for tables 0 ..< `tables`.
    init(tables: Int) {
      ipv4 = Array(repeating: [], count: tables)
      ipv6 = Array(repeating: [], count: tables)
    }

    /// Adds a route; where the prefix has one of its source and metric, that one stays.
    mutating func add(table: Int, _ prefix: IPPrefix, _ candidate: RouteCandidate) {
      switch prefix {
      case .v4(let prefix):
        ipv4[table].append(.init(address: prefix.address, length: UInt8(prefix.length), candidate: candidate))
      case .v6(let prefix):
        ipv6[table].append(.init(address: prefix.address, length: UInt8(prefix.length), candidate: candidate))
      }
    }
  }

  /// Adds a batch: each family of each table at once.
  /// - Throws: ``TableError``; the table at fault is as it was then, and so are those after it.
  mutating func load(_ batch: Batch) throws(TableError) {
    for (table, entries) in batch.ipv4.enumerated() where !entries.isEmpty { try ipv4.load(table: table, entries) }
    for (table, entries) in batch.ipv6.enumerated() where !entries.isEmpty { try ipv6.load(table: table, entries) }
  }

  /// The number of a table's routes that are not the best of their prefixes.
  func otherCount(table: Int) -> Int { ipv4.otherCount(table: table) + ipv6.otherCount(table: table) }

  /// Routes of a table: IPv4 before IPv6, by address, shorter prefixes first, the best of a prefix first.
  ///
  /// - Parameters:
  ///   - last: Only those of prefixes behind this one; nil is all.
  ///   - count: Those of at most so many prefixes.
  func routes(table: Int, after last: IPPrefix? = nil, count: Int = .max) -> [RouteRow] {
    var rows: [RouteRow] = []
    var (last4, last6): ((IPv4Address, Int)?, (IPv6Address, Int)?)
    switch last {
    case .v4(let prefix)?: last4 = (prefix.address, prefix.length)
    case .v6(let prefix)?: last6 = (prefix.address, prefix.length)
    case nil: break
    }
    if last6 == nil {
      ipv4.forEach(table: table, after: last4, count: count) {
        rows.append(RouteRow(table: table, prefix: .v4(IPv4Prefix(address: $0, length: $1)), candidate: $2, isBest: $3))
      }
    }
    ipv6.forEach(table: table, after: last6, count: max(0, count - rows.count)) {
      rows.append(RouteRow(table: table, prefix: .v6(IPv6Prefix(address: $0, length: $1)), candidate: $2, isBest: $3))
    }
    return rows
  }
}
