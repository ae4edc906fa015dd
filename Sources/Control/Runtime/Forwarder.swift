import CDPDKShim
import DPDK
import Dataplane
import Dispatch
import Logging
import Tables

/// The forwarder: EAL, ports, tables and workers from one configuration. Made and used by the control thread, which is
/// EAL's main lcore.
public final class Forwarder {
  /// The tables and what their indexes mean.
  public let state: ForwardingState
  private let portSet: PortSet
  private let shared: Shared
  private let locks: UnsafeMutablePointer<UInt32>
  private let frees: DeferredFrees
  private let publisher: Publisher
  private let neighbors: NeighborAgent
  private let twins: TwinSet
  /// Changes while it runs.
  public let live: LiveChanges
  /// What listeners are told of.
  let events = EventHub()
  private var workers: [(lcore: Lcore, queues: [String], memory: WorkerMemory)] = []
  private let log: Logger
  private let file: String

  /// Starts EAL as a configuration says, after a look at whether the machine has what it asks for.
  ///
  /// - Parameters:
  ///   - file: The configuration's path, for messages.
  ///   - arguments: EAL words from the command line, after the configuration's.
  public static func startEAL(
    _ configuration: Configuration, file: String, arguments: [String]
  ) throws(StartError) -> EAL {
    let words = EALArguments(configuration, extra: arguments)
    try Preflight(configuration: configuration, file: file, arguments: words).run()
    do throws(DPDKError) {
      return try EAL(arguments: words.words)
    } catch {
      throw StartError("dpdk.eal: \(error): EAL's own messages above say more", in: file)
    }
  }

  /// Sets everything up, ready to ``start()``. EAL must run, and must outlive the forwarder.
  ///
  /// - Throws: ``StartError``; nothing is left running then.
  public init(_ configuration: Configuration, file: String, log: Logger) throws(StartError) {
    self.log = log
    self.file = file
    let lcores = Forwarder.workerLcores(configuration)
    portSet = try PortSet(configuration, file: file, log: log)
    let plan = try Forwarder.plan(configuration, portSet, lcores, file)
    let plannedWorkers = lcores.map { QueuePlan.Worker(lcore: Int($0.number), socket: $0.socket) }
    try portSet.configure(plan, workers: plannedWorkers)

    locks = .allocate(capacity: Shared.portLimit)
    locks.initialize(repeating: 0, count: Shared.portLimit)
    do {
      let rcu = try QuiescentStates(readers: lcores.count)
      shared = Shared(rcu: rcu.handle)
      let frees = DeferredFrees(gracePeriod: rcu)
      self.frees = frees
      let state = try ForwardingState(
        configuration, interfaces: portSet.interfaces, frees: frees, flowSeed: UInt64.random(in: 0 ... .max))
      self.state = state
      let publisher = Publisher(shared: shared, frees: frees, gracePeriod: rcu)
      publisher.publish(state)
      self.publisher = publisher
      let rings = try lcores.indices.map { index throws(DPDKError) in try NeighborAgent.Rings(worker: index) }
      neighbors = NeighborAgent(
        state, rings: rings, pool: portSet.pools[0].pool, events: events,
        publish: { publisher.publishAndWait(state) })
      twins = TwinSet(state, frames: neighbors.frames, hasLink: state.hasLink, log: log)
      neighbors.host = twins
      live = LiveChanges(state, neighbors: neighbors, events: events) { publisher.publishAndWait(state) }
      live.interfacesDidChange = { [twins, log] interfaces in
        do throws(TwinFailure) {
          try twins.sync(interfaces)
        } catch {
          log.error("ports.\(error.port).tap: \(error.message)")
        }
      }
      live.setDevices = { [portSet] changes throws(ChangeError) in try portSet.apply(changes) }
      for (index, lcore) in lcores.enumerated() {
        let exchange = rings[index].exchange(worker: index, limits: configuration.punt)
        workers.append(try makeWorker(lcore, index: index, of: lcores.count, plan, exchange))
      }
      state.tally = { [counters = workers.map(\.memory.counters)] interface in
        counters.reduce(into: InterfaceTally()) { $0 += $1.tally(interface: interface) }
      }
    } catch {
      portSet.close()
      throw StartError(building: configuration, error, in: file)
    }
  }

  private static func workerLcores(_ configuration: Configuration) -> [Lcore] {
    let numbers: [Int] =
      switch configuration.lcores.workers {
      case .spread(let lcores): lcores
      case .pinned(let entries): entries.map(\.lcore)
      }
    let enabled = Lcore.workers
    return numbers.compactMap { number in enabled.first { $0.number == number } }
  }

  private static func plan(
    _ configuration: Configuration, _ portSet: PortSet, _ lcores: [Lcore], _ file: String
  ) throws(StartError) -> QueuePlan {
    switch configuration.lcores.workers {
    case .spread(let numbers):
      try checkEnabled(numbers, lcores, configuration, file)
      let workers = lcores.map { QueuePlan.Worker(lcore: Int($0.number), socket: $0.socket) }
      return try QueuePlan(spreading: portSet.planned, over: workers, file: file)
    case .pinned(let entries):
      try checkEnabled(entries.map(\.lcore), lcores, configuration, file)
      return try QueuePlan(pinning: entries, devices: portSet.planned, file: file)
    }
  }

  /// With lcores mapped by EAL words of the user's, some that the configuration names may not be among them.
  private static func checkEnabled(
    _ numbers: [Int], _ lcores: [Lcore], _ configuration: Configuration, _ file: String
  ) throws(StartError) {
    for number in numbers where !lcores.contains(where: { $0.number == number }) {
      let have = Lcore.workers.map { "\($0.number)" }.joined(separator: ", ")
      throw StartError(
        "lcores.workers: EAL was started without lcore \(number) as a worker (it has: \(have.isEmpty ? "none" : have)):"
          + " name it in dpdk.eal's -l or --lcores, and another as --main-lcore", at: configuration.lcores.mark,
        in: file)
    }
  }

  private func makeWorker(
    _ lcore: Lcore, index: Int, of count: Int, _ plan: QueuePlan, _ exchange: Exchange
  ) throws(DPDKError) -> (lcore: Lcore, queues: [String], memory: WorkerMemory) {
    let devices = portSet.devices
    let assigned = plan.assignments[index]
    let queues = assigned.map { ReceiveQueue(port: devices[$0.device].port.number, queue: UInt16($0.queue)) }
    var transmit = (0..<Shared.portLimit).map { WorkerMemory.Transmit(port: UInt16($0), queue: 0, lock: nil) }
    for device in devices {
      let number = Int(device.port.number)
      transmit[number].queue = UInt16(index % device.port.txQueues)
      if device.port.txQueues < count { transmit[number].lock = locks + number }
    }
    // Packets of one pool alone may leave where devices free them together.
    let pool = portSet.pools.first { $0.socket == lcore.socket } ?? portSet.pools[0]
    let memory = try WorkerMemory(
      shared: shared, reader: index, queues: queues, transmit: transmit, pool: pool.pool,
      exchange: exchange, errorsPerSecond: 1000, idleSleep: state.configuration.lcores.idleSleepMicroseconds)
    return (lcore, assigned.map { "\(devices[$0.device].entry.name)/\($0.queue)" }, memory)
  }

  /// Starts the ports and the workers.
  public func start() throws(StartError) {
    try makeTwins()
    try portSet.start()
    pollLinks()
    for (entry, port) in portSet.devices where state.hasLink(port.number) { log.info("port \(entry.name): link up") }
    do throws(DPDKError) {
      for worker in workers { try worker.memory.launch(on: worker.lcore) }
    } catch {
      stop()
      throw StartError("\(error)", in: "lcores.workers")
    }
    let memory = EAL.hasHugepages ? "huge pages" : "ordinary pages"
    let routes = state.tables.indices.reduce(0) { $0 + state.routeCount(table: $1) }
    log.info("forwarding: \(portSet.devices.count) ports, \(workers.count) workers, \(routes) routes, \(memory)")
  }

  /// Makes the ports' twins.
  private func makeTwins() throws(StartError) {
    do throws(TwinFailure) {
      try twins.sync(state.interfaces)
    } catch {
      let mark = state.interfaces.first { $0.name == error.port }?.entry.mark
      throw StartError("ports.\(error.port).tap: \(error.message)", at: mark, in: file)
    }
  }

  /// What control does now and then: link states, frees whose grace period is over.
  public func tick() {
    pollLinks()
    frees.reclaim()
  }

  /// What control does now and then between changes: sources that are lost for long are swept.
  public func lookAfterSources() {
    for message in live.sweepDue() { log.error("\(message)") }
  }

  /// What control does every millisecond: what workers and the host have for it.
  public func lookAfterNeighbors() {
    neighbors.step(now: now)
    twins.poll()
  }

  /// Milliseconds of a clock that never goes back.
  private var now: UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }

  /// Looks at the links. When it returns, no worker sends to a group's member whose link was seen to be down.
  private func pollLinks() {
    var changed: [(port: UInt16, isUp: Bool)] = []
    for (entry, port) in portSet.devices {
      let isUp = port.link.up
      guard state.setLink(port.number, isUp: isUp) else { continue }
      ntl_store_relaxed32(shared.linkUp + Int(port.number), isUp ? 1 : 0)
      log.info("port \(entry.name): link \(isUp ? "up" : "down")")
      twins.setLink(port: port.number, isUp)
      events.emitLink(of: port.number, isUp ? .up : .down, state.interfaces)
      changed.append((port.number, isUp))
    }
    if changed.isEmpty { return }
    if state.balance() { publisher.publishAndWait(state) }
    neighbors.follow(links: changed, now: now)
  }

  /// Stops the workers, which send what they hold, then the ports. Counters can still be read.
  public func stop() {
    ntl_store_relaxed32(shared.stop, 1)
    for worker in workers { worker.lcore.wait() }
    for device in portSet.devices { device.port.stop() }
  }

  /// Gives the devices back; nothing may be used afterwards.
  public func close() { portSet.close() }

  /// What statistics are drawn from.
  public var sources: StatisticsSources {
    StatisticsSources(
      state: state,
      workers: workers.map {
        WorkerInfo(lcore: Int($0.lcore.number), queues: $0.queues, counters: $0.memory.counters)
      }, neighbors: neighbors.cache, live: live, twins: twins.rows,
      ports: Dictionary(uniqueKeysWithValues: portSet.devices.map { ($0.port.number, $0.port) }))
  }

  /// The pools of packet buffers.
  var poolRows: [PoolRow] {
    portSet.pools.map { socket, pool in
      PoolRow(pool: "packets-\(socket)", size: pool.size, inUse: pool.inUse, bytes: pool.size * Mempool.bytesPerBuffer)
    }
  }

  /// Everything that was counted, as text for people or as one JSON object.
  public func summary(json: Bool) throws -> String {
    let summary = sources.summary()
    return json ? try summary.jsonText() : summary.text
  }
}
