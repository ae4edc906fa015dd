import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A client of the API: one request a connection, waiting for its answer.
public struct APIClient: Sendable {
  /// Takes a part of an answer, on a thread of the client's.
  public typealias Taker = @Sendable (Data) -> Void

  /// Where it asks.
  public let server: APIAddress
  /// Seconds that may pass without anything from the server.
  public var timeout = 5

  /// A client of the server at a Unix socket.
  public init(socket: String) { server = .socket(socket) }

  /// A client of any server.
  public init(_ server: APIAddress) { self.server = server }

  /// The JSON at a path, such as `/v1/ports`. Blocks; not for an event loop.
  public func get(_ uri: String) throws(APIClientError) -> Data {
    try ask(HTTPRequestHead(version: .http1_1, method: .GET, uri: uri)).body
  }

  /// Hands the JSON at a path on as it comes, until the server says that it is all. Blocks; not for an event loop.
  public func get(_ uri: String, take: @escaping Taker) throws(APIClientError) {
    _ = try ask(HTTPRequestHead(version: .http1_1, method: .GET, uri: uri), take: take)
  }

  /// Sends a body to a path, such as `/v1/batch`, and gives the JSON that comes back. Blocks; not for an event loop.
  public func post(_ uri: String, _ body: Data, type: String) throws(APIClientError) -> Data {
    var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: uri)
    head.headers.add(name: "content-type", value: type)
    head.headers.add(name: "content-length", value: "\(body.count)")
    return try ask(head, body: ByteBuffer(bytes: body)).body
  }

  private func ask(
    _ head: HTTPRequestHead, body: ByteBuffer = ByteBuffer(), take: Taker? = nil
  ) throws(APIClientError) -> HTTPAnswer {
    var head = head
    head.headers.add(name: "host", value: server.host)
    head.headers.add(name: "connection", value: "close")
    if let token = server.token { head.headers.add(name: "authorization", value: "Bearer \(token)") }
    let answer: HTTPAnswer
    do {
      answer = try exchange(head, body, take)
    } catch let error as APIClientError {
      throw error
    } catch {
      throw server.failure(error)
    }
    guard answer.status == .ok else {
      let problem = try? JSONDecoder().decode(APIProblem.Body.self, from: answer.body)
      let messages = problem.map { $0.errors ?? [$0.error] }
      throw .refused(status: Int(answer.status.code), messages: messages ?? ["\(answer.status)"])
    }
    return answer
  }

  private func exchange(_ head: HTTPRequestHead, _ body: ByteBuffer, _ take: Taker?) throws -> HTTPAnswer {
    let group = NIOSingletons.posixEventLoopGroup
    let answer = group.next().makePromise(of: HTTPAnswer.self)
    let (server, patience) = (server, TimeAmount.seconds(Int64(timeout)))
    let bootstrap = ClientBootstrap(group: group).connectTimeout(patience).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        if let tls = try server.makeTLSHandler() { try pipeline.addHandler(tls) }
        try pipeline.addHandler(IdleStateHandler(readTimeout: patience))
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(HTTPAnswerCollector(answer, take: take))
      }
    }
    let connected: EventLoopFuture<any Channel>
    do {
      connected = try server.connect(bootstrap, timeout: timeout)
    } catch {
      answer.fail(error)
      throw error
    }
    connected.whenFailure { answer.fail($0) }
    return try connected.flatMap { channel in
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      if body.readableBytes > 0 { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
      return answer.futureResult
    }.wait()
  }
}
