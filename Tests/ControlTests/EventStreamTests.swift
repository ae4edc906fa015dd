import Foundation
import NIOCore
import Testing

@testable import Control

/// `/v1/events` over a socket.
@Suite struct EventStreamTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A server whose `/emit?count=N` tells of N links.
  private func server(
    limits: APIServer.Limits = .init(), _ hubLimits: EventHub.Limits = .init()
  ) throws -> TestServer {
    try TestServer(path: folder.path + "/api.sock", limits: limits) {
      let hub = EventHub(limits: hubLimits)
      let handlers = (try? makeStatisticsSources()).map { sources in
        APIHandlers(sources: { sources }, pools: { [] }, changes: makeChanges(), events: hub)
      }
      return { request in
        guard request.path == "/emit" else { return handlers!.router.respond(to: request) }
        let count = Int(request.parameter("count") ?? "") ?? 0
        for number in 0..<count { hub.emit(.link, LinkEvent(port: "port-\(number)", link: .up, revision: 0)) }
        return .json(count)
      }
    }
  }

  private func listen(_ server: TestServer, _ query: String = "") throws -> RawClient {
    let client = try RawClient(server.path)
    client.send("GET /v1/events\(query) HTTP/1.1\r\nhost: x\r\n\r\n")
    #expect(client.receive(until: "\"begin\"") != nil)
    return client
  }

  private func emit(_ count: Int, _ server: TestServer) throws {
    _ = try APIClient(socket: server.path).get("/emit?count=\(count)")
  }

  @Test func eventsComeAsTheyHappen() throws {
    let server = try server()
    let client = try RawClient(server.path)
    client.send("GET /v1/events?types=link HTTP/1.1\r\nhost: x\r\n\r\n")
    let head = try #require(client.receive(until: "\"revision\":0}\n"))
    #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(head.contains("content-type: application/x-ndjson\r\n") && head.contains("transfer-encoding: chunked\r\n"))
    try emit(2, server)
    let events = try #require(client.receive(until: "port-1"))
    #expect(events.contains(#"{"event":"link","link":"up","port":"port-0","revision":0}"#))
  }

  @Test func anOlderClientHasNoChunks() throws {
    let server = try server()
    let client = try RawClient(server.path)
    client.send("GET /v1/events HTTP/1.0\r\n\r\n")
    #expect(client.receive(until: "}\n")?.hasSuffix("\r\n\r\n{\"event\":\"begin\",\"revision\":0}\n") == true)
    try emit(1, server)
    #expect(client.receive(until: "}\n")?.contains("port-0") == true)
  }

  @Test func unknownTypesAreRefused() throws {
    let server = try server()
    let error = #expect(throws: APIClientError.self) {
      try APIClient(socket: server.path).get("/v1/events?types=roads")
    }
    #expect(error?.description.hasPrefix("types has 'roads'; the types are route") == true)
  }

  @Test func signsOfLifeComeWhereNothingHappens() throws {
    var limits = APIServer.Limits()
    limits.heartbeat = .milliseconds(100)
    // It does not bound the stream itself.
    limits.patience = .milliseconds(300)
    let client = try listen(try server(limits: limits))
    for _ in 0..<6 { #expect(client.receive(until: "\"heartbeat\"") != nil) }
  }

  @Test func whoDoesNotReadIsToldWhatItLostAndHoldsUpNobody() throws {
    var limits = EventHub.Limits()
    limits.queuedBytes = 1 << 20
    let server = try server(limits)
    let (slow, fast) = (try listen(server), try listen(server))
    let count = 100_000
    // In steps that the fast one can take.
    for _ in 0..<20 {
      try emit(count / 20, server)
      #expect(fast.receive(until: "\"port-\(count / 20 - 1)\"") != nil)
    }
    let told = try #require(slow.receive(until: "\"event\":\"lost\""))
    let heard = told.components(separatedBy: "\"event\":\"link\"").count - 1
    #expect(heard > 10_000 && heard < count / 2, "\(heard)")
    #expect(!told.contains("heartbeat"))
    try emit(1, server)
    #expect(slow.receive(until: "port-0") != nil)
  }

  @Test func whoTakesNothingIsDisconnected() throws {
    var limits = APIServer.Limits()
    limits.patience = .milliseconds(500)
    let server = try server(limits: limits)
    let slow = try listen(server)
    for _ in 0..<5 { try emit(5000, server) }
    Thread.sleep(forTimeInterval: 1.5)
    // What the socket held comes, and then the end: the rest was given up.
    let rest = try #require(slow.receive())
    #expect(!rest.contains("\"event\":\"lost\"") && !rest.hasSuffix("0\r\n\r\n"))
  }

  @Test func listenersLeaveRoomForRequestsAndTheirPlacesToOthers() throws {
    var limits = EventHub.Limits()
    limits.listeners = 2
    let server = try server(limits)
    var listeners = try (0..<2).map { _ in try listen(server) }
    let error = #expect(throws: APIClientError.self) { try APIClient(socket: server.path).get("/v1/events") { _ in } }
    #expect(error?.description == "2 clients listen to events, the most that may: try again later")
    _ = try APIClient(socket: server.path).get("/v1/ports")
    listeners.removeLast()
    let deadline = Date(timeIntervalSinceNow: 5)
    var client = try RawClient(server.path)
    repeat {
      client = try RawClient(server.path)
      client.send("GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n")
    } while client.receive(until: "}\n")?.contains("begin") != true && Date() < deadline
    try emit(1, server)
    #expect(client.receive(until: "port-0") != nil)
  }

  @Test func theStreamEndsWithAWord() throws {
    let server = try server()
    let client = try listen(server)
    try server.stop()
    #expect(client.receive()?.hasSuffix("{\"event\":\"end\",\"revision\":0}\n\r\n0\r\n\r\n") == true)
  }

  @Test func furtherRequestsOfAListenerAreIgnored() throws {
    let server = try server()
    let client = try listen(server)
    for _ in 0..<100 { client.send("GET /v1/ports HTTP/1.1\r\nhost: x\r\n\r\n") }
    try emit(1, server)
    let events = try #require(client.receive(until: "port-0"))
    #expect(!events.contains("HTTP/1.1"))
  }
}
