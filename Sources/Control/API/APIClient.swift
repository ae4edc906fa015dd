import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Why the API gave no answer that can be used.
public enum APIClientError: Error, CustomStringConvertible {
  /// Nobody listens at the path.
  case notRunning(socket: String)
  /// The socket cannot be connected to, for another reason.
  case unreachable(socket: String, reason: String)
  /// The answer is an error: its status, and why, in one message or more.
  case refused(status: Int, messages: [String])
  /// The answer did not come, or not whole, or is not what this version expects.
  case badAnswer(socket: String, reason: String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .notRunning(let socket):
      "no needletail is running at \(socket): start it with `needletail run -c ...` or name its socket with --socket"
    case .unreachable(let socket, let reason): "cannot connect to \(socket): \(reason)"
    case .refused(_, let messages): messages.joined(separator: "\n")
    case .badAnswer(let socket, let reason): "no good answer from \(socket): \(reason)"
    }
  }
}

/// A client of the API: one request a connection, waiting for its answer.
public struct APIClient: Sendable {
  /// Path of the Unix socket.
  public let socket: String
  /// Seconds that may pass without anything from the server.
  public var timeout = 5

  /// A client of the server at `socket`.
  public init(socket: String) { self.socket = socket }

  /// The JSON at a path, such as `/v1/ports`. Blocks; not for an event loop.
  public func get(_ uri: String) throws(APIClientError) -> Data {
    try ask(HTTPRequestHead(version: .http1_1, method: .GET, uri: uri), body: ByteBuffer())
  }

  /// Sends a body to a path, such as `/v1/batch`, and gives the JSON that comes back. Blocks; not for an event loop.
  public func post(_ uri: String, _ body: Data, type: String) throws(APIClientError) -> Data {
    var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: uri)
    head.headers.add(name: "content-type", value: type)
    head.headers.add(name: "content-length", value: "\(body.count)")
    return try ask(head, body: ByteBuffer(bytes: body))
  }

  private func ask(_ head: HTTPRequestHead, body: ByteBuffer) throws(APIClientError) -> Data {
    let descriptor = try connect()
    let answer: HTTPAnswer
    do {
      answer = try exchange(head, body, on: descriptor)
    } catch {
      throw .badAnswer(socket: socket, reason: "\(error)")
    }
    guard answer.status == .ok else {
      let problem = try? JSONDecoder().decode(Problem.self, from: answer.body)
      let messages = problem.map { $0.errors ?? [$0.error] }
      throw .refused(status: Int(answer.status.code), messages: messages ?? ["\(answer.status)"])
    }
    return answer.body
  }

  /// What an error is answered with.
  private struct Problem: Decodable {
    var error: String
    var errors: [String]?
  }

  private func connect() throws(APIClientError) -> CInt {
    guard socket.utf8.count <= UnixSocket.longestPath else {
      throw .unreachable(socket: socket, reason: "a socket's path has at most \(UnixSocket.longestPath) bytes")
    }
    do throws(UnixSocket.Failure) {
      return try UnixSocket.connect(socket, timeout: timeout)
    } catch {
      switch error.code {
      case ENOENT, ECONNREFUSED, ENOTDIR: throw .notRunning(socket: socket)
      case EACCES, EPERM:
        throw .unreachable(socket: socket, reason: "permission denied: be root or a member of the socket's group")
      case EAGAIN: throw .unreachable(socket: socket, reason: "needletail has not answered for \(timeout) s")
      default: throw .unreachable(socket: socket, reason: error.text)
      }
    }
  }

  private func exchange(_ head: HTTPRequestHead, _ body: ByteBuffer, on descriptor: CInt) throws -> HTTPAnswer {
    let group = NIOSingletons.posixEventLoopGroup
    let answer = group.next().makePromise(of: HTTPAnswer.self)
    let timeout = TimeAmount.seconds(Int64(timeout))
    return try ClientBootstrap(group: group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(readTimeout: timeout))
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(HTTPAnswerCollector(answer))
        }
      }
      .withConnectedSocket(descriptor)
      .flatMap { channel in
        var head = head
        head.headers.add(name: "host", value: "localhost")
        head.headers.add(name: "connection", value: "close")
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if body.readableBytes > 0 { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return answer.futureResult
      }
      .wait()
  }
}

/// A whole answer.
struct HTTPAnswer: Sendable {
  var status: HTTPResponseStatus
  var body = Data()
}

/// Collects the parts of one answer.
final class HTTPAnswerCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  /// The answer broke off.
  struct Incomplete: Error, CustomStringConvertible {
    let description: String
  }

  private let promise: EventLoopPromise<HTTPAnswer>
  private var answer: HTTPAnswer?
  private var isDone = false

  init(_ promise: EventLoopPromise<HTTPAnswer>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): answer = HTTPAnswer(status: head.status)
    case .body(let part): answer?.body.append(contentsOf: part.readableBytesView)
    case .end:
      if let answer { finish(.success(answer), context) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      finish(.failure(Incomplete(description: "it is silent: see whether the process is stopped or busy")), context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(.failure(error), context) }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(Incomplete(description: "it closed the connection in the middle")), context)
  }

  private func finish(_ result: Result<HTTPAnswer, any Error>, _ context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    promise.completeWith(result)
    context.close(promise: nil)
  }
}
