import DPDK
import Dataplane
import Tables
import Testing

@testable import Control

/// A forwarder in the process: the worker that `run` runs, on ports of memory, from a configuration's text.
final class Node {
  /// A frame that left.
  struct Sent: Equatable {
    var port: String
    var frame: [UInt8]
  }

  /// What became of packets.
  struct Outcome: Equatable {
    var sent: [Sent] = []
    var drops: [DropReason] = []
    var punted: [PuntRings.Punted] = []
  }

  let shared = Shared(rcu: nil)
  private let worker: WorkerMemory
  private(set) var state: ForwardingState
  private let devices: [String: TestPort]
  private let publisher: Publisher
  private let trace: UnsafeMutablePointer<TraceBuffer>
  private var states: [ForwardingState] = []
  private let takesChains: Bool
  private let rings: PuntRings?

  /// Starts a node.
  ///
  /// - Parameters:
  ///   - ringSize: Frames that a port holds in each direction, plus one; a power of two.
  ///   - takesChains: The devices send packets that lie in several buffers.
  ///   - answers: It has buffers for packets of its own: ICMP errors, fragments.
  ///   - rings: To control and back; nil is a node without.
  init(
    _ text: String = nodeConfiguration, ringSize: UInt32 = 1024, takesChains: Bool = true, answers: Bool = false,
    rings: PuntRings? = nil
  ) throws {
    Environment.shared.poison()
    let configuration = try ConfigurationLoader.load(text: text, file: "node.yaml")
    let names = configuration.ports.filter(\.link.isDevice).map(\.name)
    let ports = try Environment.shared.ports(names.count, size: ringSize)
    devices = Dictionary(uniqueKeysWithValues: zip(names, ports))
    let frees = DeferredFrees(gracePeriod: NoReaders())
    self.takesChains = takesChains
    self.rings = rings
    state = try Node.build(configuration, devices, frees, takesChains)
    publisher = Publisher(shared: shared, frees: frees, gracePeriod: NoReaders())
    publisher.publish(state)
    trace = .allocate(capacity: 1)
    trace.initialize(to: TraceBuffer(capacity: 4096))
    worker = try WorkerMemory(
      shared: shared, reader: 0, queues: ports.map { ReceiveQueue(port: $0.number, queue: 0) },
      transmit: (0..<Shared.portLimit).map { .init(port: UInt16($0), queue: 0, lock: nil) },
      pool: answers ? Environment.shared.pool : nil,
      exchange: rings?.exchange, trace: trace)
    states.append(state)
  }

  deinit { trace.deallocate() }

  private static func build(
    _ configuration: Configuration, _ devices: [String: TestPort], _ frees: DeferredFrees, _ takesChains: Bool
  ) throws -> ForwardingState {
    let interfaces = configuration.ports.map {
      InterfaceInfo(entry: $0, port: devices[$0.deviceName]!.number, mac: $0.mac?.value ?? 0, tag: $0.link.tag)
    }
    // A sub-interface has its parent's address.
    let owners = Dictionary(uniqueKeysWithValues: interfaces.map { ($0.name, $0.mac) })
    let whole = interfaces.map { info in
      var info = info
      if info.mac == 0 { info.mac = owners[info.entry.deviceName]! }
      info.takesAnyMAC = info.entry.promiscuous
      info.takesChains = takesChains
      return info
    }
    return try ForwardingState(configuration, interfaces: whole, frees: frees)
  }

  /// Replaces the snapshot by that of another configuration of the same devices.
  func publish(_ text: String) throws {
    let configuration = try ConfigurationLoader.load(text: text, file: "node.yaml")
    state = try Node.build(configuration, devices, DeferredFrees(gracePeriod: NoReaders()), takesChains)
    states.append(state)
    publisher.publish(state)
  }

  /// Spreads flows as links come and go, and publishes the state if any moved.
  func balance(hasLink: (UInt16) -> Bool) throws -> Bool {
    for port in devices.values { _ = state.setLink(port.number, isUp: hasLink(port.number)) }
    guard state.balance() else { return false }
    publisher.publish(state)
    return true
  }

  /// Has a neighbour not answer.
  func lose(_ neighbor: IPAddress, port: String) {
    state.setNeighbor(neighbor, interface: state.interfaceIndex(port), mac: nil)
    _ = state.balance()
    publisher.publish(state)
  }

  /// Changes to the node while it runs. Nobody asks for its neighbours.
  ///
  /// - Parameter published: Called each time when the worker has a new snapshot.
  func changes(published: @escaping () -> Void = {}) -> LiveChanges {
    let (state, publisher, counters) = (state, publisher, worker.counters)
    state.tally = { counters.tally(interface: $0) }
    func publish() {
      publisher.publishAndWait(state)
      published()
    }
    let agent = NeighborAgent(state, rings: [], pool: Environment.shared.pool, publish: publish)
    return LiveChanges(state, neighbors: agent, publish: publish)
  }

  /// The device port of that name.
  func port(_ name: String) -> TestPort { devices[name]! }

  /// The names of the ports that are devices.
  var deviceNames: [String] { devices.keys.sorted() }

  // MARK: Packets

  /// Lets a port receive one frame, polls, and tells what became of it.
  func send(
    _ frame: [UInt8], to port: String = "core", _ layout: TestPort.Layout = .init(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try self.port(port).put(frame, layout)
    return poll(expecting: 1, sourceLocation: sourceLocation)
  }

  /// Polls once, takes what left, and holds the conservation law against it.
  func poll(expecting count: Int, sourceLocation: SourceLocation = #_sourceLocation) -> Outcome {
    let before = counts
    let polled = pollOnce()
    let after = counts
    var outcome = Outcome()
    for reason in DropReason.allCases {
      let more = after.drops[Int(reason.rawValue)] - before.drops[Int(reason.rawValue)]
      outcome.drops += [DropReason](repeating: reason, count: Int(more))
    }
    outcome.sent = takeAll()
    outcome.punted = rings?.take() ?? []
    let bytes = UInt64(outcome.sent.reduce(0) { $0 + $1.frame.count })
    let adds =
      polled == count && after.received.packets - before.received.packets == UInt64(count)
      && after.transmitted.packets - before.transmitted.packets == UInt64(outcome.sent.count)
      && after.transmitted.bytes - before.transmitted.bytes == bytes
      && outcome.sent.count + outcome.drops.count + outcome.punted.count
        == count + Int(after.generated - before.generated)
    if !adds { Issue.record("received \(count) of \(polled): \(outcome)", sourceLocation: sourceLocation) }
    let inUse = Environment.shared.pool.inUse
    if inUse != 0 { Issue.record("\(inUse) packet buffers are lost: \(outcome)", sourceLocation: sourceLocation) }
    return outcome
  }

  /// Polls once and leaves what was transmitted where it is.
  func pollOnce() -> Int { worker.worker.pointee.poll() }

  /// Every frame that left, port by port.
  func takeAll() -> [Sent] {
    var sent: [Sent] = []
    for port in devices.values {
      while let (frame, interface, _) = port.take() {
        sent.append(Sent(port: state.interfaces[interface].name, frame: frame))
      }
    }
    return sent
  }

  /// The steps since the last call, in words.
  func steps() -> [String] { trace.pointee.drain().map(state.describe) }

  // MARK: Counters

  /// Sums of the worker's counters.
  struct Counts {
    var drops: [UInt64]
    var generated: UInt64 = 0
    var received = Tally()
    var transmitted = Tally()
  }

  var counts: Counts {
    let counters = worker.counters
    var sums = Counts(drops: Array(UnsafeBufferPointer(start: counters.drops, count: DropReason.places)))
    sums.generated = counters.generated.pointee
    for index in state.interfaces.indices {
      let tally = counters.interfaces[index]
      sums.received.packets += tally.received.packets
      sums.received.bytes += tally.received.bytes
      sums.transmitted.packets += tally.transmitted.packets
      sums.transmitted.bytes += tally.transmitted.bytes
    }
    return sums
  }

  /// Packets of a kind that were more than the limits.
  func limited(_ kind: PuntKind) -> UInt64 { worker.counters.puntsLimited[Int(kind.rawValue)] }

  /// How the worker spent its time.
  var loop: LoopTally { worker.counters.loop.pointee }

  /// The counters of the interface of that name.
  func tally(_ interface: String) -> InterfaceTally {
    worker.counters.interfaces[state.interfaces.firstIndex { $0.name == interface }!]
  }

  /// The counter of the SID that is written so.
  func tally(sid: String) -> Tally {
    worker.counters.sids[state.sids.entries.firstIndex { $0?.name == sid }!]
  }

  /// The counter of the table of that name.
  func tally(table: String) -> Tally { worker.counters.tables[state.tableIndex(table == "main" ? nil : table)] }
}

extension Node.Outcome: CustomStringConvertible {
  /// Ports and frames as hex, and reasons.
  var description: String {
    let frames = sent.map { "\($0.port) < " + $0.frame.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
    let others = drops.map { "drop \($0.name)" } + punted.map { "punt \($0.kind.name)" }
    return (frames + others).joined(separator: ", ")
  }

  /// One frame by one port.
  static func sent(_ port: String, _ frame: [UInt8]) -> Node.Outcome {
    Node.Outcome(sent: [.init(port: port, frame: frame)])
  }

  /// One drop.
  static func drop(_ reason: DropReason) -> Node.Outcome { Node.Outcome(drops: [reason]) }
}
