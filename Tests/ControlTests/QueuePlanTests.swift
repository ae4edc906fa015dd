import Testing

@testable import Control

@Suite struct QueuePlanTests {
  private let mark = Mark(line: 7, column: 3)

  private func device(_ name: String, socket: Int? = nil, rss: Bool = false, max: Int = 1, asked: Int? = nil)
    -> QueuePlan.Device
  {
    QueuePlan.Device(name: name, mark: mark, socket: socket, hasRSS: rss, maxRxQueues: max, requested: asked)
  }

  private func workers(_ sockets: Int...) -> [QueuePlan.Worker] {
    sockets.enumerated().map { QueuePlan.Worker(lcore: $0 + 1, socket: $1) }
  }

  @Test func spreadsOneQueueDevicesEvenly() throws {
    let devices = ["a", "b", "c", "d"].map { device($0) }
    let plan = try QueuePlan(spreading: devices, over: workers(0, 0), file: "f")
    #expect(plan.rxQueues == [1, 1, 1, 1])
    #expect(plan.assignments.map(\.count) == [2, 2])
  }

  @Test func givesEachWorkerAQueueOfADeviceWithRSS() throws {
    let plan = try QueuePlan(spreading: [device("a", rss: true, max: 16)], over: workers(0, 0, 0), file: "f")
    #expect(plan.rxQueues == [3])
    #expect(plan.assignments.map { $0.map(\.queue) } == [[0], [1], [2]])
  }

  @Test func asksForNoMoreQueuesThanTheDeviceHas() throws {
    let plan = try QueuePlan(spreading: [device("a", rss: true, max: 2)], over: workers(0, 0, 0), file: "f")
    #expect(plan.rxQueues == [2])
  }

  @Test func keepsQueuesOnTheDevicesNode() throws {
    let devices = [device("a", socket: 1), device("b", socket: 1), device("c", socket: 0)]
    let plan = try QueuePlan(spreading: devices, over: workers(0, 1), file: "f")
    #expect(plan.assignments[0].map(\.device) == [2])
    #expect(plan.assignments[1].map(\.device) == [0, 1])
  }

  @Test func refusesMoreQueuesThanTheDeviceHas() {
    let error = #expect(throws: StartError.self) {
      try QueuePlan(spreading: [device("a", max: 1, asked: 4)], over: workers(0), file: "f.yaml")
    }
    #expect(error?.description.hasPrefix("f.yaml:7:3: ports.a: the device has 1 receive queues and 4") == true)
  }

  @Test func pinsQueuesAsWritten() throws {
    let pinned = [
      LcoreSection.PinnedWorker(
        lcore: 1, queues: [.init(port: "a", queue: 0), .init(port: "b", queue: 0)], mark: mark),
      LcoreSection.PinnedWorker(lcore: 2, queues: [.init(port: "a", queue: 1)], mark: mark),
    ]
    let devices = [device("a", rss: true, max: 4), device("b")]
    let plan = try QueuePlan(pinning: pinned, devices: devices, file: "f")
    #expect(plan.rxQueues == [2, 1])
    #expect(plan.assignments[0].map { [$0.device, $0.queue] } == [[0, 0], [1, 0]])
    #expect(plan.assignments[1].map { [$0.device, $0.queue] } == [[0, 1]])
  }

  @Test func refusesAQueueThatNobodyPolls() {
    let pinned = [LcoreSection.PinnedWorker(lcore: 1, queues: [.init(port: "a", queue: 1)], mark: mark)]
    let error = #expect(throws: StartError.self) {
      try QueuePlan(pinning: pinned, devices: [device("a", rss: true, max: 4)], file: "f")
    }
    #expect(error?.message.contains("no worker polls receive queue a/0") == true)
  }

  @Test func refusesAPortThatNobodyPolls() {
    let pinned = [LcoreSection.PinnedWorker(lcore: 1, queues: [.init(port: "a", queue: 0)], mark: mark)]
    let error = #expect(throws: StartError.self) {
      try QueuePlan(pinning: pinned, devices: [device("a"), device("b")], file: "f")
    }
    #expect(error?.message.contains("no worker polls receive queue b/0") == true)
  }
}
