import CDPDKShim

/// RCU by quiescent states (`rte_rcu_qsbr`): what a worker may still read is freed once every worker has passed a
/// quiescent state.
public final class QuiescentStates {
  /// DPDK's variable.
  public let handle: UnsafeMutableRawPointer

  /// Makes the variable for readers 0 ..< `readers`.
  public init(readers: Int) throws(DPDKError) {
    guard let handle = ntl_rcu_create(UInt32(readers)) else {
      throw DPDKError("making the RCU variable", code: ntl_errno())
    }
    self.handle = handle
  }

  deinit { ntl_rcu_free(handle) }

  /// Begins a grace period.
  public func start() -> UInt64 { ntl_rcu_start(handle) }

  /// Whether every reader has passed a quiescent state since `token` was given. Never waits.
  public func isOver(_ token: UInt64) -> Bool { ntl_rcu_is_over(handle, token) }
}
