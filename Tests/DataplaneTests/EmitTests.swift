import Reference
import Testing

extension WorkerTests {
  /// What leaves is the same wherever a frame lies in its buffers: with hardly any headroom, up to the last byte of a buffer,
  /// in chains. All buffers are poisoned first, and every byte is compared: none of an old packet leaves.
  @Suite struct EmitTests {
    var model = RandomNode()
    let node: Node

    /// Frames sent since all buffers were poisoned: the pool gives those that were used first again only after all others.
    private var sent = 0

    init() throws { node = try Node(model.configuration, answers: true) }

    private mutating func poison() {
      if sent % 30 == 0 { Environment.shared.poison() }
      sent += 1
    }

    private func layouts(_ count: Int) -> [TestPort.Layout] {
      let bufferSize = 2176
      var layouts: [TestPort.Layout] = [.init(), .init(headroom: 64), .init(room: 61), .init(first: 54, room: 300)]
      // Up to the last byte, and one byte in the next buffer.
      if count < bufferSize - 64 {
        layouts += [count, count - 1].map { .init(first: $0, headroom: UInt16(bufferSize - $0)) }
      }
      return layouts
    }

    private mutating func check(_ frame: [UInt8], _ port: Int, drops: [String], _ words: String) throws {
      let wanted = model.reference.receive(frame, on: port)
      #expect(wanted.drop.map { [$0] } ?? [] == drops, "\(words)")
      for layout in layouts(frame.count) {
        poison()
        let got = try node.send(frame, to: RandomNode.ports[port], layout)
        let frames = got.sent.map {
          ReferenceNode.Frame(port: RandomNode.ports.firstIndex(of: $0.port)!, bytes: $0.frame)
        }
        if frames.canonical != wanted.frames.canonical || got.drops.map(\.name) != drops {
          Issue.record("\(words), \(layout): \(got)")
        }
      }
    }

    /// The network header in an Ethernet frame that a port receives.
    private func frame(_ packet: [UInt8], _ port: Int) -> [UInt8] {
      RandomNode.links[port] + (packet[0] >> 4 == 4 ? [8, 0] : [0x86, 0xdd]) + packet
    }

    /// Headends of each kind, with paths of 1 to 127 segments: these grow beyond any headroom.
    @Test mutating func encapsulation() throws {
      for (index, headend) in RandomNode.headends.enumerated() {
        for size in [0, 40, 1400, 3000] {
          let six = tenant6("fd2\(index):1::5", size: size)
          try check(frame(six, 1), 1, drops: [], "\(headend.mode) \(headend.segments.count) of IPv6, \(size)")
          guard headend.mode != .insert else { continue }
          let four = tenant4("172.\(16 + index).1.1", size: size)
          try check(frame(four, 1), 1, drops: [], "\(headend.mode) \(headend.segments.count) of IPv4, \(size)")
        }
      }
    }

    /// SIDs that move packets on, without the header, with it and in a tunnel of 1 to 127 segments.
    @Test mutating func endpoints() throws {
      for sid in model.sids where sid.behavior.row.inner == nil {
        for count in [2, 3, 127] {
          var path = [String](repeating: "2001:db8:6::7", count: count)
          path[1] = sid.address
          try check(
            tunnel(sid.address, 17, pattern(50), segments: path, left: 1), 0, drops: [],
            "\(sid.behavior.name) \(sid.flavors.names) \(sid.segments.count), path of \(count)")
        }
      }
    }

    @Test mutating func decapsulation() throws {
      for sid in model.sids where sid.behavior.row.inner != nil || sid.flavors.contains(.usd) {
        let isTenant = sid.behavior.row.inner != nil
        for size in [0, 50, 1300] {
          let inners: [(UInt8, [UInt8])] = [
            (4, tenant4(size: size)), (41, tenant6(isTenant ? "fd00:1::3" : "2001:db8:6::3", size: size)),
          ]
          for (kind, inner) in inners {
            let family = sid.behavior.row.inner
            let isTaken = family == nil || family == .any || (family == .ipv4) == (kind == 4)
            let path = [String](repeating: sid.address, count: 127)
            for segments in [nil, [sid.address], path] {
              try check(
                tunnel(sid.address, kind, inner, segments: segments), 0, drops: isTaken ? [] : ["wrong-next-header"],
                "\(sid.behavior.name) \(kind), SRH of \(segments?.count ?? 0)")
            }
          }
        }
      }
    }

    /// Errors quote the packet that they are about, and fragments are parts of it.
    @Test mutating func errorsAndFragments() throws {
      for size in [0, 1, 40, 600, 1300, 2500] {
        try check(frame(tenant4(ttl: 1, size: size), 1), 1, drops: ["hop-limit-exceeded"], "TTL of \(size)")
        try check(frame(tenant6(hopLimit: 1, size: size), 1), 1, drops: ["hop-limit-exceeded"], "hops of \(size)")
        try check(frame(tenant4("10.66.2.1", size: size), 1), 1, drops: ["unreachable"], "unreachable of \(size)")
        try check(frame(tenant6("fd66:3::1", size: size), 1), 1, drops: ["prohibit"], "prohibit of \(size)")
      }
      let blue = try #require(model.sids.first { $0.behavior == .endDT46 }).address
      for size in [1481, 2000, 4000, 8000] {
        for options in [[], [1, 0x88, 4, 0, 7, 7, 3, 4]] as [[UInt8]] {
          let packet = tenant4(options: options, size: size)
          try check(tunnel(blue, 4, packet, segments: [blue]), 0, drops: [], "fragments of \(size)")
        }
        try check(tunnel(blue, 41, tenant6(size: size)), 0, drops: ["packet-too-big"], "too big, \(size)")
      }
    }

    /// A ping's reply has the request's bytes and no others.
    @Test mutating func echoReplies() throws {
      for size in [0, 1, 40, 1400] {
        let data = (0..<size).map { UInt8($0 % 100) }
        var four: [UInt8] = [8, 0, 0, 0, 0, 7, 0, 1] + data
        four.replaceSubrange(2..<4, with: be16(internetChecksum(four)))
        var packet = ipv4("10.250.0.1", "10.254.0.1", payload: four)
        packet[9] = 1
        let (from, to) = ("fd00:250::1", "fd00:fffe::1")
        var six: [UInt8] = [128, 0, 0, 0, 0, 7, 0, 1] + data
        let pseudo = address(from) + address(to) + [0, 0] + be16(six.count) + [0, 0, 0, 58]
        six.replaceSubrange(2..<4, with: be16(internetChecksum(pseudo + six)))
        for request in [checksummed(packet), ipv6(from, to, next: 58, payload: six)] {
          for layout in layouts(request.count + 14) {
            poison()
            let outcome = try node.send(frame(request, 1), to: "ce-red", layout)
            let reply = try #require(outcome.sent.first, "\(size), \(layout): \(outcome)").frame
            #expect(reply.count == request.count + 14 && Array(reply.suffix(size + 4)) == [0, 7, 0, 1] + data)
            #expect(!reply.contains(0xa5))
          }
        }
      }
    }
  }
}
