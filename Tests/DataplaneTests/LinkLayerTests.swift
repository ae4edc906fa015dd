import Dataplane
import Testing

extension WorkerTests {
  @Suite struct LinkLayerTests {
    let node: Node
    let transit = ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(30))

    init() throws { node = try Node() }

    @Test func taggedIn() throws {
      let out = toRed(routed4(tenant4()))
      for control in [100, 0xe064, 0x1064] {
        // Priority and drop eligibility do not tell interfaces apart.
        #expect(try node.send(tunnel(redDT4, 4, tenant4(), tag: control)) == .sent("ce-red", out))
      }
      #expect(node.tally("core-100").received.packets == 3 && node.tally("core").received.packets == 0)
      for control in [0, 0xe000] {
        #expect(try node.send(tunnel(redDT4, 4, tenant4(), tag: control)) == .sent("ce-red", out))
      }
      #expect(node.tally("core-100").received.packets == 3 && node.tally("core").received.packets == 2)
      let bytes = tunnel(redDT4, 4, tenant4(), tag: 100).count
      #expect(node.tally("core-100").received.bytes == UInt64(3 * bytes))
    }

    @Test func unknownTags() throws {
      for tag in [1, 20, 99, 101, 4095] {
        #expect(try node.send(tunnel(redDT4, 4, tenant4(), tag: tag)) == .drop(.unknownVLAN), "tag \(tag)")
      }
      // A port without sub-interfaces knows no tag but 0.
      let frame = ethernet(redMAC, redPeer, 0x0800, tenant4(), tag: 20)
      #expect(try node.send(frame, to: "ce-red") == .drop(.unknownVLAN))
      let priority = ethernet(redMAC, redPeer, 0x0800, tenant4(), tag: 0)
      #expect(try node.send(priority, to: "ce-red") == .sent("ce-red", toRed(routed4(tenant4()))))
      // A second tag is not looked into.
      let inner = be16(0) + be16(0x86dd) + ipv6(headend, redDT4, next: 4, payload: tenant4())
      #expect(try node.send(ethernet(coreMAC, peerMAC, 0x8100, inner, tag: 100)) == .drop(.unknownEtherType))
    }

    /// A tag's VRF is its own: red's second site is a VLAN of blue's port.
    @Test func taggedSiteOfAnotherTenant() throws {
      let tagged = ethernet(blueMAC, sitePeer, 0x0800, tenant4(), tag: 20)
      #expect(try node.send(tagged, to: "ce-blue") == .sent("ce-red", toRed(routed4(tenant4()))))
      let untagged = ethernet(blueMAC, sitePeer, 0x0800, tenant4())
      #expect(try node.send(untagged, to: "ce-blue") == .sent("ce-blue", toBlue(routed4(tenant4()))))
    }

    @Test func taggedOut() throws {
      let site = tenant4("10.9.1.1")
      let out = ethernet(sitePeer, blueMAC, 0x0800, routed4(site), tag: 20)
      #expect(try node.send(tunnel(redDT4, 4, site)) == .sent("red-site", out))
      #expect(try node.send(tunnel(siteDX4, 4, site, segments: [siteDX4])) == .sent("red-site", out))
      #expect(node.tally("red-site").transmitted.packets == 2 && node.tally("ce-blue").transmitted.packets == 0)
      #expect(node.tally("red-site").transmitted.bytes == UInt64(2 * out.count))
      let packet = ipv6(headend, "2001:db8:5::9", next: 17, payload: pattern(30))
      let core = ethernet(peerMAC, coreMAC, 0x86dd, routed6(packet), tag: 100)
      #expect(try node.send(coreFrame(packet)) == .sent("core-100", core))
      #expect(try node.send(coreFrame(packet, tag: 100)) == .sent("core-100", core))
    }

    @Test func otherStations() throws {
      for other in [redMAC, peerMAC, "00:00:00:00:00:01", "02:00:00:00:00:00"] {
        #expect(try node.send(ethernet(other, peerMAC, 0x86dd, transit)) == .drop(.notOurMAC), "\(other)")
        #expect(try node.send(ethernet(other, peerMAC, 0x86dd, transit, tag: 100)) == .drop(.notOurMAC), "\(other)")
      }
      for group in ["33:33:00:00:00:01", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "03:00:00:00:00:01"] {
        #expect(try node.send(ethernet(group, peerMAC, 0x86dd, transit)) == .drop(.multicast), "\(group)")
        #expect(try node.send(ethernet(group, peerMAC, 0x0806, pattern(28))) == .drop(.puntLimited), "\(group)")
      }
    }

    @Test func promiscuousPortTakesAnyStation() throws {
      let text = nodeConfiguration.replacing("mtu: 9200,", with: "mtu: 9200, promiscuous: true,")
      let node = try Node(text)
      let out = ethernet(peerMAC, coreMAC, 0x86dd, routed6(transit))
      #expect(try node.send(ethernet(redMAC, peerMAC, 0x86dd, transit)) == .sent("core", out))
      #expect(try node.send(ethernet("33:33:00:00:00:01", peerMAC, 0x86dd, transit)) == .drop(.multicast))
    }

    @Test func etherTypes() throws {
      for type in [0x88cc, 0x8847, 0x0000, 0x05dc, 0x88a8, 0xffff] {
        #expect(try node.send(ethernet(coreMAC, peerMAC, type, transit)) == .drop(.unknownEtherType), "\(type)")
      }
      #expect(try node.send(ethernet(coreMAC, peerMAC, 0x0806, pattern(28))) == .drop(.puntLimited))
      #expect(try node.send(ethernet(coreMAC, peerMAC, 0x0800, transit)) == .drop(.ipv4Malformed))
      #expect(try node.send(ethernet(coreMAC, peerMAC, 0x86dd, tenant4())) == .drop(.ipv6Malformed))
    }

    /// A VRF counts what its interfaces received and what came out of its tunnels, once it is known to be a packet.
    @Test func tablesCountWhatTheyRoute() throws {
      let cut = Array(tunnel(redDT4, 4, tenant4()).dropLast())
      for frame in [cut, ethernet(redMAC, peerMAC, 0x86dd, transit), tunnel(redDT4, 4, tenant4(), tag: 99)] {
        _ = try node.send(frame)
      }
      #expect(node.tally(table: "main").packets == 0 && node.tally(table: "main").bytes == 0)
      let six = ipv6(headend, redDT4, next: 4, payload: tenant4())
      let four = ipv4("198.51.100.1", "203.0.113.9", payload: pattern(30))
      for frame in [coreFrame(six), coreFrame(six, tag: 100), ethernet(coreMAC, peerMAC, 0x0800, four), cut] {
        try node.port("core").put(frame)
      }
      _ = node.poll(expecting: 4)
      let main = node.tally(table: "main")
      #expect(main.packets == 3 && main.bytes == UInt64(2 * six.count + four.count))
      let red = node.tally(table: "red")
      #expect(red.packets == 2 && red.bytes == UInt64(2 * tenant4().count) && node.tally(table: "blue").packets == 0)
    }

    @Test func giantFrames() throws {
      func packet(_ length: Int) -> [UInt8] { ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(length - 40)) }
      let fits = packet(9200)
      #expect(try node.send(coreFrame(fits)) == .sent("core", ethernet(peerMAC, coreMAC, 0x86dd, routed6(fits))))
      #expect(try node.send(coreFrame(packet(9201))) == .drop(.giantFrame))
      #expect(
        try node.send(coreFrame(fits, tag: 100)) == .sent("core", ethernet(peerMAC, coreMAC, 0x86dd, routed6(fits))))
      #expect(try node.send(coreFrame(packet(9201), tag: 100)) == .drop(.giantFrame))
      let blue = ethernet(blueMAC, bluePeer, 0x0800, tenant4(size: 1480))
      #expect(try node.send(blue, to: "ce-blue") == .sent("ce-blue", toBlue(routed4(tenant4(size: 1480)))))
      #expect(try node.send(blue + [0], to: "ce-blue") == .drop(.giantFrame))
    }
  }
}
