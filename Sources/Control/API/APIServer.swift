import NIOCore
import NIOHTTP1
import NIOPosix

/// The API: HTTP/1.1 with JSON on a Unix socket, served on an event loop that is the control thread.
public final class APIServer: Sendable {
  /// What clients may take.
  public struct Limits: Sendable {
    /// Connections at once.
    public var connections = 64
    /// Bytes of a request's body.
    public var bodyBytes = 64 << 10
    /// Bytes of a body where large ones are taken: a million routes are some 60 MB.
    public var largeBodyBytes = ConfigurationLoader.largestFile
    /// Bodies of more than ``bodyBytes`` that may arrive at once.
    public var largeBodies = 2
    /// Bytes of a large body for which a client has ``patience``, so that it has to send that much in the time.
    public var largeBodyStep = 1 << 20
    /// Bytes of a request's headers.
    public var headerBytes = 16 << 10
    /// The time for a whole request but for a large body, between two, and for taking a piece of an answer.
    public var patience = TimeAmount.seconds(30)

    /// The defaults.
    public init() {}
  }

  /// What every connection needs. On the event loop only.
  struct Service {
    let limits: Limits
    let hasLargeBody: (HTTPMethod, String) -> Bool
    let routes: (APIRequest) -> APIResponse
    let turns: TurnQueue
    let largeBodies: LargeBodies
  }

  /// How many large bodies there are now. On the event loop only.
  final class LargeBodies {
    var count = 0
  }

  /// The connections that are open, by identity.
  private typealias Connections = NIOLoopBoundBox<[ObjectIdentifier: any Channel]>

  private let channel: any Channel
  private let connections: Connections
  private let file: SocketFile

  private init(channel: any Channel, connections: Connections, file: SocketFile) {
    self.channel = channel
    self.connections = connections
    self.file = file
  }

  /// Listens at `path` and answers by `routes`, which is called on `loop`. To be called on `loop`.
  ///
  /// The socket belongs to its user and group (mode 0660).
  ///
  /// - Parameters:
  ///   - hasLargeBody: Whether the body of a request of that method and target may be a large one.
  ///   - routes: Answers requests.
  /// - Returns: The server, or ``APIServerError``.
  public static func start(
    on loop: any EventLoop, socket path: String, limits: Limits = Limits(),
    hasLargeBody: @escaping (HTTPMethod, String) -> Bool, routes: @escaping (APIRequest) -> APIResponse
  ) -> EventLoopFuture<APIServer> {
    loop.preconditionInEventLoop()
    let listening: (file: SocketFile, descriptor: CInt)
    do throws(APIServerError) {
      listening = try SocketFile.listen(path)
    } catch {
      return loop.makeFailedFuture(error)
    }
    let file = listening.file
    let connections = Connections([:], eventLoop: loop)
    let service = NIOLoopBound(
      Service(
        limits: limits, hasLargeBody: hasLargeBody, routes: routes, turns: TurnQueue(loop: loop),
        largeBodies: LargeBodies()), eventLoop: loop)
    return ServerBootstrap(group: loop)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try APIServer.setUp(channel, connections, service.value)
        }
      }
      .withBoundSocket(listening.descriptor)
      .map { APIServer(channel: $0, connections: connections, file: file) }
      .flatMapErrorThrowing { error in
        file.remove()
        throw APIServerError(description: "api.socket: cannot serve at \(file.path): \(error)")
      }
  }

  private static func setUp(_ channel: any Channel, _ connections: Connections, _ service: Service) throws {
    let limits = service.limits
    let pipeline = channel.pipeline.syncOperations
    guard connections.value.count < limits.connections else {
      return try pipeline.addHandler(RefusedConnection(limit: limits.connections))
    }
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldSize = limits.headerBytes
    decoding.maxHeaderListSize = limits.headerBytes
    try pipeline.configureHTTPServerPipeline(
      withErrorHandling: false, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoding)
    try pipeline.addHandler(HTTPConnection(service: service))
    connections.value[ObjectIdentifier(channel)] = channel
    channel.closeFuture.assumeIsolated().whenComplete { _ in
      connections.value[ObjectIdentifier(channel)] = nil
    }
  }

  /// Takes no more connections, closes those that are open and removes the socket. May be called on any thread.
  public func stop() -> EventLoopFuture<Void> {
    let (channel, connections, file) = (channel, connections, file)
    return channel.eventLoop.flatSubmit {
      file.remove()
      var closed = [channel.close()]
      for connection in connections.value.values { closed.append(connection.close()) }
      return EventLoopFuture.andAllComplete(closed, on: channel.eventLoop)
    }
  }
}
