import CDPDKShim
import Dataplane
import Testing

extension WorkerTests {
  /// What a device may hand over besides the bytes.
  @Suite struct BufferTests {
    let node: Node

    init() throws { node = try Node() }

    /// Every buffer was filled with 0xa5 before: a frame whose own bytes have none leaves without one.
    @Test func nothingOfOldPacketsLeaves() throws {
      for sample in Sample.forwarded + Sample.longest {
        Environment.shared.poison()
        for room in [2048, 61, 16] {
          let outcome = try node.send(sample.frame, to: sample.port, .init(room: room))
          let expected = sample.frame.count { $0 == 0xa5 }
          for sent in outcome.sent { #expect(sent.frame.count { $0 == 0xa5 } <= expected, "\(sample.name)") }
          #expect(outcome.sent.count == 1, "\(sample.name)")
        }
      }
    }

    /// The new link-layer header needs room in front: 32 bytes before the packet, of which a tunnel leaves more.
    @Test func headroom() throws {
      let transit = coreFrame(ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(30)))
      let whole = try node.send(transit)
      for headroom in 0...64 as ClosedRange<UInt16> {
        let outcome = try node.send(transit, .init(headroom: headroom))
        #expect(outcome == (headroom + 14 < 32 ? .drop(.noHeadroom) : whole), "\(headroom)")
        for endpoint in Endpoint.all {
          let frame = tunnel(endpoint.sid, endpoint.next, endpoint.inner)
          #expect(try node.send(frame, .init(headroom: headroom)) == .sent(endpoint.port, endpoint.frame))
        }
      }
    }

    /// The device's word counts for the header that it saw, and for no inner one.
    @Test func checksumFlags() throws {
      let good = ipv4("198.51.100.1", "203.0.113.9", payload: pattern(30))
      let bad = patched(good, 10, good[10] ^ 1)
      func plain(_ packet: [UInt8], _ flags: UInt64) throws -> Node.Outcome {
        try node.send(ethernet(coreMAC, peerMAC, 0x0800, packet), .init(flags: flags))
      }
      let out = Node.Outcome.sent("core", ethernet(peerMAC, coreMAC, 0x0800, routed4(good)))
      #expect(try plain(good, 0) == out && plain(good, NTL_RX_IP_CKSUM_GOOD) == out)
      #expect(try plain(good, NTL_RX_IP_CKSUM_MASK) == out, "the device says that it does not know")
      #expect(try plain(good, NTL_RX_IP_CKSUM_BAD) == .drop(.ipv4Checksum))
      #expect(try plain(bad, 0) == .drop(.ipv4Checksum) && plain(bad, NTL_RX_IP_CKSUM_BAD) == .drop(.ipv4Checksum))
      #expect(try plain(bad, NTL_RX_IP_CKSUM_MASK) == .drop(.ipv4Checksum))
      let inner = tunnel(redDT4, 4, patched(tenant4(), 10, 0, 0))
      for flags in [0, NTL_RX_IP_CKSUM_GOOD, NTL_RX_IP_CKSUM_BAD, NTL_RX_IP_CKSUM_MASK] {
        #expect(try node.send(inner, .init(flags: flags)) == .drop(.ipv4Checksum), "\(flags)")
        let right = try node.send(tunnel(redDT4, 4, tenant4()), .init(flags: flags))
        #expect(right == .sent("ce-red", toRed(routed4(tenant4()))), "\(flags)")
      }
    }

    @Test func fullBurstsInOrder() throws {
      for count in [1, 2, 3, 4, 5, 63, 64] {
        var expected: [[UInt8]] = []
        for index in 0..<count {
          let inner = tenant4("10.1.\(index).1", size: index)
          try node.port("core").put(tunnel(redDT4, 4, inner, segments: index % 2 == 0 ? [redDT4] : nil))
          expected.append(toRed(routed4(inner)))
        }
        #expect(node.poll(expecting: count).sent.map(\.frame) == expected, "\(count)")
      }
    }

    /// More than a burst waits its turn.
    @Test func pollTakesABurst() throws {
      for _ in 0..<150 { try node.port("core").put(tunnel(redDT4, 4, tenant4())) }
      for expected in [64, 64, 22, 0] {
        #expect(node.pollOnce() == expected)
        #expect(node.takeAll().count == expected)
      }
      let loop = node.loop
      #expect(loop.polls == 4 && loop.emptyPolls == 1 && loop.packets == 150)
    }
  }
}
