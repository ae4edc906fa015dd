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

  /// Every route of a table, or of all: by table, IPv4 before IPv6, by address, the best of a prefix first.
  public func routes(table: Int? = nil) -> [RouteRow] {
    let chosen = table.map { [$0] } ?? tables.indices
    var rows: [RouteRow] = []
    for table in chosen {
      rib.forEach(table: table) { prefix, candidate, isBest in
        rows.append(RouteRow(table: table, prefix: prefix, candidate: candidate, isBest: isBest))
      }
    }
    return rows
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
