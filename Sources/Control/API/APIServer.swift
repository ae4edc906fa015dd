import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The API: HTTP/1.1 with JSON on a Unix socket, and by TCP where that is asked for, served on an event loop that is the
/// control thread.
public final class APIServer: Sendable {
  /// What clients may take.
  public struct Limits: Sendable {
    /// Connections at once to the Unix socket.
    public var connections = 64
    /// Connections at once by TCP: whoever takes all of these leaves the Unix socket's.
    public var remoteConnections = 32
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
    /// The time for a whole request but for a large body, with a handshake before it, between two, and for taking a piece
    /// of an answer.
    public var patience = TimeAmount.seconds(30)
    /// The time for which a client by TCP may still send what is refused, and read why.
    public var linger = TimeAmount.seconds(1)
    /// The time between signs of life in a stream of events.
    public var heartbeat = TimeAmount.seconds(15)

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

  /// Tells connections that the server stops.
  enum Stopping {
    case now
  }

  /// How many large bodies there are now. On the event loop only.
  final class LargeBodies {
    var count = 0
  }

  /// The connections that are open, by identity.
  private typealias Connections = NIOLoopBoundBox<[ObjectIdentifier: any Channel]>

  private let loop: any EventLoop
  private let listeners: [any Channel]
  private let connections: [Connections]
  private let file: SocketFile

  private init(loop: any EventLoop, listeners: [any Channel], connections: [Connections], file: SocketFile) {
    self.loop = loop
    self.listeners = listeners
    self.connections = connections
    self.file = file
  }

  /// Listens at `path`, and by TCP, and answers by `routes`, which is called on `loop`. To be called on `loop`.
  ///
  /// The socket belongs to its user and group (mode 0660).
  ///
  /// - Parameters:
  ///   - remote: Where it listens by TCP.
  ///   - hasLargeBody: Whether the body of a request of that method and target may be a large one.
  ///   - routes: Answers requests.
  /// - Returns: The server, or ``APIServerError``.
  public static func start(
    on loop: any EventLoop, socket path: String, remote: RemoteAccess = .none, limits: Limits = Limits(),
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
    let (local, distant) = (Connections([:], eventLoop: loop), Connections([:], eventLoop: loop))
    let service = NIOLoopBound(
      Service(
        limits: limits, hasLargeBody: hasLargeBody, routes: routes, turns: TurnQueue(loop: loop),
        largeBodies: LargeBodies()), eventLoop: loop)
    let bound = ServerBootstrap(group: loop)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try setUp(channel, local, service.value) }
      }
      .withBoundSocket(listening.descriptor)
      .flatMapErrorThrowing { error in
        throw APIServerError(description: "api.socket: cannot serve at \(file.path): \(error)")
      }
    let listened = remote.listen(on: loop, patience: limits.patience) { channel in
      channel.eventLoop.makeCompletedFuture { try setUp(channel, distant, service.value, remote) }
    }
    return bound.and(listened)
      .map { APIServer(loop: loop, listeners: [$0] + $1, connections: [local, distant], file: file) }
      .flatMapErrorThrowing { error in
        bound.whenSuccess { $0.close(promise: nil) }
        file.remove()
        throw error
      }
  }

  private static func setUp(_ channel: any Channel, _ connections: Connections, _ service: Service) throws {
    let limit = service.limits.connections
    guard connections.value.count < limit else {
      return try channel.pipeline.syncOperations.addHandler(RefusedConnection(limit: limit))
    }
    try serve(channel, connections, HTTPConnection(service: service), service.limits)
  }

  /// A connection by TCP. One too many is closed without a word, which may have to be encrypted.
  private static func setUp(
    _ channel: any Channel, _ connections: Connections, _ service: Service, _ remote: RemoteAccess
  ) throws {
    guard connections.value.count < service.limits.remoteConnections else { throw ChannelError.ioOnClosedChannel }
    if let tls = remote.tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
    let connection = HTTPConnection(service: service, token: remote.token, isRemote: true)
    try serve(channel, connections, connection, service.limits)
  }

  private static func serve(
    _ channel: any Channel, _ connections: Connections, _ connection: HTTPConnection, _ limits: Limits
  ) throws {
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldSize = limits.headerBytes
    decoding.maxHeaderListSize = limits.headerBytes
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(
      withErrorHandling: false, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoding)
    try pipeline.addHandler(connection)
    connections.value[ObjectIdentifier(channel)] = channel
    channel.closeFuture.assumeIsolated().whenComplete { _ in
      connections.value[ObjectIdentifier(channel)] = nil
    }
  }

  /// Takes no more connections, ends streams, closes what is open and removes the socket. May be called on any thread.
  public func stop() -> EventLoopFuture<Void> {
    let (loop, listeners, connections, file) = (loop, listeners, connections, file)
    return loop.flatSubmit {
      file.remove()
      var closed = listeners.map { $0.close() }
      for connection in connections.flatMap(\.value.values) {
        closed.append(connection.closeFuture)
        connection.pipeline.fireUserInboundEventTriggered(Stopping.now)
      }
      return EventLoopFuture.andAllComplete(closed, on: loop)
    }
  }
}
