import CDPDKShim
import DPDK
import Dataplane
import Foundation
import Tables

/// Runs packets through a worker, one a burst, on ports made of memory: the same code that forwards, with no NIC, no
/// huge pages and no root.
public final class Explainer {
  private let state: ForwardingState
  private let ports: [MemoryPort]
  private let worker: WorkerMemory
  private let trace: UnsafeMutablePointer<TraceBuffer>
  private let pool: Mempool
  private let publisher: Publisher
  private let neighbors: NeighborAgent
  private let host: ExplainedHost
  private var packets = 0

  /// Sets a worker up for a configuration. EAL must run: ``startEAL()``.
  public init(_ configuration: Configuration, file: String) throws(StartError) {
    do {
      let pool = try Mempool(name: "explain", count: 4096, socket: -1)
      var ports: [MemoryPort] = []
      for entry in configuration.ports where entry.link.isDevice {
        ports.append(try MemoryPort(name: "explain\(ports.count)", pool: pool))
      }
      let interfaces = try Explainer.interfaces(configuration, ports)
      // Nothing is freed while the worker polls: it polls only when control says so.
      let frees = DeferredFrees(gracePeriod: NoReaders())
      state = try ForwardingState(configuration, interfaces: interfaces, frees: frees)
      let shared = Shared(rcu: nil)
      let publisher = Publisher(shared: shared, frees: frees, gracePeriod: NoReaders())
      publisher.publish(state)
      self.publisher = publisher
      let rings = try NeighborAgent.Rings(worker: 0)
      neighbors = NeighborAgent(
        state, rings: [rings], pool: pool, publish: { [state] in publisher.publish(state) })
      neighbors.asksForEachPacket = true
      host = ExplainedHost(state)
      neighbors.host = host
      trace = .allocate(capacity: 1)
      trace.initialize(to: TraceBuffer(capacity: 256))
      worker = try WorkerMemory(
        shared: shared, reader: 0, queues: ports.map { ReceiveQueue(port: $0.number, queue: 0) },
        transmit: (0..<Shared.portLimit).map { .init(port: UInt16($0), queue: 0, lock: nil) }, pool: pool,
        exchange: rings.exchange(worker: 0, limits: nil), trace: trace)
      self.pool = pool
      self.ports = ports
    } catch {
      throw StartError(building: configuration, error, in: file)
    }
  }

  deinit { trace.deallocate() }

  /// Starts EAL for memory ports alone.
  public static func startEAL() throws(DPDKError) -> EAL {
    try EAL(arguments: [
      "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "--log-level=error", "-m", "64", "--lcores",
      "0@\(ntl_first_allowed_cpu())",
    ])
  }

  /// Interfaces on memory ports: one without a configured address takes frames to any.
  private static func interfaces(_ configuration: Configuration, _ ports: [MemoryPort]) throws -> [InterfaceInfo] {
    let devices = configuration.ports.filter { $0.link.isDevice }
    let numbers = Dictionary(uniqueKeysWithValues: zip(devices.map(\.name), ports.map(\.number)))
    return configuration.ports.enumerated().map { index, entry in
      let device = devices.first { $0.name == entry.deviceName }!
      let mac = entry.mac ?? device.mac
      return InterfaceInfo(
        entry: entry, port: numbers[device.name]!, mac: mac?.value ?? 0x0200_0000_0000 | UInt64(index + 1),
        tag: entry.link.tag, takesAnyMAC: mac == nil)
    }
  }

  /// The port of the configuration that receives files, or nil: a name that no port has, or a sub-interface's.
  public func canReceive(_ port: String) -> Bool {
    state.configuration.ports.contains { $0.name == port && $0.link.isDevice }
  }

  /// Gives a port one frame and says what came of it.
  public func explain(_ frame: [UInt8], port name: String) throws(DPDKError) -> Explanation {
    let devices = state.configuration.ports.filter { $0.link.isDevice }
    try ports[devices.firstIndex { $0.name == name }!].put(frame)
    neighbors.queued = 0
    // The time stands still: nothing ages.
    repeat { _ = worker.worker.pointee.poll() } while neighbors.step(now: 0) > 0
    _ = worker.worker.pointee.poll()

    var explanation = Explanation(packet: packets, port: name)
    packets += 1
    explanation.isQueued = neighbors.queued > 0
    for step in trace.pointee.drain() {
      if case .drop(let reason) = step { explanation.drop = reason.name }
      explanation.steps.append(state.describe(step) + host.words(after: step))
      // What left is read in the order in which the worker sent it.
      guard case .transmit(let interface) = step else { continue }
      let info = state.interfaces[Int(interface)]
      guard let sent = ports.first(where: { $0.number == info.port })?.take() else { continue }
      explanation.transmitted.append(.init(port: info.name, frame: sent.bytes))
    }
    return explanation
  }
}

extension PortEntry.Link {
  var isDevice: Bool {
    if case .device = self { true } else { false }
  }

  var tag: UInt16? {
    if case .vlan(_, let id) = self { UInt16(id) } else { nil }
  }
}

extension PortEntry {
  /// The name of the port that owns the device: its own, or the parent's.
  var deviceName: String {
    if case .vlan(let parent, _) = link { parent } else { name }
  }
}
