import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import Control

/// What changes the state, and the description of everything that the API answers to.
@Suite struct APIChangesTests {
  private struct Problem: Codable, Equatable {
    var error: String
    var errors: [String]?
  }

  private func post(_ uri: String, _ body: [UInt8]) throws -> (status: UInt, body: Data) {
    var router = APIRouter()
    makeChanges().add(to: &router)
    let request = try APIRequest(method: .POST, uri: uri, body: ByteBuffer(bytes: body))
    let response = router.respond(to: request)
    guard case .whole(let buffer) = response.body else { return (response.status.code, Data()) }
    return (response.status.code, Data(buffer.readableBytesView))
  }

  private func post(_ uri: String, _ body: String) throws -> (status: UInt, body: Data) {
    try post(uri, Array(body.utf8))
  }

  private func report(_ answer: (status: UInt, body: Data)) throws -> ChangeReport {
    #expect(answer.status == 200)
    return try JSONDecoder().decode(ChangeReport.self, from: answer.body)
  }

  private func problem(_ answer: (status: UInt, body: Data)) throws -> Problem {
    try JSONDecoder().decode(Problem.self, from: answer.body)
  }

  @Test func batchesAreNamed() throws {
    #expect(try report(post("/v1/batch", "route add")).changes == ["batch"])
    #expect(try report(post("/v1/batch?file=a%20b", "")).changes == ["a b"])
  }

  @Test func batchesOfSourcesSayWhose() throws {
    #expect(try report(post("/v1/batch?source=protocol&name=bgp", "route add")).changes == ["batch", "protocol bgp"])
    #expect(try report(post("/v1/batch?source=kernel&file=x", "")).changes == ["x", "kernel"])
    #expect(try report(post("/v1/sources/sweep?source=kernel", "")).changes == ["kernel"])
    #expect(try post("/v1/sources/lost?source=kernel", "").status == 422)
    for (uri, part) in [
      ("/v1/batch?source=static", "the sources that do are kernel and protocol"),
      ("/v1/batch?source=protocol", "add 'name'"), ("/v1/batch?name=bgp", "add source=protocol"),
      ("/v1/sources/begin", "does not say which source"), ("/v1/sources/begin?source=kernel&hold=x", "hold is 'x'"),
      ("/v1/sources/sweep?source=kernel&hold=1", "unknown parameter 'hold'"),
    ] {
      let answer = try post(uri, "")
      #expect(answer.status == 400)
      #expect(try problem(answer).error.contains(part), "\(uri)")
    }
  }

  @Test func requestsToApplyAreObjects() throws {
    let whole = #"{"configuration": "x: 1\n", "file": "n.yaml", "batch": "lines", "dry-run": true}"#
    #expect(try report(post("/v1/apply", whole)).changes == ["n.yaml", "lines", "dry"])
    let least = #"{"configuration": ""}"#
    #expect(try report(post("/v1/apply", least)).changes == ["configuration", "no batch", "wet"])
    let null = #"{"configuration": "", "batch": null}"#
    #expect(try report(post("/v1/apply", null)).changes == ["configuration", "no batch", "wet"])
  }

  @Test(arguments: ["/v1/batch", "/v1/apply"]) func whatIsRefusedChangesNothingAndSaysWhy(_ uri: String) throws {
    let isBatch = uri == "/v1/batch"
    let answer = try post(uri, isBatch ? "bad" : #"{"configuration": "bad", "file": "batch"}"#)
    #expect(answer.status == 422)
    let messages = ["batch:1:1: bad", "batch:2:1: worse"]
    #expect(try problem(answer) == Problem(error: messages[0], errors: messages))
  }

  /// Bodies that cannot be read, and a part of what is said of them.
  static let malformed: [(uri: String, body: [UInt8], fragment: String)] = [
    ("/v1/batch", [0x61, 0xff], "the body is not UTF-8"),
    ("/v1/apply", Array("".utf8), "the body is no request to apply: "),
    ("/v1/apply", Array("{".utf8), "the body is no request to apply: "),
    ("/v1/apply", Array("[]".utf8), "write a JSON object"),
    ("/v1/apply", Array("7".utf8), "write a JSON object"),
    ("/v1/apply", Array("{}".utf8), "'configuration' is missing"),
    ("/v1/apply", Array(#"{"configuration": 7}"#.utf8), "configuration: write a string"),
    ("/v1/apply", Array(#"{"configuration": null}"#.utf8), "configuration: write a string"),
    ("/v1/apply", Array(#"{"configuration": "", "dry-run": "yes"}"#.utf8), "dry-run: write true or false"),
    ("/v1/apply", Array(#"{"configuration": "", "dry_run": true}"#.utf8), "unknown field 'dry_run'; the fields are"),
    ("/v1/apply", Array(#"{"configuration": ""#.utf8) + [0xff, 0x22, 0x7d], "the body is no request to apply: "),
    ("/v1/apply", Array(String(repeating: "[", count: 100_000).utf8), "the body is no request to apply: "),
  ]

  @Test(arguments: malformed.indices) func whatCannotBeReadIsRefused(_ index: Int) throws {
    let (uri, body, fragment) = Self.malformed[index]
    let answer = try post(uri, body)
    #expect(answer.status == 400)
    let problem = try problem(answer)
    #expect(problem.error.contains(fragment), "\(problem)")
    #expect(problem.errors == nil)
  }

  /// Mutated bodies: each is an answer with a status that says what it is, and JSON.
  @Test func randomBodiesAreAnswered() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("API fuzz: seed \(seed)")
    var random = SeededRandom(seed: seed)
    let valid = Array(
      #"{"configuration": "a: [1, \"ä\u00e9\"]\n", "file": "n.yaml", "batch": null, "dry-run": false}"#.utf8)
    let telling = Array("{}[]:,\"\\ntfu0x9-.eE+\u{0}\u{7f}".utf8)
    var statuses: [UInt: Int] = [:]
    for round in 0..<20_000 {
      var body = valid
      for _ in 0..<random.below(5) { mutate(&body, telling, &random) }
      let uri = round % 4 == 0 ? "/v1/batch" : "/v1/apply"
      let answer = try post(uri, body)
      statuses[answer.status, default: 0] += 1
      if answer.status != 200 {
        #expect(try !problem(answer).error.isEmpty, "seed \(seed), round \(round)")
      }
    }
    #expect(Set(statuses.keys).isSubset(of: [200, 400, 422]), "seed \(seed): \(statuses)")
    #expect(statuses[200] ?? 0 > 1000 && statuses[400] ?? 0 > 1000, "\(statuses)")
  }

  @Test func descriptionHasEveryPathAndNoOther() throws {
    let sources = try makeStatisticsSources()
    let router = APIHandlers(sources: { sources }, pools: { [] }, changes: makeChanges()).router
    let response = router.respond(to: try APIRequest(method: .GET, uri: "/v1/openapi.json"))
    guard case .whole(let body) = response.body else { throw APIProblem(.notFound, "no description") }
    let json = try JSONSerialization.jsonObject(with: Data(body.readableBytesView))
    let document = try #require(json as? [String: Any])
    #expect(document["openapi"] as? String == "3.1.0")
    let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
    let described = paths.flatMap { path, operations in operations.keys.map { "\($0.uppercased()) \(path)" } }
    let names = [
      "all", "drops", "events", "lcores", "memory", "neighbors", "openapi.json", "ports", "routes", "sids", "sources",
      "version",
      "vrfs",
    ]
    let changes = ["apply", "batch", "sources/begin", "sources/lost", "sources/sweep"]
    #expect(described.sorted() == names.map { "GET /v1/\($0)" } + changes.map { "POST /v1/\($0)" })
    #expect(described.sorted() == router.operations.map { "\($0.method.rawValue) \($0.path)" }.sorted())
    for (path, operations) in paths {
      for operation in operations.values {
        #expect((operation["summary"] as? String)?.isEmpty == false && operation["responses"] != nil, "\(path)")
      }
    }
    let parameters = try #require(paths["/v1/routes"]?["get"]?["parameters"] as? [[String: Any]])
    #expect(parameters.compactMap { $0["name"] as? String } == ["after", "limit", "offset", "vrf"])
    // The router takes what is described, and refuses what is not.
    for operation in router.operations where operation.method == .GET {
      let texts = ["vrf": "main", "types": "link"]
      let query = operation.parameters.filter { $0.name != "after" }
        .map { "\($0.name)=\(texts[$0.name] ?? "0")" }.joined(separator: "&")
      let answer = router.respond(to: try APIRequest(method: .GET, uri: "\(operation.path)?\(query)"))
      #expect(answer.status == .ok, "\(operation.path)?\(query)")
    }
  }
}
