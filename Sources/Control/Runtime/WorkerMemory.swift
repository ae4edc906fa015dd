import CDPDKShim
import DPDK
import Dataplane
import Tables

/// The memory that one worker runs in, allocated before packets flow and freed after they stop.
final class WorkerMemory {
  let worker: UnsafeMutablePointer<Worker>
  let counters: WorkerCounters
  private let queues: UnsafeMutableBufferPointer<ReceiveQueue>
  private let buffers: UnsafeMutablePointer<TransmitBuffer>
  private let bufferCount: Int

  /// A port's transmit queue as one worker uses it.
  struct Transmit {
    var port: UInt16
    var queue: UInt16
    var lock: UnsafeMutablePointer<UInt32>?
  }

  /// Makes a worker.
  ///
  /// - Parameters:
  ///   - transmit: By port number, without gaps.
  ///   - pool: Where packets that it makes come from; nil makes none.
  ///   - exchange: The rings to control and back.
  ///   - errorsPerSecond: ICMP errors that it sends at most; nil does not limit them.
  init(
    shared: Shared, reader: Int, queues: [ReceiveQueue], transmit: [Transmit], pool: Mempool?,
    exchange: Exchange? = nil, errorsPerSecond: Int? = nil, idleSleep: Int = 0,
    trace: UnsafeMutablePointer<TraceBuffer>? = nil
  ) throws(DPDKError) {
    guard let counters = WorkerCounters() else { throw DPDKError("reserving a worker's counters", code: ntl_errno()) }
    self.counters = counters
    self.queues = .allocate(capacity: queues.count)
    _ = self.queues.initialize(from: queues)
    bufferCount = transmit.count
    buffers = .allocate(capacity: max(bufferCount, 1))
    for (index, queue) in transmit.enumerated() {
      (buffers + index).initialize(to: TransmitBuffer(port: queue.port, queue: queue.queue, lock: queue.lock))
    }
    // On cache lines of its own: its neighbour in memory may be another lcore's worker.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<Worker>.stride + 128, alignment: 128)
    worker = memory.bindMemory(to: Worker.self, capacity: 1)
    worker.initialize(
      to: Worker(
        shared: shared, reader: UInt32(reader), queues: UnsafeBufferPointer(self.queues), transmit: buffers,
        counters: counters, idleSleep: UInt32(idleSleep), pool: pool?.handle,
        exchange: exchange, errorTicks: errorsPerSecond.map { EAL.cyclesPerSecond / UInt64($0) } ?? 0, trace: trace))
  }

  deinit {
    worker.pointee.deallocate()
    worker.deallocate()
    for index in 0..<bufferCount { buffers[index].deallocate() }
    buffers.deallocate()
    queues.deallocate()
    counters.deallocate()
  }

  /// Runs the worker on an lcore until the shared stop flag is set.
  func launch(on lcore: Lcore) throws(DPDKError) {
    try lcore.launch(
      { argument in
        argument.unsafelyUnwrapped.assumingMemoryBound(to: Worker.self).pointee.run()
        return 0
      }, worker)
  }
}

extension QuiescentStates: GracePeriod {}
