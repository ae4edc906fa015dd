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
      .number("packets"), .number("bytes"), .number("errors"),
    ]
  }

  /// The row for people; `>` marks the best, as in FRR's `show ip route`.
  public var cells: [String] {
    [vrf, best ? ">" : "", prefix, source, "\(preference)/\(metric)", action]
      + [packets, bytes, errors].map { $0.map(String.init) ?? "" }
  }
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

  /// The columns of `show neighbors`.
  public static var columns: [TextTable.Column] {
    [.words("port"), .words("address"), .words("mac"), .words("state")]
  }

  /// The row for people.
  public var cells: [String] { [port, address, mac ?? "", state] }
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
    guard let headend = state.headend(of: route) else { return }
    let tally = sources.tally(headend: headend)
    (packets, bytes, errors) = (tally.packets, tally.bytes, sources.errors(headend: headend))
  }
}

extension NeighborRow {
  /// The rows of a cache, by port and address.
  static func rows(_ cache: NeighborCache, of state: ForwardingState) -> [NeighborRow] {
    let named = cache.entries.map { (port: state.interfaces[$0.interface].name, address: $0.address, entry: $1) }
    return named.sorted { ($0.port, $0.address) < ($1.port, $1.address) }.map { port, address, entry in
      NeighborRow(
        port: port, address: address.description, mac: entry.mac?.description,
        state: entry.state.rawValue)
    }
  }
}

extension StatisticsSources {
  /// Every route, in the order of ``ForwardingState/routes(table:)``.
  public func routeRows() -> [ListedRoute] { state.routes().map { ListedRoute($0, of: self) } }

  /// The neighbours, by port and address.
  public func neighborRows() -> [NeighborRow] { NeighborRow.rows(neighbors, of: state) }
}
