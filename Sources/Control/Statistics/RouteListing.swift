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

/// A static neighbour, as `show neighbors` and `/v1/neighbors` have it.
public struct NeighborRow: TableRow {
  /// How a neighbour's Ethernet address is known, by the kernel's names (`ip neighbour`).
  public enum State: String, Codable, Sendable {
    /// From the configuration; it never ages.
    case permanent
  }

  /// The port that it is reached through.
  public var port: String
  /// Its address.
  public var address: String
  /// Its Ethernet address.
  public var mac: String
  /// How that is known.
  public var state: State

  /// The columns of `show neighbors`.
  public static var columns: [TextTable.Column] {
    [.words("port"), .words("address"), .words("mac"), .words("state")]
  }

  /// The row for people.
  public var cells: [String] { [port, address, mac, state.rawValue] }
}

extension ListedRoute {
  init(_ route: RouteRow, of sources: StatisticsSources) {
    let state = sources.state
    vrf = state.tableNames[route.table]
    prefix = route.prefix.description
    best = route.isBest
    source = route.candidate.source.name
    preference = route.candidate.preference
    metric = route.candidate.metric
    action = state.action(of: route)
    guard let headend = state.headend(of: route) else { return }
    let tally = sources.tally(headend: headend)
    (packets, bytes, errors) = (tally.packets, tally.bytes, sources.errors(headend: headend))
  }
}

extension NeighborRow {
  init(_ neighbor: NeighborEntry) {
    port = neighbor.port
    address = neighbor.address.description
    mac = neighbor.mac.description
    state = .permanent
  }
}

extension StatisticsSources {
  /// Every route, in the order of ``ForwardingState/routes(table:)``.
  public func routeRows() -> [ListedRoute] { state.routes().map { ListedRoute($0, of: self) } }

  /// The neighbours, in the configuration's order.
  public func neighborRows() -> [NeighborRow] { state.configuration.neighbors.map { NeighborRow($0) } }
}
