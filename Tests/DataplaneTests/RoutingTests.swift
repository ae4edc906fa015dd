import Dataplane
import Testing

extension WorkerTests {
  /// Where packets go once they are out of the tunnel, or were never in one.
  @Suite struct RoutingTests {
    let node: Node

    init() throws { node = try Node() }

    @Test func routesThatDrop() throws {
      let reasons: [DropReason] = [.blackhole, .unreachable, .prohibit]
      for (number, reason) in zip(1..., reasons) {
        #expect(try node.send(tunnel(redDT4, 4, tenant4("10.66.\(number).9"))) == .drop(reason))
        #expect(try node.send(tunnel(redDT6, 41, tenant6("fd66:\(number)::9"))) == .drop(reason))
        // They are routes of red's alone.
        let inner = tenant4("10.66.\(number).9")
        #expect(try node.send(tunnel(blueDT4, 4, inner)) == .sent("ce-blue", toBlue(routed4(inner))))
      }
    }

    @Test func noRoute() throws {
      for sid in [redDT4, blueDT4, mainDT4] {
        #expect(try node.send(tunnel(sid, 4, tenant4("172.16.0.1"))) == .drop(.noRoute))
      }
      #expect(try node.send(tunnel(redDT6, 41, tenant6("2001:db8:6::1"))) == .drop(.noRoute), "a route of main only")
      #expect(try node.send(tunnel("fc00:0:dead::", 4, tenant4())) == .drop(.noRoute))
      #expect(try node.send(tunnel(mainDT4, 4, tenant4())) == .drop(.noRoute), "a route of the tenants only")
    }

    /// What is sent there is no datagram: its length and checksum are wrong.
    @Test func addressesOfTheNode() throws {
      for inner in ["10.254.0.1", "10.253.0.1"] {
        #expect(try node.send(tunnel(redDT4, 4, tenant4(inner))) == .drop(.localChecksum), "\(inner)")
      }
      // Blue has no 10.253.0.1 of its own.
      let inner = tenant4("10.253.0.1")
      #expect(try node.send(tunnel(blueDT4, 4, inner)) == .sent("ce-blue", toBlue(routed4(inner))))
      for inner in ["fd00:fffe::1", "fd00:fffe::"] {
        #expect(try node.send(tunnel(redDT6, 41, tenant6(inner))) == .drop(.localChecksum), "\(inner)")
      }
      for own in ["2001:db8:1::1", "2001:db8:1::", "2001:db8:2::1"] {
        let packet = ipv6(headend, own, next: 17, payload: pattern(8))
        #expect(try node.send(coreFrame(packet)) == .drop(.localChecksum), "\(own)")
      }
      #expect(try node.send(tunnel(redDT4, 4, tenant4("10.254.0.255"))) == .drop(.multicast), "a subnet's broadcast")
    }

    @Test func neighborsThatNobodyKnows() throws {
      #expect(try node.send(tunnel(redDT4, 4, tenant4("10.77.0.1"))) == .drop(.neighborUnresolved), "of a route")
      #expect(try node.send(tunnel(redDT4, 4, tenant4("10.254.0.55"))) == .drop(.neighborUnresolved), "on-link")
      #expect(try node.send(tunnel(lostDX4, 4, tenant4())) == .drop(.neighborUnresolved), "of an End.DX4")
      #expect(try node.send(tunnel(redDT6, 41, tenant6("fd00:fffe::55"))) == .drop(.neighborUnresolved))
      let known = tenant4("10.254.0.2")
      #expect(try node.send(tunnel(redDT4, 4, known)) == .sent("ce-red", toRed(routed4(known))))
    }

    /// The inner packet is held against the MTU of the port it leaves by, not the outer one.
    @Test func mtu() throws {
      let four = (fits: tenant4(size: 1480), over: tenant4(size: 1481))
      let six = (fits: tenant6(size: 1460), over: tenant6(size: 1461))
      for sid in [blueDT4, blueDX4] {
        #expect(
          try node.send(tunnel(sid, 4, four.fits, segments: [sid])) == .sent("ce-blue", toBlue(routed4(four.fits))))
        let over = checksummed(patched(four.over, 6, 0x40))
        #expect(try node.send(tunnel(sid, 4, over, segments: [sid])) == .drop(.packetTooBig))
        // Bytes behind the inner packet do not count.
        let padded = tunnel(sid, 4, four.fits + pattern(9))
        #expect(try node.send(padded) == .sent("ce-blue", toBlue(routed4(four.fits))))
      }
      let fits = tunnel(blueDT6, 41, six.fits, segments: [blueDT6])
      #expect(try node.send(fits) == .sent("ce-blue", toBlue(routed6(six.fits))))
      #expect(try node.send(tunnel(blueDT6, 41, six.over, segments: [blueDT6])) == .drop(.packetTooBig))
    }

    @Test func jumboFrames() throws {
      let (four, six) = (tenant4(size: 8980), tenant6(size: 8960))
      for sid in [redDT4, redDX4] {
        #expect(try node.send(tunnel(sid, 4, four, segments: [sid])) == .sent("ce-red", toRed(routed4(four))))
      }
      #expect(try node.send(tunnel(redDT6, 41, six, segments: [redDT6])) == .sent("ce-red", toRed(routed6(six))))
      #expect(try node.send(tunnel(redDT4, 4, tenant4(size: 8981))) == .drop(.noBuffers), "fragments need some")
      #expect(try node.send(tunnel(redDT6, 41, tenant6(size: 8961))) == .drop(.packetTooBig))
      #expect(try node.send(tunnel(redDT4, 4, four + pattern(9200 - 9040))) == .sent("ce-red", toRed(routed4(four))))
      #expect(try node.send(tunnel(redDT4, 4, four + pattern(9201 - 9040))) == .drop(.giantFrame))
    }

    @Test func plainIPv6() throws {
      let packet = ipv6(headend, "2001:db8:6::9", next: 17, payload: pattern(30))
      #expect(try node.send(coreFrame(packet)) == .sent("core", ethernet(peerMAC, coreMAC, 0x86dd, routed6(packet))))
      let neighbor = ipv6(headend, "2001:db8:1::2", next: 17, payload: pattern(30))
      #expect(
        try node.send(coreFrame(neighbor)) == .sent("core", ethernet(peerMAC, coreMAC, 0x86dd, routed6(neighbor))))
      // A routing header is none of a transit router's business (RFC 8200, section 4).
      let payload = srh(["fc00:0:9::", "2001:db8:6::9"], left: 9, next: 4, payload: tenant4())
      let transit = ipv6(headend, "2001:db8:6::9", next: 43, payload: payload)
      #expect(try node.send(coreFrame(transit)) == .sent("core", ethernet(peerMAC, coreMAC, 0x86dd, routed6(transit))))
      for hopLimit in [0, 1] as [UInt8] {
        let packet = ipv6(headend, "2001:db8:6::9", next: 17, hopLimit: hopLimit, payload: [])
        #expect(try node.send(coreFrame(packet)) == .drop(.hopLimitExceeded))
      }
      let local = ipv6("fe80::1", "2001:db8:6::9", next: 17, payload: [])
      #expect(try node.send(coreFrame(local)) == .drop(.beyondScope))
    }

    @Test func plainIPv4() throws {
      let packet = ipv4("198.51.100.1", "203.0.113.9", payload: pattern(30))
      let out = ethernet(peerMAC, coreMAC, 0x0800, routed4(packet))
      #expect(try node.send(ethernet(coreMAC, peerMAC, 0x0800, packet)) == .sent("core", out))
      #expect(try node.send(ethernet(coreMAC, peerMAC, 0x0800, packet + pattern(12))) == .sent("core", out))
      let tenant = tenant4()
      #expect(
        try node.send(ethernet(redMAC, redPeer, 0x0800, tenant), to: "ce-red")
          == .sent("ce-red", toRed(routed4(tenant))))
      let blue = ethernet(blueMAC, bluePeer, 0x0800, tenant)
      #expect(try node.send(blue, to: "ce-blue") == .sent("ce-blue", toBlue(routed4(tenant))))
      for ttl in [0, 1] as [UInt8] {
        let packet = ipv4("198.51.100.1", "203.0.113.9", ttl: ttl, payload: [])
        #expect(try node.send(ethernet(coreMAC, peerMAC, 0x0800, packet)) == .drop(.hopLimitExceeded))
      }
    }
  }
}
