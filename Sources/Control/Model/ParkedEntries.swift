import Dataplane

// Entries whose next hop nothing leads to yet: packets are dropped as `no-route` until something does.

extension ForwardingState {
  /// How many of some routes wait for a route to their next hop.
  func parkedRoutes(_ isWanted: (RouteEntry) -> Bool) -> Int {
    recursive.values.count { isWanted($0) && isParked($0) }
  }

  /// How many of some SIDs wait for a route to their next hop.
  func parkedSIDs(_ isWanted: (SIDEntry) -> Bool) -> Int {
    sids.indices.count { sids.entries[$0].map(isWanted) == true && isParked(sid: $0) }
  }

  /// A route waits for one to its next hop.
  func isParked(_ route: RouteEntry) -> Bool {
    let all = rib.candidates(table: tableIndex(route.tableReference), route.prefix)
    let own = all.first {
      $0.source == route.source && $0.feed == route.feed && $0.metric == route.relativeMetric
    }
    return own.map { isNowhere($0.target) } ?? false
  }

  /// A route as it stands in the RIB waits for one to its next hop.
  func isParked(_ row: RouteRow) -> Bool { isNowhere(row.candidate.target) }

  /// A SID waits for a route to its next hop.
  func isParked(sid index: Int) -> Bool {
    guard let entry = sids.entries[index], let nexthop = entry.nexthop, !nexthop.isUnspecified else { return false }
    let compiled = sids.compiled[index]
    return compiled.continuation == .adjacency && isNowhere(.nextHop(Int(compiled.nextHop)))
  }

  private func isNowhere(_ target: RouteTarget) -> Bool {
    !target.isSID && nextHops.keys[target.index] == .drop(.noRoute)
  }
}
