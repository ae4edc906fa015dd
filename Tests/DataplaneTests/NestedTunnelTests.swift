import Dataplane
import Testing

extension WorkerTests {
  /// Tunnels in tunnels, all of which end here.
  @Suite struct NestedTunnelTests {
    let node: Node

    init() throws { node = try Node() }

    /// `depth` tunnels to End.DT6 in main around a packet; every other one with an SRH.
    func nested(_ depth: Int, around inner: [UInt8], next: UInt8, sid: String = mainDT6) -> [UInt8] {
      var (packet, next) = (inner, next)
      for level in 0..<depth {
        let sid = level == 0 ? sid : mainDT6
        if level % 2 == 1 {
          packet = ipv6(headend, sid, next: 43, payload: srh([sid], next: next, payload: packet))
        } else {
          packet = ipv6(headend, sid, next: next, payload: packet)
        }
        next = 41
      }
      return coreFrame(packet)
    }

    @Test func upToTheLimit() throws {
      let transit = ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(30))
      for depth in 1...8 {
        let out = ethernet(peerMAC, coreMAC, 0x86dd, routed6(transit))
        #expect(try node.send(nested(depth, around: transit, next: 41)) == .sent("core", out), "\(depth) tunnels")
        let toTenant = nested(depth, around: tenant4(), next: 4, sid: redDT4)
        #expect(try node.send(toTenant) == .sent("ce-red", toRed(routed4(tenant4()))), "\(depth) tunnels")
        let across = nested(depth, around: tenant4(), next: 4, sid: blueDX4)
        #expect(try node.send(across) == .sent("ce-blue", toBlue(routed4(tenant4()))), "\(depth) tunnels")
      }
    }

    @Test func beyondTheLimit() throws {
      let transit = ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(30))
      for depth in [9, 10, 20] {
        #expect(try node.send(nested(depth, around: transit, next: 41)) == .drop(.tooManySIDs), "\(depth) tunnels")
        let toTenant = nested(depth, around: tenant4(), next: 4, sid: redDT4)
        #expect(try node.send(toTenant) == .drop(.tooManySIDs), "\(depth) tunnels")
      }
    }

    /// Packets of every depth in one burst: none disturbs another.
    @Test func depthsInOneBurst() throws {
      var sizes: [Int] = []
      for depth in 1...12 {
        for size in [depth, depth + 20] {
          let transit = ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(size))
          try node.port("core").put(nested(depth, around: transit, next: 41))
          if depth <= 8 { sizes.append(size) }
        }
      }
      let outcome = node.poll(expecting: 24)
      #expect(outcome.drops == [DropReason](repeating: .tooManySIDs, count: 8))
      #expect(outcome.sent.map { $0.frame.count - 54 }.sorted() == sizes.sorted())
    }

    /// Each level's own faults are found at that level.
    @Test func faultsInside() throws {
      let transit = ipv6(headend, "2001:db8:6::9", next: 17, hopLimit: 1, payload: pattern(30))
      #expect(try node.send(nested(3, around: transit, next: 41)) == .drop(.hopLimitExceeded))
      #expect(try node.send(nested(3, around: tenant4(), next: 4)) == .drop(.wrongNextHeader))
      let left = ipv6(headend, redDT4, next: 43, payload: srh([redDT4], left: 1, next: 4, payload: tenant4()))
      #expect(try node.send(nested(3, around: left, next: 41)) == .drop(.srhSegmentsLeft))
      #expect(try node.send(nested(2, around: Array(left.dropLast()), next: 41)) == .drop(.truncated))
      // Out of a tenant's tunnel no SID is reached: SIDs are main's.
      let inner = ipv6(headend, redDT4, next: 4, payload: tenant4())
      #expect(try node.send(nested(2, around: inner, next: 41, sid: redDT6)) == .drop(.noRoute))
    }
  }
}
