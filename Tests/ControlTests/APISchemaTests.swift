import Foundation
import NIOCore
import NIOHTTP1
import Testing
import Wire

@testable import Control

/// What the API's description says of answers, held against the answers of a state that has a row of every kind.
@Suite struct APISchemaTests {
  private static let configuration =
    statisticsConfiguration.replacing(
      "sids:\n",
      with: """
        sids:
          - {sid: "fc00:0:1:e::", behavior: End, flavors: [PSP, USD]}
          - {sid: "fc00:0:1:7::", behavior: End.T, table: 300}
          - {sid: "fc00:0:1:b6::", behavior: End.B6.Encaps, segments: ["fc00:0:3::"]}

        """)

  private let hub = EventHub()
  private let router: APIRouter
  private let sources: StatisticsSources

  init() throws {
    let plain = try makeStatisticsSources(text: Self.configuration)
    var neighbors = NeighborCache(configuredIn: plain.state)
    _ = neighbors.want(.init(interface: 1, address: try #require(IPAddress(parsing: "10.1.0.77"))), now: 0)
    let twin = TwinRow(
      name: "core0", namespace: "/run/netns/core", toHostPackets: 1, toHostBytes: 60, toHostDrops: 0,
      fromHostPackets: 2,
      fromHostBytes: 120, fromHostDrops: 0)
    let sources = StatisticsSources(
      state: plain.state, workers: plain.workers, neighbors: neighbors, twins: [0: twin], ports: [:])
    sources.workers[0].counters.drops[1] = 5
    self.sources = sources
    let pool = PoolRow(pool: "packets-0", size: 8, inUse: 3, bytes: 800)
    router = APIHandlers(sources: { sources }, pools: { [pool] }, changes: makeChanges(), events: hub).router
  }

  private func ask(_ uri: String, _ method: HTTPMethod = .GET, _ body: String = "") throws -> JSON {
    let response = router.respond(to: try APIRequest(method: method, uri: uri, body: ByteBuffer(string: body)))
    var data = Data()
    switch response.body {
    case .whole(let buffer): data = Data(buffer.readableBytesView)
    case .pieces(var pieces): while !pieces.isFinished { data += Data(try pieces.next().readableBytesView) }
    case .events(let queue, _): return .array(try lines(queue))
    }
    return try JSONDecoder().decode(JSON.self, from: data)
  }

  private func lines(_ queue: EventQueue) throws -> [JSON] {
    var text = ""
    while let chunk = queue.take() { text += String(buffer: chunk) }
    return try text.split(separator: "\n").map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
  }

  /// The schema of an operation's answer.
  private func schema(_ path: String, _ method: String = "get", status: String = "200") throws -> JSON {
    let content = try ask("/v1/openapi.json")["paths"]?[path]?[method]?["responses"]?[status]?["content"]
    guard case .object(let media)? = content, media.count == 1 else { throw APIProblem(.notFound, "no \(path)") }
    return try #require(media.values.first?["schema"])
  }

  /// The problems of answers, and of what is described and in none of them.
  private func problems(_ answers: [JSON], _ schema: JSON) -> [String] {
    var check = SchemaCheck()
    let found = answers.flatMap { check.problems($0, schema, "") }
    let missing = SchemaCheck.fields(schema, "").subtracting(check.seen)
    return found + missing.sorted().map { "\($0) is described and never there" }
  }

  @Test(arguments: ["ports", "lcores", "drops", "memory", "version", "vrfs"])
  func reportsAreAsDescribed(_ name: String) throws {
    #expect(problems([try ask("/v1/\(name)")], try schema("/v1/\(name)")) == [])
  }

  @Test func everythingAtOnceIsAsDescribed() throws {
    let answer = try ask("/v1/all")
    guard case .object(var whole) = answer else { throw APIProblem(.notFound, "no object") }
    whole["sids"] = .array([try waiting("sids")])
    #expect(problems([answer, .object(whole)], try schema("/v1/all")) == [])
  }

  @Test(arguments: ["sids", "neighbors", "routes"]) func listingsAreAsDescribed(_ name: String) throws {
    let answers = try ["", "?limit=1", "?limit=100", "?offset=1"].map { try ask("/v1/\(name)\($0)") }
    guard case .object(var page) = answers[1] else { throw APIProblem(.notFound, "no page") }
    let rows = JSON.array([try waiting(name)])
    page["items"] = rows
    #expect(problems(answers + [rows, .object(page)], try schema("/v1/\(name)")) == [])
  }

  /// A row that a protocol gave, and that waits for everything there is to wait for.
  private func waiting(_ name: String) throws -> JSON {
    switch name {
    case "routes":
      var row = try #require(sources.routeRows().first)
      (row.name, row.stale, row.parked) = ("bgp", true, true)
      return try json(row)
    case "sids":
      var row = sources.sidRow(try #require(sources.state.sids.indices.first))
      (row.name, row.stale, row.parked) = ("bgp", true, true)
      return try json(row)
    default:
      var row = try #require(sources.neighborRows().first)
      (row.name, row.stale) = ("bgp", true)
      return try json(row)
    }
  }

  private func json(_ row: some Encodable) throws -> JSON {
    try JSONDecoder().decode(JSON.self, from: try JSONEncoder().encode(row))
  }

  @Test func sourcesAreAsDescribed() throws {
    let row = SourceRow(
      source: "protocol", name: "bgp", preference: 20, epoch: 3, lost: true, hold: 120, routes: 5, sids: 1,
      neighbors: 0,
      stale: 6, parked: 1, sweep: 100)
    #expect(problems([try json([row])], try schema("/v1/sources")) == [])
    #expect(problems([try json(row)], try schema("/v1/sources/begin", "post")) == [])
  }

  @Test(arguments: ["batch", "apply"]) func changesAreAsDescribed(_ name: String) throws {
    func body(_ text: String) -> String { name == "batch" ? text : "{\"configuration\":\"\(text)\"}" }
    let path = "/v1/\(name)"
    #expect(problems([try ask(path, .POST, body("x"))], try schema(path, "post")) == [])
    let refusals = [try ask(path, .POST, body("bad")), try ask("\(path)?x=1", .POST)]
    for status in ["401", "4XX", "422", "503"] {
      #expect(problems(refusals, try schema(path, "post", status: status)) == [])
    }
  }

  @Test func eventsAreAsDescribed() throws {
    var limits = EventHub.Limits()
    limits.queuedBytes = 1 << 16
    let hub = EventHub(limits: limits)
    let queue = try hub.listen(to: Set(EventKind.allCases))
    var changes = StateChanges()
    let configuration = try ConfigurationLoader.load(text: Self.configuration, file: "c")
    changes.routes = configuration.routes.map { .add($0) }
    changes.sids = configuration.sids.map { .remove($0) }
    changes.vrfs = configuration.vrfs.map { .add($0) }
    hub.commit(changes, revision: 3)
    hub.emitLink(of: 0, .down, sources.state.interfaces)
    var neighbors = NeighborCache()
    neighbors.tell(hub, of: sources.state)
    let key = NeighborCache.Key(interface: 0, address: try #require(IPAddress(parsing: "10.1.0.1")))
    _ = neighbors.want(key, now: 0)
    _ = neighbors.setPermanent(key, MACAddress(0x0200_0000_0001))
    neighbors.tell(hub, of: sources.state)
    queue.beat(hub.mark(.heartbeat))
    for _ in 0..<2000 { hub.emitLink(of: 0, .up, sources.state.interfaces) }
    let events = try lines(queue) + [try JSONDecoder().decode(JSON.self, from: Data(hub.mark(.end).readableBytesView))]
    #expect(problems(events, try schema("/v1/events")) == [])
    let order = events.compactMap { $0["event"]?.text }
    #expect(order.prefix(4) == ["begin", "vrf", "vrf", "sid"] && order.contains("lost"), "a VRF before what is in it")
  }

  /// The check itself finds what is wrong.
  @Test func differencesAreFound() throws {
    let schema = try schema("/v1/neighbors")
    let row = try #require(try ask("/v1/neighbors")[0])
    guard case .object(var fields) = row else { return }
    fields["more"] = .text("x")
    #expect(!problems([.array([.object(fields)])], schema).isEmpty)
    fields["more"] = nil
    fields["state"] = nil
    #expect(!problems([.array([.object(fields)])], schema).isEmpty)
    fields["state"] = .bool(true)
    #expect(!problems([.array([.object(fields)])], schema).isEmpty)
    #expect(problems([.array([row])], schema).contains { $0.hasSuffix("next is described and never there") })
  }
}

/// JSON of any kind.
private indirect enum JSON: Decodable {
  case null
  case bool(Bool)
  case whole(Int)
  case number(Double)
  case text(String)
  case array([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let whole = try? value.decode(Int.self) {
      self = .whole(whole)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let array = try? value.decode([JSON].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  subscript(key: String) -> JSON? { if case .object(let fields) = self { fields[key] } else { nil } }
  subscript(index: Int) -> JSON? { if case .array(let items) = self { items[index] } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var items: [JSON] { if case .array(let items) = self { items } else { [] } }
}

/// As much of JSON Schema as the description uses.
private struct SchemaCheck {
  /// Fields that were there, by path.
  var seen: Set<String> = []

  mutating func problems(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
    if case .array(let choices)? = schema["oneOf"] {
      var fitting: [(Set<String>)] = []
      for (index, choice) in choices.enumerated() {
        var check = self
        if check.problems(value, choice, "\(path)|\(index)").isEmpty { fitting.append(check.seen) }
      }
      guard fitting.count == 1 else { return ["\(path): \(fitting.count) of \(choices.count) kinds fit \(value)"] }
      seen = fitting[0]
      return []
    }
    switch (schema["type"]?.text, value) {
    case ("string", .text(let text)):
      let choices = schema["enum"]?.items.compactMap(\.text) ?? []
      return choices.isEmpty || choices.contains(text) ? [] : ["\(path): \(text) is no choice"]
    case ("integer", .whole(let number)):
      guard case .whole(let least)? = schema["minimum"] else { return [] }
      return number >= least ? [] : ["\(path): \(number) is too little"]
    case ("number", .whole), ("number", .number), ("boolean", .bool): return []
    case ("array", .array(let items)): return items.flatMap { problems($0, schema["items"] ?? .null, "\(path)[]") }
    case ("object", .object(let fields)): return problems(of: fields, schema, path)
    default: return ["\(path): \(value) is not of \(schema)"]
    }
  }

  private mutating func problems(of fields: [String: JSON], _ schema: JSON, _ path: String) -> [String] {
    guard case .object(let known)? = schema["properties"] else {
      let values = schema["additionalProperties"] ?? .null
      return fields.flatMap { problems($0.value, values, "\(path).*") }
    }
    var found: [String] = []
    for (name, value) in fields {
      guard let schema = known[name] else {
        found.append("\(path).\(name) is not described")
        continue
      }
      seen.insert("\(path).\(name)")
      found += problems(value, schema, "\(path).\(name)")
    }
    for name in schema["required"]?.items.compactMap(\.text) ?? [] where fields[name] == nil {
      found.append("\(path).\(name) is missing")
    }
    return found
  }

  /// Every field that a schema describes, by path.
  static func fields(_ schema: JSON, _ path: String) -> Set<String> {
    var all: Set<String> = []
    for (index, choice) in (schema["oneOf"]?.items ?? []).enumerated() {
      all.formUnion(fields(choice, "\(path)|\(index)"))
    }
    if let items = schema["items"] { all.formUnion(fields(items, "\(path)[]")) }
    if case .object(let known)? = schema["properties"] {
      for (name, schema) in known {
        all.insert("\(path).\(name)")
        all.formUnion(fields(schema, "\(path).\(name)"))
      }
    }
    return all
  }
}
