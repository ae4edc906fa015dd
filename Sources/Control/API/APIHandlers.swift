import DPDK
import NIOHTTP1

/// What the API answers to: `/v1/...`, each path the JSON of a `needletail show` of its name.
public struct APIHandlers {
  private let router: APIRouter

  /// Makes the handlers.
  ///
  /// - Parameters:
  ///   - sources: The state at the moment of the request.
  ///   - pools: The pools of packet buffers at that moment.
  public init(sources: @escaping () -> StatisticsSources, pools: @escaping () -> [PoolRow]) {
    var router = APIRouter()
    router.on(.GET, "/v1/ports") { _ in .json(sources().portRows()) }
    router.on(.GET, "/v1/lcores") { _ in .json(sources().lcoreRows()) }
    router.on(.GET, "/v1/drops") { _ in .json(sources().dropReport()) }
    router.on(.GET, "/v1/memory") { _ in Self.memory(sources().memoryReport(pools: pools())) }
    router.on(.GET, "/v1/version") { _ in .json(VersionReport.current) }
    router.on(.GET, "/v1/vrfs") { _ in
      let rows = sources().vrfRows()
      return .pieces(JSONPieces(count: rows.count) { rows[$0] })
    }
    router.on(.GET, "/v1/all") { _ in Self.summary(sources()) }
    Self.addListings(to: &router, sources)
    self.router = router
  }

  /// Answers a request. Control thread only.
  public func respond(to request: APIRequest) -> APIResponse { router.respond(to: request) }

  /// The listings that can be long: whole, or a page of them.
  private static func addListings(to router: inout APIRouter, _ sources: @escaping () -> StatisticsSources) {
    let page = ["offset", "limit"]
    router.on(.GET, "/v1/sids", parameters: page) { request throws(APIProblem) in
      let sources = sources()
      return try listing(request, total: sources.state.configuration.sids.count) { sources.sidRow($0) }
    }
    router.on(.GET, "/v1/neighbors", parameters: page) { request throws(APIProblem) in
      let neighbors = sources().neighborRows()
      return try listing(request, total: neighbors.count) { neighbors[$0] }
    }
    router.on(.GET, "/v1/routes", parameters: page + ["vrf"]) { request throws(APIProblem) in
      let sources = sources()
      let state = sources.state
      let names = state.tableNames
      let vrf = request.parameter("vrf")
      let table = vrf.flatMap { names.firstIndex(of: $0) }
      if let vrf, table == nil {
        throw APIProblem(.notFound, "there is no VRF '\(vrf)'; there are \(names.joined(separator: ", "))")
      }
      let routes = state.routes(table: table)
      return try listing(request, total: routes.count) { ListedRoute(routes[$0], of: sources) }
    }
  }

  /// Without `offset` and `limit` the plain array of all rows; with either, an object with the page's rows.
  private static func listing(
    _ request: APIRequest, total: Int, row: @escaping (Int) -> some Encodable
  ) throws(APIProblem) -> APIResponse {
    let (offset, limit) = (try request.count("offset"), try request.count("limit"))
    guard offset != nil || limit != nil else { return .pieces(JSONPieces(count: total, row: row)) }
    let first = min(offset ?? 0, total)
    let count = min(limit ?? total, total - first)
    var pieces = JSONPieces()
    pieces.append(text: "{\"items\":")
    pieces.append(count: count) { row(first + $0) }
    pieces.append(text: ",\"offset\":\(offset ?? 0),\"total\":\(total)}")
    return .pieces(pieces)
  }

  /// The JSON of a ``MemoryReport``, its rows made while it is sent.
  private static func memory(_ report: MemoryReport) -> APIResponse {
    var pieces = JSONPieces()
    pieces.append(text: "{\"limit\":\(report.limit),\"pools\":")
    pieces.append(count: report.pools.count) { report.pools[$0] }
    pieces.append(text: ",\"tables\":")
    pieces.append(count: report.tables.count) { report.tables[$0] }
    pieces.append(text: ",\"total\":\(report.total),\"vrfs\":")
    pieces.append(count: report.vrfs.count) { report.vrfs[$0] }
    pieces.append(text: "}")
    return .pieces(pieces)
  }

  /// The JSON of a ``Summary``, its rows made while it is sent.
  private static func summary(_ sources: StatisticsSources) -> APIResponse {
    let totals = sources.dropReport()
    var pieces = JSONPieces()
    let drops = totals.drops.sorted { $0.key < $1.key }.map { "\(JSONText.string($0.key)):\($0.value)" }
    pieces.append(text: "{\"drops\":{\(drops.joined(separator: ","))},\"generated\":\(totals.generated),\"lcores\":")
    let (lcores, ports, vrfs) = (sources.lcoreRows(), sources.portRows(), sources.vrfRows())
    pieces.append(count: lcores.count) { lcores[$0] }
    pieces.append(text: ",\"ports\":")
    pieces.append(count: ports.count) { ports[$0] }
    pieces.append(text: ",\"punted\":\(totals.punted),\"received\":\(totals.received),\"sids\":")
    pieces.append(count: sources.state.configuration.sids.count) { sources.sidRow($0) }
    pieces.append(text: ",\"transmitted\":\(totals.transmitted),\"tsc-hz\":\(EAL.cyclesPerSecond),\"vrfs\":")
    pieces.append(count: vrfs.count) { vrfs[$0] }
    pieces.append(text: "}")
    return .pieces(pieces)
  }
}
