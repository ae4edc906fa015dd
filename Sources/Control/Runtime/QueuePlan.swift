import DPDK

/// Which receive queues each port has and which worker polls them.
struct QueuePlan {
  /// A port as the plan sees it.
  struct Device {
    var name: String
    var mark: Mark
    var socket: Int?
    var hasRSS: Bool
    var maxRxQueues: Int
    var requested: Int?
  }
  /// A worker as the plan sees it.
  struct Worker {
    var lcore: Int
    var socket: Int
  }

  /// Receive queues by device.
  private(set) var rxQueues: [Int] = []
  /// By worker, the queues it polls: indexes of devices and queue numbers.
  private(set) var assignments: [[(device: Int, queue: Int)]]

  /// Spreads queues evenly, on the device's NUMA node where a worker is there.
  init(spreading devices: [Device], over workers: [Worker], file: String) throws(StartError) {
    assignments = Array(repeating: [], count: workers.count)
    for (index, device) in devices.enumerated() {
      let wanted = device.requested ?? (device.hasRSS ? workers.count : 1)
      let count = device.requested == nil ? min(wanted, device.maxRxQueues) : wanted
      try QueuePlan.check(count, of: device, file)
      rxQueues.append(count)
      for queue in 0..<count {
        let chosen = workers.indices.min { left, right in
          let (a, b) = (cost(left, workers, device), cost(right, workers, device))
          return a == b ? left < right : a < b
        }!
        assignments[chosen].append((index, queue))
      }
    }
  }

  private func cost(_ worker: Int, _ workers: [Worker], _ device: Device) -> Int {
    let isRemote = device.socket.map { $0 != workers[worker].socket } ?? false
    return assignments[worker].count + (isRemote ? 1_000_000 : 0)
  }

  /// Pins queues as the configuration says; every queue of every port must be pinned.
  init(
    pinning pinned: [LcoreSection.PinnedWorker], devices: [Device], file: String
  ) throws(StartError) {
    assignments = Array(repeating: [], count: pinned.count)
    rxQueues = Array(repeating: 0, count: devices.count)
    for (worker, entry) in pinned.enumerated() {
      for name in entry.queues {
        guard let device = devices.firstIndex(where: { $0.name == name.port }) else {
          throw StartError(
            "lcores.workers: port \(name.port) has no receive queues of its own", at: entry.mark, in: file)
        }
        assignments[worker].append((device, name.queue))
        rxQueues[device] = max(rxQueues[device], name.queue + 1, devices[device].requested ?? 0)
      }
    }
    try checkAllPinned(devices, file)
  }

  private func checkAllPinned(_ devices: [Device], _ file: String) throws(StartError) {
    let polled = Set(assignments.joined().map { [$0.device, $0.queue] })
    for (index, device) in devices.enumerated() {
      try QueuePlan.check(max(rxQueues[index], 1), of: device, file)
      for queue in 0..<max(rxQueues[index], 1) where !polled.contains([index, queue]) {
        throw StartError(
          "ports.\(device.name): no worker polls receive queue \(device.name)/\(queue): add it to an entry of"
            + " lcores.workers", at: device.mark, in: file)
      }
    }
  }

  private static func check(_ count: Int, of device: Device, _ file: String) throws(StartError) {
    guard count > device.maxRxQueues else { return }
    throw StartError(
      "ports.\(device.name): the device has \(device.maxRxQueues) receive queues and \(count) are asked for: lower"
        + " rx-queues, or pin fewer", at: device.mark, in: file)
  }
}
