import NIOCore

/// Long work in turns: one turn, then a look of the event loop at its sockets and timers, then the next turn.
///
/// A turn that asks the loop for another by `execute` would not do: a loop runs such tasks until there are none, before it
/// looks at its sockets.
final class TurnQueue {
  /// Long enough for the loop to find nothing due, short beside a turn.
  private static let pause = TimeAmount.microseconds(100)

  private let loop: NIOIsolatedEventLoop
  private var waiting: CircularBuffer<() -> Void> = []

  /// Makes an empty queue, on the event loop.
  init(loop: any EventLoop) { self.loop = loop.assumeIsolated() }

  /// Runs `turn` after those that wait already.
  func append(_ turn: @escaping () -> Void) {
    waiting.append(turn)
    if waiting.count == 1 { schedule() }
  }

  private func schedule() {
    loop.scheduleTask(in: Self.pause) {
      self.waiting[self.waiting.startIndex]()
      self.waiting.removeFirst()
      if !self.waiting.isEmpty { self.schedule() }
    }
  }
}
