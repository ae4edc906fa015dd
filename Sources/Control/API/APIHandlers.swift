import DPDK
import NIOHTTP1

/// What the API answers to: `/v1/...`. A path that is read is the JSON of a `needletail show` of its name.
public struct APIHandlers {
  /// Which path is answered how.
  let router: APIRouter

  /// Makes the handlers.
  ///
  /// - Parameters:
  ///   - sources: The state at the moment of the request.
  ///   - pools: The pools of packet buffers at that moment.
  ///   - changes: What changes the state.
  public init(
    sources: @escaping () -> StatisticsSources, pools: @escaping () -> [PoolRow], changes: APIChanges
  ) {
    var router = APIRouter()
    router.on(.get("/v1/ports", "Interfaces: link, settings, frames received and transmitted")) { _ in
      .json(sources().portRows())
    }
    router.on(.get("/v1/lcores", "Workers: their receive queues, polls and cycles per packet")) { _ in
      .json(sources().lcoreRows())
    }
    router.on(.get("/v1/drops", "Where every received packet went: transmitted, punted, or dropped and why")) { _ in
      .json(sources().dropReport())
    }
    router.on(.get("/v1/memory", "Memory of the tables and of the pools of packet buffers")) { _ in
      Self.memory(sources().memoryReport(pools: pools()))
    }
    router.on(.get("/v1/version", "Versions of the forwarder that is running")) { _ in .json(VersionReport.current) }
    router.on(.get("/v1/vrfs", "The main table and the VRFs: packets received, routes, SIDs, ports")) { _ in
      let rows = sources().vrfRows()
      return .pieces(JSONPieces(count: rows.count) { rows[$0] })
    }
    router.on(.get("/v1/all", "Every counter at once: totals, drops, ports, lcores, VRFs, SIDs")) { _ in
      Self.summary(sources())
    }
    Self.addListings(to: &router, sources)
    changes.add(to: &router)
    let description = APIOperation.get("/v1/openapi.json", "What the API answers to, as OpenAPI 3.1")
    let document = OpenAPIDocument(router.operations + [description])
    router.on(description) { _ in .json(document) }
    self.router = router
  }

  /// The listings that can be long: whole, or a page of them.
  private static func addListings(to router: inout APIRouter, _ sources: @escaping () -> StatisticsSources) {
    let page = [
      APIOperation.Parameter(
        name: "offset", kind: .count, summary: "The first row, from 0; the answer is an object with items and total"),
      APIOperation.Parameter(
        name: "limit", kind: .count, summary: "The most rows; the answer is an object with items and total"),
    ]
    let sids = APIOperation.get("/v1/sids", "Local SIDs: behaviour, parameters, packets and bytes", page)
    router.on(sids) { request throws(APIProblem) in
      let sources = sources()
      let indices = sources.state.sids.indices
      return try listing(request, total: indices.count) { sources.sidRow(indices[$0]) }
    }
    let neighbors = APIOperation.get("/v1/neighbors", "Neighbours and their Ethernet addresses", page)
    router.on(neighbors) { request throws(APIProblem) in
      let neighbors = sources().neighborRows()
      return try listing(request, total: neighbors.count) { neighbors[$0] }
    }
    let vrf = APIOperation.Parameter(
      name: "vrf", kind: .text, summary: "Only the routes of this VRF; main is the main table")
    let routes = APIOperation.get("/v1/routes", "Routes of every table, or of one VRF's", page + [vrf])
    router.on(routes) { request throws(APIProblem) in
      let sources = sources()
      let state = sources.state
      let tables = state.tables.indices
      let vrf = request.parameter("vrf")
      let table = vrf.flatMap { name in tables.first { state.tables[$0]?.name == name } }
      if let vrf, table == nil {
        let names = tables.compactMap { state.tables[$0]?.name }.joined(separator: ", ")
        throw APIProblem(.notFound, "there is no VRF '\(vrf)'; there are \(names)")
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
    let punts = totals.punts.sorted { $0.key < $1.key }.map { name, count in
      "\(JSONText.string(name)):{\"limited\":\(count.limited),\"punted\":\(count.punted)}"
    }
    pieces.append(text: ",\"punted\":\(totals.punted),\"punts\":{\(punts.joined(separator: ","))}")
    pieces.append(text: ",\"received\":\(totals.received),\"sids\":")
    let sids = sources.state.sids.indices
    pieces.append(count: sids.count) { sources.sidRow(sids[$0]) }
    pieces.append(text: ",\"transmitted\":\(totals.transmitted),\"tsc-hz\":\(EAL.cyclesPerSecond),\"vrfs\":")
    pieces.append(count: vrfs.count) { vrfs[$0] }
    pieces.append(text: "}")
    return .pieces(pieces)
  }
}
