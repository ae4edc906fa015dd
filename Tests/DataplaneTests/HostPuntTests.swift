import Dataplane
import Testing

@testable import Control

extension WorkerTests {
  /// What is the host's where a port has a twin, and only there.
  @Suite struct HostPuntTests {
    /// Red's port has a twin, and so has the core's tag; blue has none.
    static let configuration =
      nodeConfiguration
      .replacing("vrf: red, mtu: 9000,", with: "vrf: red, tap: red0, mtu: 9000,")
      .replacing("vlan: 100,", with: "vlan: 100, tap: core100,")
    static let layouts = [TestPort.Layout(), .init(first: 20, room: 40), .init(first: 15, room: 300)]
    static let redLinkLocal = "fe80::ff:fe00:a"

    let rings: PuntRings
    let node: Node

    init() throws {
      rings = try PuntRings()
      node = try Node(Self.configuration, answers: true, rings: rings)
    }

    func interface(_ name: String) -> Int { node.state.interfaceIndex(name) }

    func frame(_ packet: [UInt8], to mac: String = redMAC, tag: Int? = nil) -> [UInt8] {
      ethernet(mac, redPeer, packet[0] >> 4 == 4 ? 0x0800 : 0x86dd, packet, tag: tag)
    }

    static func four(_ kind: UInt8, _ payload: [UInt8], fragment: Int = 0) -> [UInt8] {
      let packet = ipv4("10.250.0.1", "10.254.0.1", payload: payload)
      return checksummed(patched(patched(packet, 9, kind), 6, UInt8(fragment >> 8), UInt8(fragment & 0xff)))
    }

    static func six(_ next: UInt8, _ payload: [UInt8], to destination: String = "fd00:fffe::1") -> [UInt8] {
      ipv6(destination.hasPrefix("fe80") ? "fe80::99" : "fd00:250::1", destination, next: next, payload: payload)
    }

    /// TCP, UDP, OSPF, an echo reply, an ICMP error, the first and another fragment of a ping.
    static let forHost4 = [
      four(6, pattern(40)), four(17, pattern(1400)), four(89, pattern(44)), four(1, [0, 0] + pattern(30)),
      four(1, [3, 1, 0, 0, 0, 0, 0, 0] + pattern(28)), four(1, [8, 0] + pattern(30), fragment: 0x2000),
      four(1, pattern(32), fragment: 0x0004), four(17, pattern(8), fragment: 0x2003),
    ]

    /// TCP, UDP, OSPF, an echo reply, a packet too big, a fragment, TCP behind destination options.
    static let forHost6 = [
      six(6, pattern(40)), six(17, pattern(1400)), six(89, pattern(44)), six(58, [129, 0] + pattern(30)),
      six(58, [2, 0] + pattern(46)), six(44, [17, 0, 0, 1, 0, 0, 0, 9] + pattern(32)),
      six(60, [6, 0, 1, 4, 0, 0, 0, 0] + pattern(24)),
    ]

    @Test func packetsForOurAddressesAreTheHosts() throws {
      for layout in Self.layouts {
        for packet in Self.forHost4 + Self.forHost6 {
          let outcome = try node.send(frame(packet), to: "ce-red", layout)
          let table = node.state.tableIndex("red")
          let punted = PuntRings.Punted(kind: .local, interface: interface("ce-red"), table: table, bytes: packet)
          #expect(outcome == Node.Outcome(punted: [punted]))
        }
      }
    }

    @Test func tablesWithoutATwinAnswerAsBefore() throws {
      let without = try Node(answers: true)
      for packet in Self.forHost4 + Self.forHost6 {
        let frame = ethernet(blueMAC, bluePeer, packet[0] >> 4 == 4 ? 0x0800 : 0x86dd, packet)
        let outcome = try node.send(frame, to: "ce-blue")
        let before = try without.send(frame, to: "ce-blue")
        #expect(outcome.punted.isEmpty && outcome.drops == before.drops && outcome.drops.count == 1)
        #expect(outcome.sent.count == before.sent.count)
      }
    }

    @Test func pingsAreAnsweredHere() throws {
      var request: [UInt8] = [8, 0, 0, 0, 0, 7, 0, 1] + pattern(40)
      request.replaceSubrange(2..<4, with: be16(checksum(request)))
      let four = try node.send(frame(Self.four(1, request)), to: "ce-red")
      #expect(four.sent.count == 1 && four.punted.isEmpty)
      var six = Self.six(58, [128, 0, 0, 0, 0, 7, 0, 1] + pattern(40))
      let sum = checksum(Array(six[8..<40]) + [0, 0] + be16(48) + [0, 0, 0, 58] + six[40...])
      six.replaceSubrange(42..<44, with: be16(sum))
      let answered = try node.send(frame(six), to: "ce-red")
      #expect(answered.sent.count == 1 && answered.punted.isEmpty)
    }

    @Test func packetsOutOfTunnelsAreTheHosts() throws {
      for layout in Self.layouts {
        for (sid, next, packets) in [(redDT4, UInt8(4), Self.forHost4), (redDT6, 41, Self.forHost6)] {
          for packet in packets {
            let outcome = try node.send(tunnel(sid, next, packet, segments: [sid]), to: "core", layout)
            let table = node.state.tableIndex("red")
            let punted = PuntRings.Punted(kind: .local, interface: interface("core"), table: table, bytes: packet)
            #expect(outcome == Node.Outcome(punted: [punted]))
          }
        }
      }
      #expect(try node.send(tunnel(blueDT4, 4, Self.forHost4[0])).punted.isEmpty)
    }

    @Test func linkLocalAddressesAreTheirLinks() throws {
      let packet = Self.six(6, pattern(40), to: Self.redLinkLocal)
      let outcome = try node.send(frame(packet), to: "ce-red")
      let table = node.state.linkTable(interface("ce-red"))
      #expect(outcome.punted.map(\.table) == [table] && outcome.punted.map(\.bytes) == [packet])
      let blue = Self.six(6, pattern(40), to: "fe80::ff:fe00:b")
      #expect(try node.send(ethernet(blueMAC, bluePeer, 0x86dd, blue), to: "ce-blue") == .drop(.localProtocol))
    }

    @Test func neighborDiscoveryStaysControls() throws {
      let solicitation = NDMessage(
        kind: .solicitation, source: .init(parsing: "fe80::99")!, destination: .init(parsing: "ff02::1:ff00:a")!,
        target: .init(parsing: Self.redLinkLocal)!, mac: .init(parsing: redPeer)!)
      for layout in Self.layouts {
        let group = try node.send(frame(solicitation.bytes, to: "33:33:ff:00:00:0a"), to: "ce-red", layout)
        #expect(group.punted.map(\.kind) == [.neighborDiscovery] && group.punted[0].bytes == solicitation.bytes)
      }
      var direct = solicitation
      direct.destination = .init(parsing: Self.redLinkLocal)!
      #expect(try node.send(frame(direct.bytes), to: "ce-red").punted.map(\.kind) == [.neighborDiscovery])
    }

    /// Groups of the link, as whole frames without their tag.
    @Test func multicastOfTheLink() throws {
      let (ospf, ospf6) = (
        ipv4("10.250.0.1", "224.0.0.5", payload: pattern(44)), Self.six(89, pattern(40), to: "ff02::5")
      )
      for layout in Self.layouts {
        for (mac, packet) in [("01:00:5e:00:00:05", ospf), ("33:33:00:00:00:05", ospf6)] {
          let plain = frame(packet, to: mac)
          let outcome = try node.send(plain, to: "ce-red", layout)
          #expect(outcome.punted.map(\.kind) == [.multicast] && outcome.punted[0].bytes == plain)
          let tagged = try node.send(frame(packet, to: mac, tag: 100), layout)
          #expect(tagged.punted.map(\.interface) == [interface("core-100")] && tagged.punted[0].bytes == plain)
          #expect(try node.send(plain, to: "ce-blue", layout) == .drop(.multicast))
          #expect(try node.send(plain, to: "core", layout) == .drop(.multicast))
        }
      }
      let (beyond, beyond6) = (ipv4("10.250.0.1", "224.0.1.1", payload: []), Self.six(17, [], to: "ff05::2"))
      #expect(try node.send(frame(beyond, to: "01:00:5e:00:01:01"), to: "ce-red") == .drop(.multicast))
      #expect(try node.send(frame(beyond6, to: "33:33:00:00:00:02"), to: "ce-red") == .drop(.multicast))
      let cut = ethernet("01:00:5e:00:00:05", redPeer, 0x0800, Array(ospf.prefix(19)))
      #expect(try node.send(cut, to: "ce-red") == .drop(.multicast))
    }

    @Test func otherEtherTypes() throws {
      let lldp = "01:80:c2:00:00:0e"
      for layout in Self.layouts {
        for (mac, type) in [(lldp, 0x88cc), (redMAC, 0x8847), ("01:80:c2:00:00:14", 46), (redMAC, 60)] {
          let plain = ethernet(mac, redPeer, type, pattern(60))
          let outcome = try node.send(plain, to: "ce-red", layout)
          let punted = PuntRings.Punted(kind: .link, interface: interface("ce-red"), table: 0, bytes: plain)
          #expect(outcome == Node.Outcome(punted: [punted]))
          #expect(try node.send(plain, to: "ce-blue", layout).drops == [mac == redMAC ? .notOurMAC : .multicast])
        }
        let tagged = try node.send(ethernet(lldp, redPeer, 0x88cc, pattern(60), tag: 100), layout)
        #expect(tagged.punted.map(\.bytes) == [ethernet(lldp, redPeer, 0x88cc, pattern(60))])
      }
      #expect(try node.send(ethernet(blueMAC, redPeer, 0x88cc, pattern(60)), to: "ce-blue") == .drop(.unknownEtherType))
      #expect(try node.send(ethernet(peerMAC, redPeer, 0x88cc, pattern(60)), to: "ce-red") == .drop(.notOurMAC))
      let giant = ethernet(lldp, redPeer, 0x88cc, pattern(9001))
      #expect(try node.send(giant, to: "ce-red") == .drop(.giantFrame))
    }

    /// Each kind has a limit of its own.
    @Test func floodsOfOneKindLeaveTheOthersAlone() throws {
      let limited = try PuntRings(ticks: PuntTicks { $0.isForHost ? 1 << 40 : 0 })
      let node = try Node(Self.configuration, rings: limited)
      var (punted, dropped) = (0, 0)
      for _ in 0..<5 {
        for _ in 0..<64 { try node.port("ce-red").put(frame(Self.forHost4[1])) }
        let outcome = node.poll(expecting: 64)
        punted += outcome.punted.count
        dropped += outcome.drops.count { $0 == .puntLimited }
      }
      #expect(punted == 256 && dropped == 64 && node.limited(.local) == 64)
      let arp = ethernet("ff:ff:ff:ff:ff:ff", redPeer, 0x0806, pattern(28))
      #expect(try node.send(arp, to: "ce-red").punted.map(\.kind) == [.arp])
      let lldp = ethernet("01:80:c2:00:00:0e", redPeer, 0x88cc, pattern(60))
      #expect(try node.send(lldp, to: "ce-red").punted.map(\.kind) == [.link] && node.limited(.link) == 0)
    }

    /// Control that does not come to look has places left for ARP.
    @Test func theRingIsNotFilledByTheHost() throws {
      for _ in 0..<10 {
        for _ in 0..<64 { try node.port("ce-red").put(frame(Self.forHost4[0])) }
        #expect(node.pollOnce() == 64)
      }
      #expect(node.limited(.local) == 640 - 512)
      try node.port("ce-red").put(ethernet("ff:ff:ff:ff:ff:ff", redPeer, 0x0806, pattern(28)))
      #expect(node.pollOnce() == 1 && node.limited(.arp) == 0)
      #expect(rings.take().count == 513)
    }

    // MARK: From the host

    func receive(_ packet: [UInt8], on node: Node, _ rings: PuntRings) -> Node.Outcome {
      let (index, etherType) = (node.state.interfaceIndex("ce-red"), packet[0] >> 4 == 4 ? 0x0800 : 0x86dd)
      #expect(
        rings.give(ethernet(redMAC, redMAC, etherType, packet), .receive, index, port: node.port("ce-red").number))
      return node.poll(expecting: 0)
    }

    /// The table routes it, filters of sources notwithstanding; errors about it come back.
    @Test func framesForThePortItselfAreRouted() throws {
      let filtered = Self.configuration.replacing("tap: red0,", with: "tap: red0, rp-filter: 1,")
      let strict = try PuntRings()
      let nodes = [(node, rings), (try Node(filtered, answers: true, rings: strict), strict)]
      for (node, rings) in nodes {
        let (four, six) = (tenant4(from: "10.254.0.1"), tenant6(from: "fd00:fffe::1"))
        #expect(receive(four, on: node, rings) == .sent("ce-red", toRed(routed4(four))))
        #expect(receive(six, on: node, rings) == .sent("ce-red", toRed(routed6(six))))
        let refused = receive(tenant4("10.66.2.1", from: "10.254.0.1"), on: node, rings)
        #expect(refused.drops == [.unreachable] && refused.punted.map(\.kind) == [.local])
        #expect(refused.punted[0].bytes[20..<22] == [3, 1] && refused.punted[0].interface == 0xffff)
        let refused6 = receive(tenant6("fd66:2::1", from: "fd00:fffe::1"), on: node, rings)
        #expect(refused6.drops == [.unreachable] && refused6.punted.map { $0.bytes[40] } == [1])
        #expect(Array(refused6.punted[0].bytes[8..<24]) == address("fd00:fffe::1"))
      }
    }

    @Test func framesForThePortItselfAreEncapsulated() throws {
      let rings = try PuntRings()
      let text = AnswerTests.configuration.replacing("vrf: red, mtu: 9000,", with: "vrf: red, tap: red0, mtu: 9000,")
      let node = try Node(text, answers: true, rings: rings)
      let packet = tenant4("172.21.1.1", from: "10.254.0.1")
      let outer = ipv6("2001:db8:1::1", AnswerTests.far, next: 4, hopLimit: 63, payload: packet)
      let sent = ethernet(peerMAC, coreMAC, 0x86dd, patched(outer, 0, 0x60, 0, 0, 0))
      #expect(receive(packet, on: node, rings) == .sent("core", sent))
    }

    @Test func otherFramesOfTheHostAreSentAsTheyAre() throws {
      let frame = ethernet("ff:ff:ff:ff:ff:ff", redMAC, 0x0806, pattern(28))
      #expect(rings.give(frame, .frame, interface("ce-red"), port: node.port("ce-red").number))
      #expect(node.poll(expecting: 0) == .sent("ce-red", frame))
    }

    @Test func badFramesOfTheHostAreDropped() throws {
      let port = node.port("ce-red").number
      let bad: [([UInt8], DropReason)] = [
        (pattern(13), .truncated), (ethernet(redMAC, redMAC, 0x0806, pattern(28)), .unknownEtherType),
        (ethernet(redMAC, redMAC, 0x0800, pattern(9001)), .giantFrame),
        (ethernet(redMAC, redMAC, 0x0800, pattern(19)), .truncated),
      ]
      for (frame, reason) in bad {
        #expect(rings.give(frame, .receive, interface("ce-red"), port: port))
        #expect(node.poll(expecting: 0) == .drop(reason))
      }
    }

    // MARK: Which twin

    @Test func theTwinIsThatOfTheAddress() throws {
      let text = Self.configuration
        .replacing("vlan: 20, vrf: red,", with: "vlan: 20, vrf: red, tap: red1,")
      let rings = try PuntRings()
      let node = try Node(text, rings: rings)
      let choice = TwinChoice(node.state)
      var chosen: [String?] = []
      rings.look = { mbuf, note in
        chosen.append(choice.interface(mbuf, note).flatMap { node.state.interfaces[$0].entry.tap })
      }
      let site = ipv4("10.250.0.1", "10.253.0.1", payload: pattern(20))
      // The other port's address; out of a tunnel; the link's own address; a subnet-router anycast address.
      _ = try node.send(frame(site), to: "ce-red")
      _ = try node.send(tunnel(redDT4, 4, site))
      _ = try node.send(tunnel(redDT4, 4, Self.forHost4[0]))
      _ = try node.send(frame(Self.six(6, pattern(40), to: Self.redLinkLocal)), to: "ce-red")
      _ = try node.send(
        ethernet(blueMAC, redPeer, 0x86dd, Self.six(6, pattern(40), to: "fd00:fffe::"), tag: 20), to: "ce-blue")
      _ = try node.send(tunnel(redDT6, 41, Self.six(6, pattern(40), to: "fd00:fffe::")))
      #expect(chosen == ["red1", "red1", "red0", "red0", "red1", "red0"])
    }
  }
}
