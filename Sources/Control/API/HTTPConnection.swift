import NIOCore
import NIOHTTP1

/// One client's connection: requests one after the other, each collected whole, answered, and sent.
///
/// A client has `limits.patience` for each step (a request from its first header to its last byte, or of a large body each
/// `limits.largeBodyStep`, the wait between two, taking a piece of an answer) and is disconnected when it takes longer.
final class HTTPConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let service: APIServer.Service
  /// What a client has to bring; nil where everybody who can connect may ask.
  private let token: APIToken?
  /// The client is on another machine, or may be.
  private let isRemote: Bool
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()
  /// The request is one whose body may be large.
  private var mayBeLarge = false
  /// Its body is large, and has one of the places for such.
  private var isLarge = false
  private var deadline: Scheduled<Void>?
  /// An answer whose pieces are being sent.
  private var pieces = JSONPieces()
  /// An answer that goes on as long as both sides want.
  private var events: EventSender?
  /// The answer that is being sent is the last: what else arrives is ignored.
  private var isClosing = false
  /// The last request has not been read to its end.
  private var isRefused = false

  init(service: APIServer.Service, token: APIToken? = nil, isRemote: Bool = false) {
    self.service = service
    self.token = token
    self.isRemote = isRemote
  }

  func channelActive(context: ChannelHandlerContext) { awaitClient(context) }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    dropLargeBody()
    events?.stop()
    events = nil
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is APIServer.Stopping else { return context.fireUserInboundEventTriggered(event) }
    if let events { events.end() } else { context.close(promise: nil) }
  }

  private func awaitClient(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: service.limits.patience) {
      context.close(promise: nil)
    }
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let part): take(part, context)
    case .end:
      guard let head else { return }
      // A task of its own: the end of an answer hands over the next of many pipelined requests, one inside the other.
      context.eventLoop.assumeIsolated().execute { self.answer(head, context) }
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    if let token, !token.matches(head.headers.first(name: "authorization")) {
      return refuse(APIToken.problem, context)
    }
    self.head = head
    body.clear()
    mayBeLarge = service.hasLargeBody(head.method, head.uri)
    guard admit(head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0, context) else { return }
    // curl waits a second for this before it sends a large body.
    guard head.headers.first(name: "expect")?.lowercased() == "100-continue" else { return }
    let head = HTTPResponseHead(version: head.version, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func take(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
    guard admit(body.readableBytes + part.readableBytes, context) else { return }
    let step = service.limits.largeBodyStep
    let steps = body.readableBytes / step
    body.writeImmutableBuffer(part)
    if isLarge, body.readableBytes / step > steps { awaitClient(context) }
  }

  /// Whether the body may have this many bytes; if not, the request has been refused.
  private func admit(_ bytes: Int, _ context: ChannelHandlerContext) -> Bool {
    let limits = service.limits
    let most = mayBeLarge ? limits.largeBodyBytes : limits.bodyBytes
    if bytes > most {
      refuse(APIProblem(.payloadTooLarge, "the body is longer than \(most) bytes"), context)
      return false
    }
    guard bytes > limits.bodyBytes, !isLarge else { return true }
    guard service.largeBodies.count < limits.largeBodies else {
      let message =
        "\(limits.largeBodies) bodies of more than \(limits.bodyBytes) bytes arrive already, the most at once: try again later"
      refuse(APIProblem(.serviceUnavailable, message), context)
      return false
    }
    service.largeBodies.count += 1
    isLarge = true
    return true
  }

  /// Gives a large body's memory back, and its place.
  private func dropLargeBody() {
    guard isLarge else { return }
    isLarge = false
    body = ByteBuffer()
    service.largeBodies.count -= 1
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
    // Bytes behind the last request: its answer closes the connection once it is sent.
    guard !isClosing else { return }
    switch error {
    case .headerOverflow:
      let limit = service.limits.headerBytes
      refuse(APIProblem(.requestHeaderFieldsTooLarge, "more than 256 headers, or longer than \(limit) bytes"), context)
    default: refuse(APIProblem(.badRequest, "not an HTTP/1.1 request: \(error)"), context)
    }
  }

  /// Answers with a problem and takes no more requests from this client.
  private func refuse(_ problem: APIProblem, _ context: ChannelHandlerContext) {
    isClosing = true
    isRefused = true
    dropLargeBody()
    send(problem.response, version: .http1_1, context)
  }

  // MARK: Answers

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    let response: APIResponse
    do throws(APIProblem) {
      response = service.routes(try APIRequest(method: request.method, uri: request.uri, body: body))
    } catch {
      response = error.response
    }
    dropLargeBody()
    isClosing = !request.isKeepAlive
    // Only HTTP/1.1 has chunks: elsewhere the end of the connection is the end of the body.
    if case .whole = response.body {} else if request.version != .http1_1 { isClosing = true }
    if case .events = response.body { isClosing = true }
    send(response, version: request.version, context)
  }

  private func send(_ response: APIResponse, version: HTTPVersion, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders(response.headers)
    headers.add(name: "content-type", value: response.contentType)
    headers.add(name: "connection", value: isClosing ? "close" : "keep-alive")
    if case .whole(let body) = response.body {
      headers.add(name: "content-length", value: "\(body.readableBytes)")
    }
    let head = HTTPResponseHead(version: version, status: response.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    switch response.body {
    case .whole(let body):
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
      finish(context)
    case .pieces(let pieces):
      self.pieces = pieces
      sendPiece(context)
    case .events(let queue, let hub):
      deadline?.cancel()
      let sender = EventSender(queue, hub, limits: service.limits, context: context)
      events = sender
      sender.start()
    }
  }

  /// Sends a piece and, when the client has taken it, the next one in a turn of its own.
  private func sendPiece(_ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    guard let piece = try? pieces.next() else { return context.close(promise: nil) }
    awaitClient(context)
    let part = wrapOutboundOut(.body(.byteBuffer(piece)))
    guard !pieces.isFinished else {
      context.write(part, promise: nil)
      return finish(context)
    }
    context.writeAndFlush(part).assumeIsolated().whenSuccess {
      self.service.turns.append { self.sendPiece(context) }
    }
  }

  private func finish(_ context: ChannelHandlerContext) {
    pieces = JSONPieces()
    awaitClient(context)
    let closes = isClosing
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenSuccess {
      if closes { self.close(context) } else { self.awaitClient(context) }
    }
  }

  private func close(_ context: ChannelHandlerContext) {
    guard isRefused, isRemote else { return context.close(promise: nil) }
    // TCP takes back what it has not delivered yet where bytes arrive that nobody reads.
    context.eventLoop.assumeIsolated().scheduleTask(in: service.limits.linger) { context.close(promise: nil) }
  }
}

/// A connection beyond the most that are served: told so, and closed.
final class RefusedConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let limit: Int

  init(limit: Int) { self.limit = limit }

  func channelActive(context: ChannelHandlerContext) {
    let body = "{\"error\":\"\(limit) clients are connected, the most that are served: try again later\"}\n"
    let text =
      "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\n"
      + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).assumeIsolated().whenComplete { _ in
      context.close(promise: nil)
    }
  }
}
