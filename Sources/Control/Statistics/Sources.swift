import DPDK
import Dataplane

/// A worker as control sees it.
public struct WorkerInfo {
  /// The lcore that runs it.
  public var lcore: Int
  /// Its receive queues, as `port/queue`.
  public var queues: [String]
  /// Its counters, written by the worker at any time.
  public var counters: WorkerCounters
}

/// Everything that statistics are drawn from. Control thread only.
public struct StatisticsSources {
  /// The tables and what their indexes mean.
  public var state: ForwardingState
  /// The workers.
  public var workers: [WorkerInfo]
  /// What is known of neighbours.
  let neighbors: NeighborCache
  /// Who gave what; nil where nothing changes.
  let live: LiveChanges?
  /// The twins of interfaces, by the interface's index.
  let twins: [Int: TwinRow]
  /// The devices' ports by number; empty for memory ports.
  public var ports: [UInt16: DevicePort]

  init(
    state: ForwardingState, workers: [WorkerInfo], neighbors: NeighborCache = NeighborCache(),
    live: LiveChanges? = nil, twins: [Int: TwinRow] = [:], ports: [UInt16: DevicePort]
  ) {
    self.state = state
    self.workers = workers
    self.neighbors = neighbors
    self.twins = twins
    self.live = live
    self.ports = ports
  }
}
