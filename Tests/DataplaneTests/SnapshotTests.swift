import Dataplane
import Dispatch
import Testing

@testable import Control

extension WorkerTests {
  @Suite struct SnapshotTests {
    /// The same node with every 10/8 of red by its second site, and blue's End.DT4 at End.DT4 of red.
    static let changed =
      nodeConfiguration
      .replacing(
        "prefix: 10.0.0.0/8, via: 10.254.0.2, port: ce-red", with: "prefix: 10.0.0.0/8, via: 10.253.0.2, port: red-site"
      )
      .replacing(
        "{sid: \"\(blueDT4)\", behavior: End.DT4, vrf: blue}",
        with: "{sid: \"\(blueDT4)\", behavior: End.DT4, vrf: red}")

    @Test func nextPollUsesTheNextSnapshot() throws {
      let node = try Node()
      let (red, blue) = (tunnel(redDT4, 4, tenant4()), tunnel(blueDT4, 4, tenant4()))
      let site = Node.Outcome.sent("red-site", ethernet(sitePeer, blueMAC, 0x0800, routed4(tenant4()), tag: 20))
      for _ in 0..<3 {
        #expect(try node.send(red) == .sent("ce-red", toRed(routed4(tenant4()))))
        #expect(try node.send(blue) == .sent("ce-blue", toBlue(routed4(tenant4()))))
        // What arrived before is forwarded by what is published when it is polled.
        try node.port("core").put(red)
        try node.publish(Self.changed)
        #expect(node.poll(expecting: 1) == site)
        #expect(try node.send(blue) == site)
        try node.publish(nodeConfiguration)
      }
    }

    /// Memory of a snapshot that was freed may be that of the next one.
    @Test func anotherSnapshotAtTheSameAddress() throws {
      let node = try Node()
      let first = PublishedSnapshot(node.state)
      try node.publish(Self.changed)
      let second = PublishedSnapshot(node.state)
      let place = UnsafeMutablePointer<Snapshot>.allocate(capacity: 1)
      defer { place.deallocate() }
      place.initialize(to: first.pointer.pointee)
      node.shared.publish(place)
      let frame = tunnel(redDT4, 4, tenant4())
      #expect(try node.send(frame) == .sent("ce-red", toRed(routed4(tenant4()))))
      place.pointee = second.pointer.pointee
      let site = ethernet(sitePeer, blueMAC, 0x0800, routed4(tenant4()), tag: 20)
      #expect(try node.send(frame) == .sent("red-site", site))
      withExtendedLifetime((first, second)) {}
    }

    /// Counters go on over a change: they belong to the worker.
    @Test func countersGoOn() throws {
      let node = try Node()
      _ = try node.send(tunnel(redDT4, 4, tenant4()))
      try node.publish(Self.changed)
      _ = try node.send(tunnel(redDT4, 4, tenant4()))
      #expect(node.tally(sid: redDT4).packets == 2 && node.tally("core").received.packets == 2)
    }

    /// Snapshots that change while packets flow: each packet is forwarded by the one or by the other.
    @Test func changesWhileForwarding() throws {
      let node = try Node()
      let frame = tunnel(redDT4, 4, tenant4())
      let both: Set<[UInt8]> = [
        toRed(routed4(tenant4())), ethernet(sitePeer, blueMAC, 0x0800, routed4(tenant4()), tag: 20),
      ]
      var seen: Set<[UInt8]> = []
      for round in 0..<40 {
        for _ in 0..<320 { try node.port("core").put(frame) }
        nonisolated(unsafe) let node = node
        DispatchQueue.concurrentPerform(iterations: 2) { index in
          if index == 0 {
            while node.pollOnce() > 0 {}
          } else {
            try? node.publish(round % 2 == 0 ? Self.changed : nodeConfiguration)
          }
        }
        let frames = Set(node.takeAll().map(\.frame))
        #expect(frames.isSubset(of: both) && !frames.isEmpty, "round \(round)")
        seen.formUnion(frames)
      }
      #expect(seen == both && node.counts.drops.allSatisfy { $0 == 0 } && Environment.shared.pool.inUse == 0)
    }
  }
}
