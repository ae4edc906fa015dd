import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import Control

/// The answer to a request, with the JSON whole.
private func ask(
  _ uri: String, _ method: HTTPMethod = .GET, of handlers: APIHandlers
) throws -> (status: UInt, json: Any) {
  let response = handlers.router.respond(to: try APIRequest(method: method, uri: uri))
  return (response.status.code, try JSONSerialization.jsonObject(with: body(response)))
}

private func body(_ response: APIResponse) throws -> Data {
  switch response.body {
  case .whole(let buffer): return Data(buffer.readableBytesView)
  case .events(let queue, _): return Data((queue.take() ?? ByteBuffer()).readableBytesView)
  case .pieces(var pieces):
    var data = Data()
    while !pieces.isFinished { data += Data(try pieces.next().readableBytesView) }
    return data
  }
}

private func makeHandlers() throws -> APIHandlers {
  let sources = try makeStatisticsSources()
  let pool = PoolRow(pool: "mbufs-0", size: 8, inUse: 3, bytes: 800)
  return APIHandlers(sources: { sources }, pools: { [pool] }, changes: makeChanges())
}

@Suite struct APIRouterTests {
  @Test(arguments: ["ports", "lcores", "vrfs", "sids", "routes", "neighbors"])
  func listingsAreArrays(_ name: String) throws {
    let (status, json) = try ask("/v1/\(name)", of: makeHandlers())
    #expect(status == 200)
    #expect(try !#require(json as? [[String: Any]]).isEmpty)
  }

  @Test(arguments: ["drops", "memory", "version", "all"])
  func reportsAreObjects(_ name: String) throws {
    let (status, json) = try ask("/v1/\(name)", of: makeHandlers())
    #expect(status == 200)
    #expect(json is [String: Any])
  }

  @Test func allIsTheSummary() throws {
    let sources = try makeStatisticsSources()
    sources.workers[0].counters.drops[1] = 5
    let handlers = APIHandlers(sources: { sources }, pools: { [] }, changes: makeChanges())
    let streamed = try body(handlers.router.respond(to: try APIRequest(method: .GET, uri: "/v1/all")))
    let whole = try JSONText.encode(sources.summary()) + Data("\n".utf8)
    #expect(String(decoding: streamed, as: UTF8.self) == String(decoding: whole, as: UTF8.self))
  }

  @Test func routesCanBeThoseOfOneVRF() throws {
    let (status, json) = try ask("/v1/routes?vrf=red", of: makeHandlers())
    let rows = try #require(json as? [[String: Any]])
    #expect(status == 200)
    #expect(rows.count == 6)
    #expect(rows.allSatisfy { $0["vrf"] as? String == "red" })
    #expect(try ask("/v1/routes?vrf=green", of: makeHandlers()).status == 404)
  }

  @Test func pagesAreObjectsWithTheTotal() throws {
    let handlers = try makeHandlers()
    let all = try #require(try ask("/v1/routes", of: handlers).json as? [NSDictionary])
    let page = try #require(try ask("/v1/routes?offset=2&limit=3", of: handlers).json as? [String: Any])
    #expect(page["items"] as? [NSDictionary] == Array(all[2..<5]))
    #expect(page["total"] as? Int == all.count)
    #expect(page["offset"] as? Int == 2)
    let beyond = try #require(try ask("/v1/sids?offset=99", of: handlers).json as? [String: Any])
    #expect((beyond["items"] as? [Any])?.isEmpty == true)
    #expect(beyond["total"] as? Int == 2)
    let few = try #require(try ask("/v1/neighbors?limit=0", of: handlers).json as? [String: Any])
    #expect((few["items"] as? [Any])?.isEmpty == true)
  }

  @Test(arguments: [
    "/v1/routes?offset=-1", "/v1/routes?limit=x", "/v1/routes?limi=1", "/v1/ports?limit=1",
    "/v1/routes?limit=1&limit=2", "/v1/sids?vrf=red",
  ])
  func badParametersAreRefused(_ uri: String) throws {
    let (status, json) = try ask(uri, of: makeHandlers())
    #expect(status == 400)
    #expect((json as? [String: String])?["error"]?.isEmpty == false)
  }

  @Test func unknownPathsAndMethodsAreRefused() throws {
    let handlers = try makeHandlers()
    for uri in ["/", "/v1", "/v2/ports", "/v1/ports/"] { #expect(try ask(uri, of: handlers).status == 404) }
    #expect(try ask("/v1/ports", .DELETE, of: handlers).status == 405)
    let response = handlers.router.respond(to: try APIRequest(method: .POST, uri: "/v1/ports"))
    #expect(response.headers.contains { $0 == ("allow", "GET") })
  }

  @Test func targetsAreTakenApart() throws {
    let request = try APIRequest(method: .GET, uri: "/v1/a%20b?x=1&y=%26%3D&z")
    #expect(request.path == "/v1/a b")
    #expect(request.query.map(\.name) == ["x", "y", "z"])
    #expect(request.query.map(\.value) == ["1", "&=", ""])
    #expect(throws: APIProblem.self) { try APIRequest(method: .GET, uri: "/%zz") }
    #expect(throws: APIProblem.self) { try APIRequest(method: .GET, uri: "/x?a=%ff") }
  }

  @Test(arguments: [0, 1, 255, 256, 257, 1000])
  func piecesTogetherAreTheArray(_ count: Int) throws {
    var pieces = JSONPieces(count: count) { $0 }
    var data = Data()
    var number = 0
    while !pieces.isFinished {
      data += Data(try pieces.next().readableBytesView)
      number += 1
    }
    #expect(try JSONDecoder().decode([Int].self, from: data) == Array(0..<count))
    #expect(number == max(1, (count + 255) / 256))
  }

  @Test(arguments: ["plain", "\"quoted\" \\ \n \u{1}", "größe 🐦"])
  func errorTextsAreQuoted(_ text: String) throws {
    let answer = try JSONDecoder().decode([String: String].self, from: body(APIProblem(.badRequest, text).response))
    #expect(answer == ["error": text])
  }
}
