/// A source of grace periods: the time after which no reader holds what it could reach when the period started.
/// DPDK's QSBR is one (`rte_rcu_qsbr_start` and `rte_rcu_qsbr_check`).
public protocol GracePeriod {
  /// Starts a grace period and returns its token. Later tokens are over no earlier than earlier ones.
  func start() -> UInt64

  /// Whether every reader has passed a quiescent state since the token was taken. Must not block.
  func isOver(_ token: UInt64) -> Bool
}

/// The grace periods of what no other thread reads: none.
public struct NoReaders: GracePeriod {
  /// Makes it.
  public init() {}

  /// Starts nothing.
  public func start() -> UInt64 { 0 }

  /// It is over at once.
  public func isOver(_ token: UInt64) -> Bool { true }
}

/// Frees of memory that readers may still be looking at, each held back until its grace period is over.
/// For the control thread only.
public final class DeferredFrees {
  private enum Free {
    case block(CellArena, firstCell: Int, order: Int)
    case call(() -> Void)
  }

  private let gracePeriod: any GracePeriod
  private var waiting: [(token: UInt64, free: Free)] = []
  /// What is being freed; kept for its memory, as changes come by the million.
  private var ready: [(token: UInt64, free: Free)] = []

  /// Makes an empty list whose frees wait for grace periods of `gracePeriod`.
  public init(gracePeriod: any GracePeriod) {
    self.gracePeriod = gracePeriod
  }

  /// The number of frees that wait.
  public var count: Int { waiting.count }

  /// Runs `free` in a later ``reclaim()``. Call this after the store that made the memory unreachable.
  public func retire(_ free: @escaping () -> Void) {
    waiting.append((gracePeriod.start(), .call(free)))
  }

  /// Frees a block of an arena in a later ``reclaim()``.
  func retire(firstCell: Int, order: Int, of arena: CellArena) {
    waiting.append((gracePeriod.start(), .block(arena, firstCell: firstCell, order: order)))
  }

  /// Runs the frees whose grace period is over, in the order in which they were retired, and returns how many.
  @discardableResult public func reclaim() -> Int {
    let count = waiting.firstIndex { !gracePeriod.isOver($0.token) } ?? waiting.count
    if count == 0 { return 0 }
    // A free may retire more, or reclaim.
    var frees: [(token: UInt64, free: Free)] = []
    swap(&frees, &ready)
    if count == waiting.count {
      swap(&frees, &waiting)
    } else {
      frees.append(contentsOf: waiting[..<count])
      waiting.removeFirst(count)
    }
    for entry in frees {
      switch entry.free {
      case .block(let arena, let firstCell, let order): arena.free(firstCell: firstCell, order: order)
      case .call(let free): free()
      }
    }
    frees.removeAll(keepingCapacity: true)
    swap(&frees, &ready)
    return count
  }
}
