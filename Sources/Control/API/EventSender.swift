import NIOCore
import NIOHTTP1

/// Sends events to one client as they come: the body of an answer that has no end of its own.
///
/// What the client takes slowly waits in its ``EventQueue``. It is disconnected when it takes nothing for
/// `limits.patience`; the lines of `limits.heartbeat` see to it that there is something to take.
final class EventSender {
  private let queue: EventQueue
  private let hub: EventHub
  private let limits: APIServer.Limits
  private let context: ChannelHandlerContext
  private let loop: NIOIsolatedEventLoop
  private var heartbeat: RepeatedTask?
  private var deadline: Scheduled<Void>?
  private var isWriting = false

  init(_ queue: EventQueue, _ hub: EventHub, limits: APIServer.Limits, context: ChannelHandlerContext) {
    (self.queue, self.hub, self.limits, self.context) = (queue, hub, limits, context)
    loop = context.eventLoop.assumeIsolated()
  }

  /// Sends what there is, and from then on what comes.
  func start() {
    // Later, so that a transaction is told of at once and not event by event.
    queue.onReady = { [weak self, loop] in loop.execute { self?.sendNext() } }
    let beat = NIOLoopBound(self, eventLoop: context.eventLoop)
    heartbeat = context.eventLoop.scheduleRepeatedTask(initialDelay: limits.heartbeat, delay: limits.heartbeat) { _ in
      beat.value.queue.beat(beat.value.hub.mark(.heartbeat))
    }
    sendNext()
  }

  /// The client is gone, or is to go.
  func stop() {
    heartbeat?.cancel()
    heartbeat = nil
    deadline?.cancel()
    queue.onReady = {}
    queue.cancel()
  }

  /// Says that nothing follows, as far as the client reads, and disconnects it.
  func end() {
    stop()
    while let chunk = queue.take() { write(chunk) }
    write(hub.mark(.end))
    context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
    context.close(promise: nil)
  }

  private func write(_ chunk: ByteBuffer) {
    context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(chunk))), promise: nil)
  }

  private func sendNext() {
    guard !isWriting, context.channel.isActive, let chunk = queue.take() else { return }
    isWriting = true
    deadline = loop.scheduleTask(in: limits.patience) { [context] in context.close(promise: nil) }
    let part = HTTPServerResponsePart.body(.byteBuffer(chunk))
    context.writeAndFlush(NIOAny(part)).assumeIsolated().whenSuccess { [self] in
      isWriting = false
      deadline?.cancel()
      sendNext()
    }
  }
}
