import CDPDKShim
import Dataplane
import Dispatch
import Testing

@testable import Control

extension WorkerTests {
  @Suite struct TransmitTests {
    /// A device that takes no more: the rest is dropped by name, and counts as never transmitted.
    @Test func fullQueue() throws {
      let node = try Node(ringSize: 16)
      let (small, large) = (tenant4(size: 10), tenant4(size: 200))
      func poll() throws -> Node.Counts {
        for index in 0..<15 { try node.port("core").put(tunnel(redDT4, 4, index < 5 ? small : large)) }
        let before = node.counts
        #expect(node.pollOnce() == 15)
        var counts = node.counts
        counts.transmitted.packets -= before.transmitted.packets
        counts.transmitted.bytes -= before.transmitted.bytes
        for place in counts.drops.indices { counts.drops[place] -= before.drops[place] }
        return counts
      }
      let full = Int(DropReason.txQueueFull.rawValue)
      var counts = try poll()
      #expect(counts.transmitted.packets == 15 && counts.drops[full] == 0)
      counts = try poll()
      #expect(counts.transmitted.packets == 0 && counts.transmitted.bytes == 0 && counts.drops[full] == 15)
      // Room for seven: the first seven leave, in order.
      for _ in 0..<7 { #expect(node.port("ce-red").take()?.frame != nil) }
      counts = try poll()
      let expected =
        [[UInt8]](repeating: toRed(routed4(small)), count: 5) + [[UInt8]](repeating: toRed(routed4(large)), count: 2)
      #expect(counts.transmitted.packets == 7 && counts.drops[full] == 8)
      #expect(counts.transmitted.bytes == UInt64(expected.reduce(0) { $0 + $1.count }))
      let frames = node.takeAll().map(\.frame)
      #expect(frames.count == 15 && Array(frames.suffix(7)) == expected)
      #expect(Environment.shared.pool.inUse == 0)
      #expect(node.counts.received.packets == 45 && node.tally("ce-red").transmitted.packets == 22)
    }

    @Test func fullQueueWithoutLink() throws {
      let node = try Node(ringSize: 16)
      setLink(node, "ce-red", up: false)
      for _ in 0..<2 {
        for _ in 0..<15 { try node.port("core").put(tunnel(redDT4, 4, tenant4())) }
        _ = node.pollOnce()
      }
      let drops = node.counts.drops
      #expect(drops[Int(DropReason.linkDown.rawValue)] == 15 && drops[Int(DropReason.txQueueFull.rawValue)] == 0)
      #expect(node.takeAll().count == 15)
      // With the link back and room in the queue packets flow.
      setLink(node, "ce-red", up: true)
      #expect(try node.send(tunnel(redDT4, 4, tenant4())) == .sent("ce-red", toRed(routed4(tenant4()))))
    }

    /// One port's full queue is not the other's.
    @Test func fullQueueBesideAnother() throws {
      let node = try Node(ringSize: 16)
      for _ in 0..<15 { try node.port("core").put(tunnel(redDT4, 4, tenant4())) }
      _ = node.pollOnce()
      for index in 0..<15 { try node.port("core").put(tunnel(index % 3 == 0 ? redDT4 : blueDT4, 4, tenant4())) }
      _ = node.pollOnce()
      #expect(node.counts.drops[Int(DropReason.txQueueFull.rawValue)] == 5)
      #expect(node.tally("ce-blue").transmitted.packets == 10 && node.tally("ce-red").transmitted.packets == 15)
      let sent = node.takeAll()
      #expect(sent.count { $0.port == "ce-blue" } == 10 && sent.count { $0.port == "ce-red" } == 15)
    }

    private func setLink(_ node: Node, _ port: String, up: Bool) {
      node.shared.linkUp[Int(node.port(port).number)] = up ? 1 : 0
    }

    /// A worker waits for a transmit queue that another one holds.
    @Test func heldQueue() throws {
      let node = try Node()
      let lock = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
      lock.initialize(to: 0)
      defer { lock.deallocate() }
      let worker = try self.worker(node, polling: "core", lock: lock)
      try node.port("core").put(tunnel(redDT4, 4, tenant4()))
      nonisolated(unsafe) let running = worker.worker
      let done = DispatchSemaphore(value: 0)
      ntl_lock(lock)
      DispatchQueue.global().async {
        _ = running.pointee.poll()
        done.signal()
      }
      let isWaiting = done.wait(timeout: .now() + 0.1) == .timedOut
      #expect(isWaiting)
      #expect(node.takeAll().isEmpty)
      ntl_unlock(lock)
      if isWaiting { done.wait() }
      #expect(node.takeAll() == [.init(port: "ce-red", frame: toRed(routed4(tenant4())))])
    }

    private func worker(
      _ node: Node, polling port: String, lock: UnsafeMutablePointer<UInt32>
    ) throws -> WorkerMemory {
      try WorkerMemory(
        shared: node.shared, reader: 0, queues: [ReceiveQueue(port: node.port(port).number, queue: 0)],
        transmit: (0..<Shared.portLimit).map { .init(port: UInt16($0), queue: 0, lock: lock) },
        pool: Environment.shared.pool)
    }

    /// Two workers, each with a receive queue of its own, share the one transmit queue that a device has.
    @Test func sharedQueue() throws {
      let node = try Node(ringSize: 4096)
      let lock = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
      lock.initialize(to: 0)
      defer { lock.deallocate() }
      let workers = try ["core", "ce-red"].map { try worker(node, polling: $0, lock: lock) }
      nonisolated(unsafe) let running = workers.map(\.worker)
      // Both go to red's second site, behind blue's port.
      func inner(_ source: Int, _ number: Int) -> [UInt8] {
        tenant4("10.9.\(source).\(number & 255)", size: number & 63)
      }
      let expected = (0..<2).map { source in
        (0..<1500).map { ethernet(sitePeer, blueMAC, 0x0800, routed4(inner(source, $0)), tag: 20) }
      }
      for round in 0..<5 {
        for number in 0..<1500 {
          try node.port("core").put(tunnel(redDT4, 4, inner(0, number)))
          try node.port("ce-red").put(ethernet(redMAC, redPeer, 0x0800, inner(1, number)))
        }
        DispatchQueue.concurrentPerform(iterations: 2) { index in
          while running[index].pointee.poll() > 0 {}
        }
        let sent = node.takeAll()
        #expect(sent.count == 3000 && sent.allSatisfy { $0.port == "red-site" }, "round \(round)")
        // Byte 36 is the third of the inner destination. Each worker's packets keep their order.
        for source in 0..<2 {
          let found = sent.map(\.frame).filter { $0[36] == UInt8(source) }
          if found != expected[source] { Issue.record("round \(round), source \(source): \(found.count) frames") }
        }
      }
      #expect(lock.pointee == 0 && Environment.shared.pool.inUse == 0)
      for worker in workers { #expect(worker.counters.loop.pointee.packets == 7500) }
    }
  }
}
