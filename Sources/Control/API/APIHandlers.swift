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
  ///   - events: What listeners are told by.
  public init(
    sources: @escaping () -> StatisticsSources, pools: @escaping () -> [PoolRow], changes: APIChanges,
    events: EventHub = EventHub()
  ) {
    var router = APIRouter()
    Self.addReports(to: &router, sources, pools)
    Self.addListings(to: &router, sources)
    Self.addEvents(to: &router, events)
    changes.add(to: &router)
    let description = APIOperation.get(
      "/v1/openapi.json", "What the API answers to, as OpenAPI 3.1", answer: .init(schema: .map(.any)))
    let document = OpenAPIDocument(router.operations + [description])
    router.on(description) { _ in .json(document) }
    self.router = router
  }

  private static func addReports(
    to router: inout APIRouter, _ sources: @escaping () -> StatisticsSources, _ pools: @escaping () -> [PoolRow]
  ) {
    let ports = "Interfaces: link, settings, frames received and transmitted"
    router.on(.get("/v1/ports", ports, answer: [PortRow].self)) { _ in .json(sources().portRows()) }
    let lcores = "Workers: their receive queues, polls and cycles per packet"
    router.on(.get("/v1/lcores", lcores, answer: [LcoreRow].self)) { _ in .json(sources().lcoreRows()) }
    let drops = "Where every received packet went: transmitted, punted, or dropped and why"
    router.on(.get("/v1/drops", drops, answer: DropReport.self)) { _ in .json(sources().dropReport()) }
    let memory = "Memory of the tables and of the pools of packet buffers"
    router.on(.get("/v1/memory", memory, answer: MemoryReport.self)) { _ in
      Self.memory(sources().memoryReport(pools: pools()))
    }
    let version = "Versions of the forwarder that is running"
    router.on(.get("/v1/version", version, answer: VersionReport.self)) { _ in .json(VersionReport.current) }
    let vrfs = "The main table and the VRFs: packets received, routes, SIDs, ports"
    router.on(.get("/v1/vrfs", vrfs, answer: [VRFRow].self)) { _ in
      let rows = sources().vrfRows()
      return .pieces(JSONPieces(count: rows.count) { rows[$0] })
    }
    let all = "Every counter at once: totals, drops, ports, lcores, VRFs, SIDs"
    router.on(.get("/v1/all", all, answer: Summary.self)) { _ in Self.summary(sources()) }
  }

  /// The listings that can be long: whole, or a page of them.
  private static func addListings(to router: inout APIRouter, _ sources: @escaping () -> StatisticsSources) {
    let sids = "Local SIDs: behaviour, parameters, packets and bytes"
    router.on(.get("/v1/sids", sids, listing: SIDListing.self)) { request throws(APIProblem) in
      try SIDListing(sources: sources()).answer(request)
    }
    let neighbors = "Neighbours and their Ethernet addresses"
    router.on(.get("/v1/neighbors", neighbors, listing: NeighborListing.self)) { request throws(APIProblem) in
      try NeighborListing(sources: sources()).answer(request)
    }
    let vrf = APIOperation.Parameter(
      name: "vrf", kind: .text, summary: "Only the routes of this VRF; main is the main table")
    let routes = "Routes of every table, or of one VRF's"
    router.on(.get("/v1/routes", routes, [vrf], listing: RouteListing.self)) { request throws(APIProblem) in
      let sources = sources()
      let table = try request.parameter("vrf").map { name throws(APIProblem) in try Self.table(name, of: sources.state)
      }
      return try RouteListing(sources: sources, table: table).answer(request)
    }
  }

  /// The index of a VRF's table.
  private static func table(_ vrf: String, of state: ForwardingState) throws(APIProblem) -> Int {
    let tables = state.tables.indices
    if let table = tables.first(where: { state.tables[$0]?.name == vrf }) { return table }
    let names = tables.compactMap { state.tables[$0]?.name }.joined(separator: ", ")
    throw APIProblem(.notFound, "there is no VRF '\(vrf)'; there are \(names)")
  }

  private static func addEvents(to router: inout APIRouter, _ events: EventHub) {
    let types = APIOperation.Parameter(
      name: "types", kind: .text,
      summary:
        "Which events, with commas between: \(EventKind.allCases.map(\.rawValue).joined(separator: ", ")); all by"
        + " default")
    let kinds: [JSONSchema] = [
      .of(RouteEvent.self), .of(NeighborEvent.self), .of(LinkEvent.self), .of(SIDEvent.self), .of(VRFEvent.self),
      .of(StreamEvent.self), .of(LostEvent.self),
    ]
    let operation = APIOperation.get(
      "/v1/events", "What changes, a line each, as it happens", [types],
      answer: .init(schema: .oneOf(kinds), isStream: true))
    router.on(operation) { request throws(APIProblem) in
      let queue = try events.listen(to: try EventKind.set(named: request.parameter("types")))
      return APIResponse(body: .events(queue, events))
    }
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
