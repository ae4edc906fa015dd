import CDPDKShim
import Wire

/// A receive queue that a worker polls.
@frozen public struct ReceiveQueue: Sendable {
  /// The device's port number.
  public var port: UInt16
  /// The queue's number.
  public var queue: UInt16

  /// Makes a queue.
  public init(port: UInt16, queue: UInt16) {
    self.port = port
    self.queue = queue
  }
}

/// What all workers and the control thread share. Control writes, workers read.
public struct Shared {
  /// Most ports of devices.
  public static let portLimit = 64

  /// The current ``Snapshot``, replaced by one store with release ordering.
  public let snapshot: UnsafeMutablePointer<UnsafeRawPointer?>
  /// Not 0: workers return.
  public let stop: UnsafeMutablePointer<UInt32>
  /// By port number, 1 where the link is up.
  public let linkUp: UnsafeMutablePointer<UInt32>
  /// The quiescent-state variable of `rte_rcu_qsbr`; nil where nothing is freed while the worker runs.
  public let rcu: UnsafeMutableRawPointer?

  /// Makes the shared words: nothing published, running, every link up.
  public init(rcu: UnsafeMutableRawPointer?) {
    snapshot = .allocate(capacity: 1)
    snapshot.initialize(to: nil)
    stop = .allocate(capacity: 1)
    stop.initialize(to: 0)
    linkUp = .allocate(capacity: Shared.portLimit)
    linkUp.initialize(repeating: 1, count: Shared.portLimit)
    self.rcu = rcu
  }

  /// Publishes a snapshot: workers use it from their next poll on.
  public func publish(_ value: UnsafePointer<Snapshot>) {
    ntl_store_release(snapshot, value)
  }
}

/// One forwarding thread: polls its queues and runs each burst to completion.
///
/// A worker lives in memory of its own, is run by one lcore, and holds nothing but trivial values: no reference is
/// counted and nothing is allocated while packets flow.
public struct Worker {
  /// Rounds of lookups for one burst: a packet that needs more, as it is inside more tunnels than this, all ending here,
  /// is dropped.
  static var roundLimit: Int { 8 }

  let shared: Shared
  let reader: UInt32
  let idleSleep: UInt32
  let queues: UnsafePointer<ReceiveQueue>
  let queueCount: Int

  /// The worker's counters.
  public let counters: WorkerCounters
  /// Transmit buffers by the device's port number.
  let transmit: UnsafeMutablePointer<TransmitBuffer>
  /// A bit a port with packets in its buffer.
  var pending: UInt64 = 0
  /// No port's buffer holds more received packets than this.
  var waiting = 0
  /// No port's buffer holds more packets made here than this.
  var generatedWaiting = 0
  /// Buffers for packets that this node makes; nil makes none.
  let pool: UnsafeMutableRawPointer?
  /// The rings to control and back; nil where nobody is there.
  let exchange: Exchange?
  var limiter: ErrorLimiter
  var puntLimiters: PuntLimiters
  /// The identification of the next IPv4 packet made here.
  var identification: UInt16 = 0

  var snapshot: Snapshot
  var burst = Burst()
  let unusualNetworks = Worker.makeUnusualNetworks()
  /// Where steps are written down; nil but for `explain`.
  let trace: UnsafeMutablePointer<TraceBuffer>?

  /// Makes a worker.
  ///
  /// - Parameters:
  ///   - shared: What control publishes; its snapshot must be published already.
  ///   - reader: The worker's number for RCU, from 0.
  ///   - queues: Its receive queues, in memory that outlives it.
  ///   - transmit: A buffer for every port number that a next hop names, in memory that outlives it.
  ///   - counters: Its counters.
  ///   - idleSleep: Microseconds to sleep when a poll of all queues found nothing; 0 never sleeps.
  ///   - pool: Buffers for packets that it makes; nil makes none.
  ///   - exchange: Rings to control and back; nil drops what control would have to look at.
  ///   - errorTicks: Time stamp counter ticks for each ICMP error; 0 limits nothing.
  ///   - trace: Where to write down what happens to each packet.
  public init(
    shared: Shared, reader: UInt32, queues: UnsafeBufferPointer<ReceiveQueue>,
    transmit: UnsafeMutablePointer<TransmitBuffer>, counters: WorkerCounters, idleSleep: UInt32 = 0,
    pool: UnsafeMutableRawPointer?, exchange: Exchange? = nil, errorTicks: UInt64 = 0,
    trace: UnsafeMutablePointer<TraceBuffer>? = nil
  ) {
    self.shared = shared
    self.reader = reader
    self.idleSleep = idleSleep
    self.queues = queues.baseAddress!
    queueCount = queues.count
    self.counters = counters
    self.transmit = transmit
    self.pool = pool
    self.exchange = exchange
    limiter = ErrorLimiter(ticks: errorTicks)
    puntLimiters = PuntLimiters(ticks: exchange?.ticks ?? .unlimited)
    self.trace = trace
    snapshot = shared.snapshot.pointee!.load(as: Snapshot.self)
  }

  /// Gives the burst's memory back.
  public func deallocate() {
    burst.deallocate()
    unusualNetworks.deallocate()
  }

  /// Forwards until `shared.stop` is set, then sends what waits.
  public mutating func run() {
    if let rcu = shared.rcu { ntl_rcu_online(rcu, reader) }
    while ntl_load_relaxed32(shared.stop) == 0 {
      let received = poll()
      if received == 0 && idleSleep != 0 { ntl_sleep_us(idleSleep) }
    }
    if let rcu = shared.rcu { ntl_rcu_offline(rcu, reader) }
  }

  /// Polls every queue once and forwards what it finds; returns how many packets that were.
  public mutating func poll() -> Int {
    let began = ntl_cycles()
    refreshSnapshot()
    takeReturned()
    var total = 0
    var index = 0
    while index < queueCount {
      let queue = queues[index]
      let count = Int(ntl_rx_burst(queue.port, queue.queue, burst.received, UInt16(truncatingIfNeeded: Burst.capacity)))
      if count > 0 {
        process(count, port: queue.port)
        total &+= count
      }
      index &+= 1
    }
    flush()
    waiting = 0
    generatedWaiting = 0
    if let rcu = shared.rcu { ntl_rcu_quiescent(rcu, reader) }
    account(total, since: began)
    return total
  }

  @inline(__always) mutating func refreshSnapshot() {
    // Copied on every poll: an address seen before may be that of a later snapshot.
    if let published = ntl_load_acquire(shared.snapshot) { snapshot = published.load(as: Snapshot.self) }
  }

  @inline(__always) func account(_ packets: Int, since began: UInt64) {
    let loop = counters.loop
    loop.pointee.polls &+= 1
    if packets == 0 {
      loop.pointee.emptyPolls &+= 1
    } else {
      loop.pointee.packets &+= UInt64(truncatingIfNeeded: packets)
      loop.pointee.busyCycles &+= ntl_cycles() &- began
    }
  }

  /// The stages, in order, over a burst that stands in `burst.received`.
  @inline(__always) mutating func process(_ count: Int, port: UInt16) {
    begin(count)
    burst.port = port
    classify(count, port: snapshot.ports + Int(port))
    routeRounds()
    if burst.droppedCount > 0 { freeDropped() }
  }

  /// Begins a burst of `count` packets.
  @inline(__always) mutating func begin(_ count: Int) {
    reserveTransmit(count)
    burst.number &+= 1
    burst.generated = 0
    burst.round = 0
  }

  /// Routes what is queued, and what comes of that, until nothing is left.
  @inline(__always) mutating func routeRounds() {
    while true {
      while burst.ipv6.count > 0 {
        lookUpIPv6()
        if burst.round >= Worker.roundLimit { giveUpOnSIDs() }
        routeIPv6()
        swap(&burst.ipv6, &burst.ipv6Again)
        burst.round &+= 1
      }
      if burst.ipv4.count > 0 {
        lookUpIPv4()
        routeIPv4()
      }
      if _fastPath(burst.ipv4Again.count | burst.ipv6Again.count == 0) { return }
      swap(&burst.ipv4, &burst.ipv4Again)
      swap(&burst.ipv6, &burst.ipv6Again)
      burst.round &+= 1
    }
  }
}
