import TestSupport

/// One table beside the peer's: lookups, a bulk load, and changes.
struct OneTableBench<F: FIB> {
  typealias Number = F.Address.Number

  let settings: Settings
  /// The first part of the figures' names, such as `ipv4-1m`.
  let name: String
  let space: RouteSpace<Number>
  let routes: [NumberedRoute<Number>]
  let destinations: Destinations<Number>
  let ours: OurTables<F>
  private let theirs: BestPeer<F>
  private let changesPerRun: Int

  /// Makes routes and loads both sides; their answers to all destinations must agree.
  init(
    _ settings: Settings, name: String, space: RouteSpace<Number>, routes count: Int, valueBits: Int = 20,
    changesPerRun: Int = 0
  ) throws {
    (self.settings, self.name, self.space) = (settings, name, space)
    self.changesPerRun = changesPerRun == 0 ? 0 : settings.scaled(changesPerRun)
    var random = settings.random(UInt64(count))
    routes = space.routes(settings.scaled(count), &random, valueBits: valueBits)
    destinations = Destinations(amongRoutesOf: [routes], &random)
    ours = try OurTables(routes: routes)
    theirs = try BestPeer(
      routes, changes: settings.longRuns * self.changesPerRun, destinations,
      windows: settings.windows)
    try theirs.check(ours, destinations)
  }

  /// Ends the peer's table, whose memory the next one needs.
  func finish() { theirs.table.free() }

  /// Ticks per lookup of both, and bytes of ours.
  func lookups() {
    let runs = settings.windows.alternate(
      ours.lookups(destinations).advance, theirs.lookups(destinations).advance)
    Report.measured(
      Side(name: "\(name)-ticks", runs: settings.ticks(runs.ours)), unit: "TSC ticks per lookup",
      beside: Side(name: "\(name)-\(F.Peer.name)-ticks", runs: settings.ticks(runs.theirs)),
      ratio: "\(name)-vs-\(F.Peer.name)", variant: theirs.variant)
    Report.measured(Side(name: "\(name)-bytes", runs: [Double(ours.bytes)]), unit: "bytes")
  }

  /// CPU seconds from an empty table to all routes.
  func bulkLoad(figure: String) throws {
    let loadable = OurTables<F>.loadable(routes)
    let runs = try (0..<settings.longRuns).map { _ in
      let tables = try OurTables<F>()
      return try cpuSeconds { try tables.load(loadable) }
    }
    Report.measured(Side(name: figure, runs: runs), unit: "s")
  }

  /// Changes per second of both, the same ones in turns; a third each adds, replaces and removes a route. Afterwards
  /// the answers must still agree.
  func updates(family: String) throws {
    var random = settings.random(UInt64(routes.count + 1))
    var model = ChangingRoutes(routes, space: space)
    var rates: (ours: [Double], theirs: [Double]) = ([], [])
    for _ in 0..<settings.longRuns {
      let changes = (0..<changesPerRun).map { _ in model.change(&random) }
      let ourSeconds = try cpuSeconds { for change in changes { try ours.apply(change) } }
      let theirSeconds = try cpuSeconds { for change in changes { try theirs.table.applying(change) } }
      rates.ours.append(Double(changes.count) / ourSeconds)
      rates.theirs.append(Double(changes.count) / theirSeconds)
    }
    Report.measured(
      Side(name: "\(family)-updates-per-second", runs: rates.ours), unit: "changes per second", better: "higher",
      beside: Side(name: "\(family)-\(F.Peer.name)-updates-per-second", runs: rates.theirs),
      ratio: "\(family)-updates-vs-\(F.Peer.name)")
    try theirs.check(ours, Destinations(amongRoutesOf: [model.routes], &random))
  }
}
