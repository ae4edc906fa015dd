import Wire

/// What a batch makes of the routes, SIDs and neighbours of a configuration file.
struct BatchedChanges {
  /// Routes that differ in one of these stand side by side, as in Linux.
  struct RouteSlot: EntryKey {
    var key: RouteKey
    var metric: UInt32
    /// Whose it is: ``Feed/number``; 0 is users'.
    var feed: UInt8 = 0

    /// That of the usual metric.
    var usual: RouteSlot? {
      let usual = RouteEntry.usualMetric(key.prefix)
      return metric == usual ? nil : RouteSlot(key: key, metric: usual, feed: feed)
    }
  }
  /// A neighbour's place.
  struct NeighborSlot: EntryKey {
    var port: String
    var address: IPAddress
  }

  var routes: KeyedEntries<RouteSlot, RouteEntry>
  var sids: KeyedEntries<IPv6Prefix, SIDEntry>
  var neighbors: KeyedEntries<NeighborSlot, NeighborEntry>

  init(_ configuration: Configuration) {
    routes = KeyedEntries(configuration.routes) { RouteSlot($0) }
    sids = KeyedEntries(configuration.sids) { $0.prefix }
    neighbors = KeyedEntries(configuration.neighbors) { NeighborSlot(port: $0.port, address: $0.address) }
  }

  /// None.
  init() { self.init(Configuration()) }

  /// Writes everything back.
  func write(to configuration: inout Configuration) {
    configuration.routes = routes.all
    configuration.sids = sids.all
    configuration.neighbors = neighbors.all
  }
}

extension BatchedChanges.RouteSlot {
  init(_ route: RouteEntry) {
    key = RouteKey(table: route.tableReference, prefix: route.prefix)
    metric = route.metric
    feed = route.feed
  }
}

extension KeyedEntries {
  /// Does what a verb says with the entry of a key.
  ///
  /// - Parameters:
  ///   - name: What the entry is called.
  ///   - mark: Where the one that is there stands.
  mutating func apply(
    _ verb: IPVerb, _ entry: Entry, _ key: Key, name: @autoclosure () -> String, at place: Mark, mark: (Entry) -> Mark
  ) throws(IPCommandError) {
    let old = self[key]
    switch verb {
    case .add, .append:
      if let old {
        throw IPCommandError(
          place, "\(name()) is there already (\(mark(old).place)); write replace, or remove one of them")
      }
    case .change, .delete:
      if old == nil { throw IPCommandError(place, "\(name()) is not there, so there is nothing to \(verb)") }
    case .replace: break
    }
    if verb == .delete { remove(key) } else { put(entry, key) }
  }
}

extension IPv6Prefix: EntryKey {}
