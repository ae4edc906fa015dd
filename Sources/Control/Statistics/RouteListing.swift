/// A route, as `show routes` and `/v1/routes` have it.
public struct ListedRoute: TableRow {
  /// The VRF in whose table it stands, or `main`.
  public var vrf: String
  /// The destination.
  public var prefix: String
  /// It is the one of its prefix that packets take.
  public var best: Bool
  /// Who put it there: ``RouteSource/name``.
  public var source: String
  /// The protocol's name; absent for other sources.
  public var name: String?
  /// Its source is gone or has begun anew, and has not given it again; else absent.
  public var stale: Bool?
  /// Nothing leads to its next hop yet; else absent.
  public var parked: Bool?
  /// Of the routes for one prefix the one with the lowest preference is the best,
  public var preference: UInt8
  /// and among those the one with the lowest metric.
  public var metric: UInt32
  /// What it does, in words: `via 10.1.0.2 port ce-red`.
  public var action: String
  /// Of a headend route: packets that it encapsulated; absent for others, as the following two.
  public var packets: UInt64?
  /// Bytes of those packets before.
  public var bytes: UInt64?
  /// Packets that matched it and were not encapsulated.
  public var errors: UInt64?

  /// The columns of `show routes`.
  public static var columns: [TextTable.Column] {
    [
      .words("vrf"), .words("best"), .words("prefix"), .words("source"), .words("pref/metric"), .words("action"),
      .words("state"), .number("packets"), .number("bytes"), .number("errors"),
    ]
  }

  /// The row for people; `>` marks the best, as in FRR's `show ip route`.
  public var cells: [String] {
    return [vrf, best ? ">" : "", prefix, name ?? source, "\(preference)/\(metric)", action, waiting(stale, parked)]
      + [packets, bytes, errors].map { $0.map(String.init) ?? "" }
  }
}

/// What an entry waits for, in words.
func waiting(_ stale: Bool?, _ parked: Bool?) -> String {
  [stale == true ? "stale" : nil, parked == true ? "parked" : nil].compactMap { $0 }.joined(separator: " ")
}

/// A neighbour, as `show neighbors` and `/v1/neighbors` have it.
public struct NeighborRow: TableRow {
  /// The port that it is reached through.
  public var port: String
  /// Its address.
  public var address: String
  /// Its Ethernet address; nil where it is not known.
  public var mac: String?
  /// How far it is known, by the kernel's names (`ip neighbour`): `permanent`, `incomplete`, `reachable`, `stale`, `probe`,
  /// `failed`.
  public var state: String
  /// Who put it there: ``RouteSource/name``, or `neighbor` of one that has answered or is being asked for.
  public var source: String
  /// The protocol's name; absent for other sources.
  public var name: String?
  /// Its source is gone or has begun anew, and has not given it again; else absent.
  public var stale: Bool?

  /// The columns of `show neighbors`.
  public static var columns: [TextTable.Column] {
    [.words("port"), .words("address"), .words("mac"), .words("state"), .words("source")]
  }

  /// The row for people.
  public var cells: [String] { [port, address, mac ?? "", state, (name ?? source) + (stale == nil ? "" : " stale")] }
}

extension ListedRoute {
  init(_ route: RouteRow, of sources: StatisticsSources) {
    let state = sources.state
    vrf = state.tables[route.table]?.name ?? ""
    prefix = route.prefix.description
    best = route.isBest
    source = route.candidate.source.name
    preference = route.candidate.preference
    metric = route.metric
    action = state.action(of: route)
    let entry = sources.live?.entry(of: route)
    (name, stale) = sources.given(entry)
    parked = state.isParked(route) ? true : nil
    guard let headend = state.headend(of: route) else { return }
    let tally = sources.tally(headend: headend)
    (packets, bytes, errors) = (tally.packets, tally.bytes, sources.errors(headend: headend))
  }
}

extension StatisticsSources {
  /// Every route, in the order of ``ForwardingState/routes(table:)``.
  public func routeRows() -> [ListedRoute] { state.routes().map { ListedRoute($0, of: self) } }

  /// The neighbours, by port and address.
  public func neighborRows() -> [NeighborRow] {
    let listing = NeighborListing(sources: self)
    return listing.items(after: nil, count: .max).map(listing.row)
  }

  /// The row of a neighbour that is there.
  func neighborRow(_ key: NeighborCache.Key) -> NeighborRow {
    let entry = neighbors.entries[key]!
    let port = state.interfaces[key.interface].name
    let owner = entry.state == .permanent ? live?.standingNeighbor(key.address, port: port) : nil
    let (name, isStale) = given(owner)
    let source = owner?.source ?? (entry.state == .permanent ? .static : .neighbor)
    return NeighborRow(
      port: port, address: key.address.description, mac: entry.mac?.description, state: entry.state.rawValue,
      source: source.name, name: name, stale: isStale)
  }

  /// The protocol's name of an entry, and whether it is stale; nil where that does not hold.
  func given(_ entry: (some SourcedEntry)?) -> (name: String?, stale: Bool?) {
    guard let entry, let feed = live?.feeds[entry.feed] else { return (nil, nil) }
    return (feed.name.protocolName, feed.isStale(entry) ? true : nil)
  }
}

extension LiveChanges {
  /// A feed's entry that a route is of; nil for users' and for what the forwarder itself has.
  fileprivate func entry(of route: RouteRow) -> RouteEntry? {
    guard let feed = feeds[route.candidate.feed], let table = state.tables[route.table] else { return nil }
    let key = RouteKey(table: table.reference, prefix: route.prefix)
    return feed.entries.routes[.init(key: key, metric: route.metric, feed: feed.number)]
  }

  /// The entry that makes a neighbour permanent.
  fileprivate func standingNeighbor(_ address: IPAddress, port: String) -> NeighborEntry? {
    FeedEffects(users: running, feeds: feeds, places: Places(state)).standing(
      .init(port: port, address: address), \.neighbors)
  }
}
