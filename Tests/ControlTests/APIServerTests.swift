import Foundation
import NIOCore
import Testing

@testable import Control

@Suite struct APIServerTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/api.sock"
  }

  @Test func clientAndHandlersAgree() throws {
    let server = try TestServer(path: path) {
      let sources = try? makeStatisticsSources()
      let handlers = sources.map { sources in APIHandlers(sources: { sources }, pools: { [] }, changes: makeChanges()) }
      return { handlers!.router.respond(to: $0) }
    }
    let client = APIClient(socket: server.path)
    let ports = try JSONDecoder().decode(PortListing.self, from: client.get("/v1/ports"))
    #expect(ports.rows.map(\.name) == ["core", "ce-red", "ce-blue"])
    let summary = try JSONDecoder().decode(Summary.self, from: client.get("/v1/all"))
    #expect(summary.lcores.map(\.lcore) == [1, 2])
    let error = #expect(throws: APIClientError.self) { try client.get("/v1/routes?vrf=green") }
    #expect(error?.description == "there is no VRF 'green'; there are main, red, blue")
  }

  @Test func longListingsArriveWhole() throws {
    let server = try TestServer(path: path) { { _ in .pieces(JSONPieces(count: 20_000) { ["n": $0] }) } }
    let rows = try JSONDecoder().decode([[String: Int]].self, from: APIClient(socket: server.path).get("/"))
    #expect(rows.map { $0["n"] } == Array(0..<20_000))
  }

  @Test func aListingLeavesRoomForOtherRequests() throws {
    let server = try TestServer(path: path) {
      { request in
        guard request.path == "/long" else { return .json("short") }
        return .pieces(JSONPieces(count: .max) { $0 })
      }
    }
    // It is never finished, and both read as fast as they can.
    let long = try (0..<2).map { _ in try RawClient(server.path) }
    for client in long {
      client.send("GET /long HTTP/1.1\r\n\r\n")
      #expect(client.receive(until: "256,257") != nil)
      Thread.detachNewThread { client.drain() }
    }
    #expect(try APIClient(socket: server.path).get("/short") == Data("\"short\"\n".utf8))
  }

  @Test func aClientThatLeavesInTheMiddleHarmsNobody() throws {
    let server = try TestServer(path: path) {
      { $0.path == "/long" ? .pieces(JSONPieces(count: 1_000_000) { $0 }) : .json("here") }
    }
    for _ in 0..<3 {
      let client = try RawClient(server.path)
      client.send("GET /long HTTP/1.1\r\n\r\n")
      #expect(client.receive(until: "[0,1,2")?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
    }
    #expect(try APIClient(socket: server.path).get("/") == Data("\"here\"\n".utf8))
  }

  @Test func connectionsAreKept() throws {
    let server = try TestServer(path: path) { { .json($0.path) } }
    let client = try RawClient(server.path)
    for path in ["/one", "/two"] {
      client.send("GET \(path) HTTP/1.1\r\n\r\n")
      let answer = try #require(client.receive(until: "\"\(path)\""))
      #expect(answer.contains("connection: keep-alive"))
    }
    client.send("GET /three HTTP/1.1\r\nconnection: close\r\n\r\nGET /never HTTP/1.1\r\n\r\n")
    let last = try #require(client.receive())
    #expect(last.contains("/three") && !last.contains("/never"))
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    let server = try TestServer(path: path) { { .json($0.path) } }
    let client = try RawClient(server.path)
    let count = 2000
    client.send((0..<count).map { "GET /\($0). HTTP/1.1\r\n\r\n" }.joined())
    let answers = try #require(client.receive(until: "/\(count - 1)."))
    let paths = answers.utf8.split(separator: UInt8(ascii: "\n")).filter { $0.starts(with: "\"/".utf8) }
    let isInOrder = zip(paths, 0...).allSatisfy { $0.elementsEqual("\"/\($1).\"".utf8) }
    #expect(paths.count == count)
    #expect(isInOrder)
  }

  @Test func anOlderClientGetsTheBodyUntilTheEnd() throws {
    let server = try TestServer(path: path) { { _ in .pieces(JSONPieces(count: 3) { $0 }) } }
    let client = try RawClient(server.path)
    client.send("GET / HTTP/1.0\r\n\r\n")
    #expect(client.receive()?.hasSuffix("\r\n\r\n[0,1,2]\n") == true)
  }

  /// Requests that are refused, and the status.
  private static let badRequests = [
    ("NONSENSE\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\ncontent-length: many\r\n\r\n", "400"),
    ("GET /%zz HTTP/1.1\r\nconnection: close\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nx: \(String(repeating: "a", count: 17_000))\r\n\r\n", "431"),
    ("GET / HTTP/1.1\r\n\(String(repeating: "x: a\r\n", count: 300))\r\n", "431"),
    ("POST / HTTP/1.1\r\ncontent-length: 65537\r\n\r\n", "413"),
    ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n10001\r\n\(String(repeating: "b", count: 65_537))", "413"),
  ]

  @Test(arguments: badRequests.indices)
  func badRequestsAreRefusedAndTheConnectionClosed(_ index: Int) throws {
    let (request, status) = Self.badRequests[index]
    let server = try TestServer(path: path)
    let client = try RawClient(server.path)
    client.send(request)
    let answer = try #require(client.receive())
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    #expect(answer.contains("\r\n\r\n{\"error\":\""))
  }

  @Test func theLargestBodyIsTaken() throws {
    let server = try TestServer(path: path) { { .json($0.body.readableBytes) } }
    let client = try RawClient(server.path)
    client.send("POST / HTTP/1.1\r\ncontent-length: 65536\r\n\r\n" + String(repeating: "b", count: 65_536))
    #expect(client.receive(until: "65536\n") != nil)
  }

  @Test func largeBodiesAreTakenWhereTheyMayBe() throws {
    var limits = APIServer.Limits()
    limits.largeBodyBytes = 3 << 20
    let server = try TestServer(path: path, limits: limits) { { .json($0.body.readableBytes) } }
    let client = APIClient(socket: server.path)
    for count in [0, 65_537, 3 << 20] {
      let body = Data(repeating: 0x62, count: count)
      #expect(try client.post("/large", body, type: "text/plain") == Data("\(count)\n".utf8))
    }
    let tooLarge = Data(repeating: 0x62, count: 3 << 20 + 1)
    let error = #expect(throws: APIClientError.self) { try client.post("/large", tooLarge, type: "text/plain") }
    #expect(error?.description == "the body is longer than 3145728 bytes")
    let elsewhere = #expect(throws: APIClientError.self) {
      try client.post("/small", Data(repeating: 0x62, count: 65_537), type: "text/plain")
    }
    #expect(elsewhere?.description == "the body is longer than 65536 bytes")
  }

  @Test func fewLargeBodiesArriveAtOnce() throws {
    let server = try TestServer(path: path) { { .json($0.body.readableBytes) } }
    let client = APIClient(socket: server.path)
    let body = String(repeating: "b", count: 100_000)
    func post(_ body: String) throws(APIClientError) -> Data {
      try client.post("/large", Data(body.utf8), type: "text/plain")
    }
    // Told to go on, a client has its place.
    func begin(_ client: RawClient) {
      client.send("POST /large HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 100000\r\n\r\n")
      #expect(client.receive(until: "\r\n\r\n")?.hasPrefix("HTTP/1.1 100 Continue\r\n") == true)
    }
    func expectRefusal() {
      let error = #expect(throws: APIClientError.self) { try post(body) }
      guard case .refused(503, let messages) = error else {
        Issue.record("the third body got \(String(describing: error))")
        return
      }
      #expect(messages == ["2 bodies of more than 65536 bytes arrive already, the most at once: try again later"])
    }
    var clients = try (0..<2).map { _ in try RawClient(server.path) }
    for client in clients { begin(client) }
    expectRefusal()
    // Small ones are never in the way.
    #expect(try post("x") == Data("1\n".utf8))
    // An answer makes room, and so does a client that leaves.
    clients[0].send(body)
    #expect(clients[0].receive(until: "100000\n") != nil)
    #expect(try post(body) == Data("100000\n".utf8))
    begin(clients[0])
    expectRefusal()
    clients.removeLast()
    let deadline = Date(timeIntervalSinceNow: 25)
    while (try? post(body)) == nil, Date() < deadline {}
    #expect(try post(body) == Data("100000\n".utf8))
  }

  @Test func aLargeBodyNeedNotBeAnnounced() throws {
    let server = try TestServer(path: path) { { .json($0.body.readableBytes) } }
    let client = try RawClient(server.path)
    for _ in 0..<3 {
      client.send("POST /large HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")
      for _ in 0..<4 { client.send("11000\r\n" + String(repeating: "b", count: 0x11000) + "\r\n") }
      client.send("0\r\n\r\n")
      #expect(client.receive(until: "\(4 * 0x11000)\n") != nil)
    }
  }

  @Test func aLargeBodyHasTimeForEachStep() throws {
    var limits = APIServer.Limits()
    limits.patience = .milliseconds(1500)
    limits.largeBodyStep = 100_000
    let server = try TestServer(path: path, limits: limits) { { .json($0.body.readableBytes) } }
    let head = "POST /large HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n"
    let (steady, slow) = (try RawClient(server.path), try RawClient(server.path))
    for client in [steady, slow] { client.send(head) }
    // Together longer than the patience; the slow one sends bytes all the time and yet too few.
    for _ in 0..<10 {
      steady.send(String(repeating: "b", count: 100_000))
      slow.send("b")
      Thread.sleep(forTimeInterval: 0.2)
    }
    #expect(steady.receive(until: "1000000\n") != nil)
    #expect(slow.receive() == "")
  }

  @Test func connectionsBeyondTheMostAreRefused() throws {
    var limits = APIServer.Limits()
    limits.connections = 2
    let server = try TestServer(path: path, limits: limits)
    var clients = try (0..<2).map { _ in try RawClient(server.path) }
    for client in clients {
      client.send("GET / HTTP/1.1\r\n\r\n")
      #expect(client.receive(until: "here") != nil)
    }
    let error = #expect(throws: APIClientError.self) { try APIClient(socket: server.path).get("/") }
    guard case .refused(503, _) = error else {
      Issue.record("the third client got \(String(describing: error))")
      return
    }
    clients.removeAll()
    let deadline = Date(timeIntervalSinceNow: 5)
    while (try? APIClient(socket: server.path).get("/")) == nil, Date() < deadline {}
    #expect(try APIClient(socket: server.path).get("/") == Data("\"here\"\n".utf8))
  }

  @Test(arguments: ["", "GET / HTTP/1.1\r\nx: ", "POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc"])
  func clientsThatDawdleAreDisconnected(_ beginning: String) throws {
    var limits = APIServer.Limits()
    limits.patience = .milliseconds(300)
    let server = try TestServer(path: path, limits: limits)
    let client = try RawClient(server.path)
    let began = Date()
    client.send(beginning)
    // More bytes, but no request: they win no time.
    for _ in 0..<4 where !beginning.isEmpty {
      Thread.sleep(forTimeInterval: 0.1)
      client.send("a")
    }
    #expect(client.receive() == "")
    #expect(Date().timeIntervalSince(began) < 3)
  }

  @Test func stoppingClosesConnectionsAndRemovesTheSocket() throws {
    let server = try TestServer(path: path)
    let client = try RawClient(server.path)
    client.send("GET / HTTP/1.1\r\n\r\n")
    #expect(client.receive(until: "here") != nil)
    try server.stop()
    #expect(client.receive() == "")
    #expect(!FileManager.default.fileExists(atPath: path))
    let error = #expect(throws: APIClientError.self) { try APIClient(socket: path).get("/") }
    #expect(error?.description.hasPrefix("no needletail is running at \(path): start it with") == true)
  }
}
