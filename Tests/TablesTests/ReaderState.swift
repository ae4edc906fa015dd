import Foundation
import Synchronization

@testable import Tables

/// A reader's thread, and what it and the writer tell each other; quiescent states are counted as DPDK's QSBR does.
final class ReaderState: GracePeriod, Sendable {
  let passes = Atomic(0)
  let wrongAnswers = Atomic(0)
  private let stop = Atomic(false)
  private let ended = Atomic(false)
  private let token = Atomic<UInt64>(0)
  private let seen = Atomic<UInt64>(0)

  func start() -> UInt64 { token.add(1, ordering: .sequentiallyConsistent).newValue }

  func isOver(_ token: UInt64) -> Bool { seen.load(ordering: .acquiring) >= token }

  /// Calls `pass` in a thread of its own again and again; it says whether the answers were right.
  func startReader(_ pass: @escaping () -> Bool) {
    nonisolated(unsafe) let pass = pass
    let reader = Thread { [self] in
      while !stop.load(ordering: .relaxed) {
        if !pass() { wrongAnswers.add(1, ordering: .relaxed) }
        passes.add(1, ordering: .relaxed)
        seen.store(token.load(ordering: .acquiring), ordering: .releasing)
      }
      ended.store(true, ordering: .releasing)
    }
    reader.start()
  }

  /// Waits until the reader has made so many passes more.
  func awaitPasses(_ count: Int) {
    let first = passes.load(ordering: .relaxed)
    while passes.load(ordering: .relaxed) < first + count { sched_yield() }
  }

  func stopReader() {
    stop.store(true, ordering: .relaxed)
    while !ended.load(ordering: .acquiring) { sched_yield() }
  }
}
