import SRv6
import Wire

/// One entry that a source in this process gives or takes back. What it names, ports and VRFs, may come later.
public enum FeedChange: Sendable {
  /// There is this route.
  case route(RouteEntry)
  /// There is no such route. Without a metric it is that of the usual one or, if that is not there, of any.
  case noRoute(TableReference, IPPrefix, metric: UInt32?)
  /// There is this SID.
  case sid(SIDEntry)
  /// There is no such SID.
  case noSID(IPv6Prefix)
  /// There is this neighbour.
  case neighbor(NeighborEntry)
  /// There is no such neighbour.
  case noNeighbor(port: String, IPAddress)
}

extension FeedChange {
  /// Makes it so in a feed's space.
  func apply(to feed: Feed, _ configuration: Configuration) {
    switch self {
    case .route(var route):
      let table = configuration.table(of: route.tableReference)
      (route.vrf, route.table) = (table.vrf, table.number)
      (route.source, route.feed, route.epoch) = (feed.name.source, feed.number, feed.epoch)
      feed.entries.routes.put(route, .init(route))
    case .noRoute(let table, let prefix, let metric):
      let key = RouteKey(table: configuration.table(of: table), prefix: prefix)
      let usual = BatchedChanges.RouteSlot(
        key: key, metric: metric ?? RouteEntry.usualMetric(prefix), feed: feed.number)
      let isThere = metric != nil || feed.entries.routes[usual] != nil
      feed.entries.routes.remove(isThere ? usual : feed.entries.routes.unusualKey(beside: usual) ?? usual)
    case .sid(var sid):
      (sid.source, sid.feed, sid.epoch) = (feed.name.source, feed.number, feed.epoch)
      feed.entries.sids.put(sid, sid.prefix)
    case .noSID(let prefix): feed.entries.sids.remove(prefix)
    case .neighbor(var neighbor):
      (neighbor.source, neighbor.feed, neighbor.epoch) = (feed.name.source, feed.number, feed.epoch)
      feed.entries.neighbors.put(neighbor, .init(port: neighbor.port, address: neighbor.address))
    case .noNeighbor(let port, let address): feed.entries.neighbors.remove(.init(port: port, address: address))
    }
  }

  /// The line that says it.
  var line: String {
    switch self {
    case .route(let route): route.addingLine
    case .noRoute(let table, let prefix, let metric):
      "route del \(prefix)\(table == .main ? "" : " \(table.words)")\(metric.map { " metric \($0)" } ?? "")\n"
    case .sid(let sid): sid.addingLine
    case .noSID(let prefix): "sid del \(prefix)\n"
    case .neighbor(let neighbor): neighbor.addingLine
    case .noNeighbor(let port, let address): "neighbor del \(address) dev \(port)\n"
    }
  }
}

extension Configuration {
  /// The table as its owner calls it: a VRF's number means the VRF, as in lines.
  fileprivate func table(of table: TableReference) -> TableReference {
    table == .number(UInt32(ReservedTable.main)) ? .main : vrf(ofTable: table) ?? table
  }
}

extension RouteEntry {
  /// A route as a source in this process gives it.
  ///
  /// - Parameter metric: Nil is Linux's own: 0 of IPv4, 1024 of IPv6.
  public init(_ prefix: IPPrefix, in table: TableReference = .main, _ action: RouteAction, metric: UInt32? = nil) {
    self.init(
      vrf: table.vrf, table: table.number, prefix: prefix, action: action,
      metric: metric ?? Self.usualMetric(prefix), mark: Mark(line: 1, column: 1))
  }
}

extension NeighborEntry {
  /// A neighbour as a source in this process gives it.
  public init(_ address: IPAddress, port: String, mac: MACAddress) {
    self.init(port: port, address: address, mac: mac, mark: Mark(line: 1, column: 1))
  }
}

extension SIDEntry {
  /// A SID as a source in this process gives it; what else its behaviour takes is set on it.
  public init(_ prefix: IPv6Prefix, _ behavior: Behavior) {
    self.init(prefix: prefix, behavior: behavior, mark: Mark(line: 1, column: 1))
  }
}
