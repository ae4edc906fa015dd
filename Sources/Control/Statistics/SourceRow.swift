/// Who gives routes, SIDs and neighbours, as `show sources` and `/v1/sources` have it.
public struct SourceRow: TableRow {
  /// Its kind: ``RouteSource/name``.
  public var source: String
  /// The protocol's name; absent for others, as the following three are for what users set.
  public var name: String?
  /// Of entries for the same prefix, SID or neighbour that of the lowest is used.
  public var preference: UInt8
  /// Counts how often it has begun.
  public var epoch: UInt32?
  /// It is gone, and has not begun anew.
  public var lost: Bool?
  /// Seconds for which its entries stay when it is lost.
  public var hold: Int?
  /// Its routes.
  public var routes: Int
  /// Its SIDs.
  public var sids: Int
  /// Its neighbours.
  public var neighbors: Int
  /// Entries that wait for being given again.
  public var stale: Int
  /// Entries that wait for a VRF, a port or a route to their next hop.
  public var parked: Int
  /// Seconds until what is stale is removed; absent where that has no time.
  public var sweep: Int?

  /// The columns of `show sources`.
  public static var columns: [TextTable.Column] {
    [
      .words("source"), .words("name"), .number("preference"), .number("epoch"), .words("state"), .number("routes"),
      .number("sids"), .number("neighbors"), .number("stale"), .number("parked"), .number("hold"), .number("sweep"),
    ]
  }

  /// The row for people.
  public var cells: [String] {
    let state = lost.map { $0 ? "lost" : "up" } ?? ""
    let numbers = [routes, sids, neighbors, stale, parked].map { "\($0)" }
    return [source, name ?? "", "\(preference)", epoch.map { "\($0)" } ?? "", state] + numbers
      + [hold, sweep].map { $0.map { "\($0)" } ?? "" }
  }
}

extension LiveChanges {
  /// The configuration file, the API, then the others in the order in which they came.
  public func sourceRows() -> [SourceRow] {
    [RouteSource.static, .api].map(row) + feeds.all.map(row)
  }

  /// The row of a source that has begun.
  public func sourceRow(_ name: SourceName) -> SourceRow? { feeds.find(name).map(row) }

  private func row(_ source: RouteSource) -> SourceRow {
    func isOwn(_ entry: some SourcedEntry) -> Bool { entry.source == source && entry.feed == 0 }
    return SourceRow(
      source: source.name, preference: source.preference, routes: running.routes.count(where: isOwn),
      sids: running.sids.count(where: isOwn), neighbors: running.neighbors.count(where: isOwn), stale: 0,
      parked: state.parkedRoutes(isOwn) + state.parkedSIDs(isOwn))
  }

  private func row(_ feed: Feed) -> SourceRow {
    let (entries, places) = (feed.entries, Places(state))
    func isUnplaced(_ entry: some PlacedEntry) -> Bool { !places.hadAll(entry) }
    func isOwn(_ entry: some SourcedEntry) -> Bool { entry.feed == feed.number }
    let unplaced =
      entries.routes.count(where: isUnplaced) + entries.sids.count(where: isUnplaced)
      + entries.neighbors.count(where: isUnplaced)
    let stale =
      entries.routes.count(where: feed.isStale) + entries.sids.count(where: feed.isStale)
      + entries.neighbors.count(where: feed.isStale)
    return SourceRow(
      source: feed.name.source.name, name: feed.name.protocolName, preference: feed.preference, epoch: feed.epoch,
      lost: feed.isLost, hold: feed.hold, routes: entries.routes.count, sids: entries.sids.count,
      neighbors: entries.neighbors.count, stale: stale,
      parked: unplaced + state.parkedRoutes(isOwn) + state.parkedSIDs(isOwn), sweep: feed.secondsToSweep(clock()))
  }
}
