import Dataplane
import Tables
import Wire

// Which routes a configuration makes, besides its SIDs.

extension ForwardingState {
  /// The configuration's routes. One whose next hop is behind another route waits until that is there, and one that
  /// encapsulates until its first segment can be looked up.
  func addStatic() throws(TableError) {
    for route in configuration.routes where !route.isRecursive && !route.encapsulates {
      if let candidate = candidate(route) { add(route, candidate) }
    }
    try loadBatch()
    for route in configuration.routes where route.isRecursive { recursive[.init(route)] = route }
    try resolveRecursive()
    for route in configuration.routes where route.encapsulates {
      if let candidate = candidate(route) { add(route, candidate) }
    }
    try loadBatch()
  }

  private func add(_ route: RouteEntry, _ candidate: RouteCandidate) {
    add(
      candidate.source, table: tableIndex(route.tableReference), route.prefix, candidate.target,
      metric: candidate.metric)
  }

  /// What the RIB has for a route; nil if nothing leads to its next hop.
  func candidate(_ route: RouteEntry, behind others: Set<RouteKey> = []) -> RouteCandidate? {
    // Only a route that follows others can come back to itself.
    let routes =
      route.isRecursive
      ? others.union([RouteKey(table: route.tableReference, prefix: route.prefix)]) : others
    return index(of: route, behind: routes).map { index in
      candidate(route, to: .nextHop(index))
    }
  }

  private func candidate(_ route: RouteEntry, to target: RouteTarget) -> RouteCandidate {
    let preference = route.feed == 0 ? route.source.preference : rib.preference(feed: route.feed)
    return RouteCandidate(
      route.source, feed: route.feed, target, preference: preference, metric: route.relativeMetric)
  }

  /// Has every recursive route lead where its next hop is now, and nowhere (`no-route`) while nothing leads to that.
  func resolveRecursive() throws(TableError) {
    let parked = RouteTarget.nextHop(nextHops.dropping(.noRoute))
    var changed: [(table: Int, prefix: IPPrefix, RouteCandidate)] = []
    for route in recursive.values {
      let found = candidate(route) ?? candidate(route, to: parked)
      let table = tableIndex(route.tableReference)
      let old = rib.candidates(table: table, route.prefix).first(where: found.isSameRoute)
      if old != found { changed.append((table, route.prefix, found)) }
    }
    for (table, prefix, candidate) in changed { try rib.replace(table: table, prefix, candidate) }
  }

  /// Routes behind one another that are followed; what leads to itself ends there too.
  private static let longestChain = 8

  /// The next hop of a route; nil if nothing leads to it. `behind` are the route itself and those that it is looked up
  /// for.
  private func index(of route: RouteEntry, behind routes: Set<RouteKey>) -> Int? {
    let table = route.tableReference
    switch route.action {
    case .unicast(let hop): return index(of: hop, table, routes)
    case .multipath(let members):
      var group: [GroupMember] = []
      for member in members {
        guard let index = index(of: member.nextHop, table, routes) else { return nil }
        guard case .group(let others) = nextHops.keys[index] else {
          group.append(GroupMember(nextHop: index, weight: member.weight))
          continue
        }
        // Groups have no groups in them: the first of that one stands for it.
        group.append(GroupMember(nextHop: others[0].nextHop, weight: member.weight))
      }
      return nextHops.group(group)
    case .encapsulate(let encapsulation): return headend(encapsulation, of: .init(route))
    case .blackhole: return nextHops.dropping(.blackhole)
    case .unreachable: return nextHops.dropping(.unreachable)
    case .prohibit: return nextHops.dropping(.prohibit)
    }
  }

  private func index(of hop: RouteNextHop, _ table: TableReference, _ routes: Set<RouteKey>) -> Int? {
    if let port = hop.port {
      let interface = interfaceIndex(port)
      return hop.via.map { nextHop(to: $0, interface: interface) } ?? onLink(interface: interface)
    }
    guard let via = hop.via else { return nil }
    return nextHop(behindRoutesTo: via, table, routes) ?? nextHop(behindRoutesTo: via, .main, routes)
  }

  /// Where the routes of a table but those of `routes` send what is for an address; nil if they have none.
  private func nextHop(behindRoutesTo address: IPAddress, _ table: TableReference, _ routes: Set<RouteKey>) -> Int? {
    guard routes.count <= Self.longestChain, var match = longestMatch(table: tableIndex(table), address) else {
      return nil
    }
    // A neighbour's own route goes by the prefix around it, and with it.
    let own = rib.candidates(table: tableIndex(table), address.host)
    if match.prefix == address.host, own.first?.source == .neighbor {
      guard let shorter = shorterMatch(table: tableIndex(table), address, than: match.prefix.length) else { return nil }
      match = shorter
    }
    while routes.contains(RouteKey(table: table, prefix: match.prefix)) {
      guard let shorter = shorterMatch(table: tableIndex(table), address, than: match.prefix.length) else { return nil }
      match = shorter
    }
    if match.target.isSID { return nil }
    // A recursive route is followed by itself, and not by where it led before.
    if let best = rib.candidates(table: tableIndex(table), match.prefix).first,
      let route = recursiveRoute(table, match.prefix, best)
    {
      return candidate(route, behind: routes)?.target.index
    }
    guard case .onLink(let interface) = nextHops.keys[match.target.index] else { return match.target.index }
    return nextHop(to: address, interface: interface)
  }

  private func recursiveRoute(_ table: TableReference, _ prefix: IPPrefix, _ best: RouteCandidate) -> RouteEntry? {
    if recursive.isEmpty { return nil }
    let metric = UInt32(clamping: best.metric + Int(RouteEntry.usualMetric(prefix)))
    let route = recursive[.init(key: RouteKey(table: table, prefix: prefix), metric: metric, feed: best.feed)]
    return route?.source == best.source ? route : nil
  }

  /// The longest prefix below a length that covers an address.
  func shorterMatch(
    table: Int, _ address: IPAddress, than length: Int
  ) -> (prefix: IPPrefix, target: RouteTarget)? {
    switch address {
    case .v4(let own):
      rib.ipv4.longestMatch(table: UInt32(table), own, atMost: length - 1)
        .map { (address.prefix($0.length), RouteTarget(cell: $0.value)) }
    case .v6(let own):
      rib.ipv6.longestMatch(table: UInt32(table), own, atMost: length - 1)
        .map { (address.prefix($0.length), RouteTarget(cell: $0.value)) }
    }
  }

  /// The route that covers an address, from the control side's own list of routes.
  public func longestMatch(table: Int, _ address: IPAddress) -> (prefix: IPPrefix, target: RouteTarget)? {
    rib.longestMatch(table: table, address).map { (address.prefix($0.length), RouteTarget(cell: $0.value)) }
  }
}

extension LookupForm {
  /// What the tables are made with.
  var rootForm: RootForm {
    switch self {
    case .auto: .automatic
    case .compact: .compact
    case .flat: .flat
    }
  }
}
