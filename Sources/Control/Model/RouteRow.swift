import Dataplane

/// A route as it stands in the RIB.
public struct RouteRow {
  /// The table's index in the data plane: 0 is main, then the VRFs in the configuration's order.
  public var table: Int
  /// The destination.
  public var prefix: IPPrefix
  /// Who put it there, how much it is preferred, and where packets go.
  public var candidate: RouteCandidate
  /// As Linux counts: a static IPv6 route has 1024 unless told.
  public var metric: UInt32 {
    let isOfLinux = [.static, .api, .kernel, .protocol].contains(candidate.source)
    return UInt32(clamping: candidate.metric + (isOfLinux ? Int(RouteEntry.usualMetric(prefix)) : 0))
  }
  /// It is the one of its prefix that the data plane has.
  public var isBest: Bool
}

extension ForwardingState {
  /// The number of prefixes of a table that have a route, of both families.
  public func routeCount(table: Int) -> Int {
    fib4.routeCount(table: UInt32(table)) + fib6.routeCount(table: UInt32(table))
  }

  /// The number of routes of a table, those that are not the best of their prefixes among them.
  func rowCount(table: Int) -> Int { routeCount(table: table) + rib.otherCount(table: table) }

  /// Routes of a table, or of all: by table, IPv4 before IPv6, by address, the best of a prefix first.
  ///
  /// - Parameters:
  ///   - cursor: Only those behind this one, whether it is still there or not; nil is all.
  ///   - count: At most so many.
  public func routes(table: Int? = nil, after cursor: RouteCursor? = nil, count: Int = .max) -> [RouteRow] {
    var rows = cursor.map { rest(of: $0) } ?? []
    for index in tables.indices where index >= cursor?.table ?? 0 && index == table ?? index {
      guard rows.count < count else { break }
      let last = cursor.flatMap { $0.table == index ? $0.prefix : nil }
      rows += rib.routes(table: index, after: last, count: count - rows.count)
    }
    return rows.count > count ? Array(rows.prefix(count)) : rows
  }

  /// Those of the cursor's own prefix that come behind it.
  private func rest(of cursor: RouteCursor) -> [RouteRow] {
    guard tables[cursor.table] != nil else { return [] }
    return rib.candidates(table: cursor.table, cursor.prefix).enumerated().compactMap { index, candidate in
      let row = RouteRow(table: cursor.table, prefix: cursor.prefix, candidate: candidate, isBest: index == 0)
      return cursor.precedes(candidate) ? row : nil
    }
  }

  /// The number of a headend route, under which it is counted; nil for any other.
  func headend(of route: RouteRow) -> Int? {
    let target = route.candidate.target
    guard !target.isSID, case .encapsulate(_, let number) = nextHops.keys[target.index] else { return nil }
    return number
  }

  /// What a route does, in words: `via 10.1.0.2 port ce-red`, `blackhole`, `End.DT4 vrf red`.
  public func action(of route: RouteRow) -> String {
    let target = route.candidate.target
    if target.isSID { return sids.entries[target.index]?.action ?? "" }
    // What is dropped as multicast under an address of ours is its subnet's directed broadcast.
    if route.candidate.source == .local, nextHops.keys[target.index] == .drop(.multicast) { return "broadcast" }
    return describe(nextHop: target.index)
  }
}
