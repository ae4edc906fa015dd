/// A source of grace periods: the time after which no reader holds what it could reach when the period started.
/// DPDK's QSBR is one (`rte_rcu_qsbr_start` and `rte_rcu_qsbr_check`).
public protocol GracePeriod {
  /// Starts a grace period and returns its token. Later tokens are over no earlier than earlier ones.
  func start() -> UInt64

  /// Whether every reader has passed a quiescent state since the token was taken. Must not block.
  func isOver(_ token: UInt64) -> Bool
}

/// Frees of memory that readers may still be looking at, each held back until its grace period is over.
/// For the control thread only.
public final class DeferredFrees {
  private let gracePeriod: any GracePeriod
  private var waiting: [(token: UInt64, free: () -> Void)] = []

  /// Makes an empty list whose frees wait for grace periods of `gracePeriod`.
  public init(gracePeriod: any GracePeriod) {
    self.gracePeriod = gracePeriod
  }

  /// The number of frees that wait.
  public var count: Int { waiting.count }

  /// Runs `free` in a later ``reclaim()``. Call this after the store that made the memory unreachable.
  public func retire(_ free: @escaping () -> Void) {
    waiting.append((gracePeriod.start(), free))
  }

  /// Runs the frees whose grace period is over, in the order in which they were retired, and returns how many.
  @discardableResult public func reclaim() -> Int {
    let ready = waiting.firstIndex { !gracePeriod.isOver($0.token) } ?? waiting.count
    let frees = Array(waiting[..<ready])
    waiting.removeFirst(ready)
    for entry in frees { entry.free() }
    return ready
  }
}
