import NIOCore

/// Hands what has changed to the clients that listen. Control thread only; while nobody listens it costs a look at that.
public final class EventHub {
  /// What listeners may take.
  public struct Limits: Sendable {
    /// Listeners at once: fewer than connections, so that some are left for requests.
    public var listeners = 16
    /// Bytes that wait for one listener: some 25,000 routes.
    public var queuedBytes = 4 << 20

    /// The defaults.
    public init() {}
  }

  /// Counts the transactions that changed anything.
  private(set) var revision: UInt64 = 0
  private let limits: Limits
  private var queues: [EventQueue] = []
  /// What any of them wants.
  private var wanted: Set<EventKind> = []

  /// Nobody listens yet.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Whether anybody wants to hear of this.
  func wants(_ kind: EventKind) -> Bool { wanted.contains(kind) }

  /// Tells those who want to hear of it; `event` is made only if one of them has room for it.
  func emit(_ kind: EventKind, _ event: @autoclosure () -> some Event) {
    guard wanted.contains(kind) else { return }
    var line: ByteBuffer?
    for queue in queues where queue.kinds.contains(kind) {
      guard queue.hasRoom else {
        queue.lose()
        continue
      }
      let made = line ?? JSONObject.line(event())
      line = made
      queue.append(made)
    }
  }

  /// A transaction has been carried out.
  func commit(_ changes: StateChanges, revision: UInt64) {
    self.revision = revision
    if !wanted.isEmpty { emit(changes) }
  }

  /// A listener that wants to hear of these kinds from now on; its first line says since when.
  ///
  /// - Throws: A 503 where there are as many as may be.
  func listen(to kinds: Set<EventKind>) throws(APIProblem) -> EventQueue {
    guard queues.count < limits.listeners else {
      throw APIProblem(
        .serviceUnavailable, "\(limits.listeners) clients listen to events, the most that may: try again later")
    }
    let queue = EventQueue(kinds: kinds, limit: limits.queuedBytes) { [weak self] in self?.remove($0) }
    queue.append(mark(.begin))
    queues.append(queue)
    wanted.formUnion(kinds)
    return queue
  }

  /// A line that says where the stream is.
  func mark(_ mark: StreamMark) -> ByteBuffer { JSONObject.line(StreamEvent(event: mark, revision: revision)) }

  private func remove(_ queue: EventQueue) {
    queues.removeAll { $0 === queue }
    wanted = queues.reduce(into: []) { $0.formUnion($1.kinds) }
  }
}
