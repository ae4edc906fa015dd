import CDPDKShim
import DPDK
import Foundation
import Logging

/// The devices of a configuration, probed and set up, with a pool of packet buffers on each NUMA node.
final class PortSet {
  /// Devices in the configuration's order: the ports that are no sub-interfaces.
  private(set) var devices: [(entry: PortEntry, port: DevicePort)] = []
  private(set) var pools: [(socket: Int, pool: Mempool)] = []
  private let configuration: Configuration
  private let file: String
  let log: Logger

  init(_ configuration: Configuration, file: String, log: Logger) throws(StartError) {
    self.configuration = configuration
    self.file = file
    self.log = log
    for entry in configuration.ports {
      guard case .device(let device) = entry.link else { continue }
      devices.append((entry, try probe(device, entry)))
    }
  }

  private func probe(_ device: String, _ entry: PortEntry) throws(StartError) -> DevicePort {
    do throws(DPDKError) {
      return try DevicePort(device: device)
    } catch {
      let fix =
        device.isPCIAddress
        ? "bind it to a DPDK driver with `dpdk-devbind.py --bind=vfio-pci \(device)` and see `dpdk-devbind.py --status`"
        : "see that its driver and parameters are spelled right and that what they name exists"
      throw StartError(
        "ports.\(entry.name): device '\(device)' does not probe (\(error)): \(fix)", at: entry.mark, in: file)
    }
  }

  /// The devices as a queue plan sees them.
  var planned: [QueuePlan.Device] {
    devices.map { entry, port in
      QueuePlan.Device(
        name: entry.name, mark: entry.mark, socket: port.socket, hasRSS: port.hasRSS,
        maxRxQueues: Int(port.info.max_rx_queues), requested: entry.rxQueues)
    }
  }

  /// The interfaces of all ports, sub-interfaces included, in the configuration's order.
  var interfaces: [InterfaceInfo] {
    let byName = Dictionary(uniqueKeysWithValues: devices.map { ($0.entry.name, $0) })
    return configuration.ports.map { entry in
      let owner = byName[entry.deviceName]!
      return InterfaceInfo(
        entry: entry, port: owner.port.number, mac: (entry.mac ?? owner.entry.mac)?.value ?? owner.port.mac,
        tag: entry.link.tag, takesChains: owner.port.takesChains, deviceMAC: owner.port.deviceMAC)
    }
  }

  /// Makes the pools and sets every port up.
  func configure(_ plan: QueuePlan, workers: [QueuePlan.Worker]) throws(StartError) {
    try checkBuffers(plan, workers: workers.count)
    let sockets = Set(devices.map { $0.port.socket ?? workers[0].socket })
    for socket in sockets.sorted() { pools.append((socket, try makePool(socket))) }
    for (index, device) in devices.enumerated() {
      try configure(device, rxQueues: plan.rxQueues[index], workers: workers)
    }
  }

  private func makePool(_ socket: Int) throws(StartError) -> Mempool {
    do throws(DPDKError) {
      return try Mempool(name: "packets-\(socket)", count: configuration.dpdk.mbufs, socket: socket)
    } catch {
      throw StartError(
        "dpdk.mbufs: \(error): lower dpdk.mbufs, reserve more huge pages"
          + " (`echo N > /proc/sys/vm/nr_hugepages`), or raise EAL's -m", at: configuration.dpdk.mbufsMark, in: file)
    }
  }

  /// Buffers that can be held by rings, bursts and caches at once: with fewer, ports starve one another.
  private func checkBuffers(_ plan: QueuePlan, workers: Int) throws(StartError) {
    var needed = workers * (Int(Mempool.cache) * 2 + 2 * 64 * devices.count)
    for (index, device) in devices.enumerated() {
      needed += plan.rxQueues[index] * (device.entry.rxDescriptors ?? PortSettings().rxDescriptors)
      needed += txQueues(device.port, workers) * (device.entry.txDescriptors ?? PortSettings().txDescriptors)
    }
    guard configuration.dpdk.mbufs < needed else { return }
    throw StartError(
      "dpdk.mbufs: \(configuration.dpdk.mbufs) packet buffers are too few: the rings of these ports, bursts and caches"
        + " can hold \(needed); raise dpdk.mbufs or lower rx-descriptors and tx-descriptors",
      at: configuration.dpdk.mbufsMark, in: file)
  }

  /// Transmit queues of a port: one a worker where the device has so many.
  func txQueues(_ port: DevicePort, _ workers: Int) -> Int { max(1, min(workers, Int(port.info.max_tx_queues))) }

  private func configure(
    _ device: (entry: PortEntry, port: DevicePort), rxQueues: Int, workers: [QueuePlan.Worker]
  ) throws(StartError) {
    let (entry, port) = device
    var settings = PortSettings()
    settings.rxQueues = rxQueues
    settings.txQueues = txQueues(port, workers.count)
    settings.rxDescriptors = entry.rxDescriptors ?? settings.rxDescriptors
    settings.txDescriptors = entry.txDescriptors ?? settings.txDescriptors
    settings.mtu = entry.mtu
    settings.promiscuous = entry.promiscuous
    settings.mac = entry.mac?.networkBytes
    settings.fastFree = pools.count == 1
    let socket = port.socket ?? workers[0].socket
    let pool = pools.first { $0.socket == socket }!.pool
    do throws(DPDKError) {
      try port.configure(settings, pool: pool)
    } catch {
      throw StartError(
        "ports.\(entry.name): cannot be set up with mtu \(entry.mtu) (the device takes"
          + " \(port.info.min_mtu)-\(port.info.max_mtu)), \(rxQueues) receive and \(settings.txQueues) transmit queues:"
          + " \(error)", at: entry.mark, in: file)
    }
    for note in port.notes { log.info("port \(entry.name) (\(port.driver)): \(note)") }
    if settings.txQueues < workers.count {
      log.info(
        "port \(entry.name) (\(port.driver)): \(settings.txQueues) transmit queues shared by \(workers.count) workers")
    }
  }

  func start() throws(StartError) {
    for (entry, port) in devices {
      do throws(DPDKError) {
        try port.start()
      } catch {
        throw StartError("ports.\(entry.name): cannot be started: \(error)", at: entry.mark, in: file)
      }
    }
  }

  func close() {
    for device in devices { device.port.close() }
    devices = []
    pools = []
  }
}
