import Testing

/// One of the three behaviours at one of the tenants, and what it makes of a packet.
struct Endpoint: CustomTestStringConvertible {
  var sid: String
  var next: UInt8
  var inner: [UInt8]
  var port: String
  var frame: [UInt8]
  var testDescription: String { "\(sid) \(port)" }

  /// Both tenants have the same inner packets.
  static let all: [Endpoint] = {
    let (four, six) = (tenant4(), tenant6())
    // No table is asked: there is no route to this address.
    let elsewhere = tenant4("198.51.100.7")
    return [
      Endpoint(sid: redDT4, next: 4, inner: four, port: "ce-red", frame: toRed(routed4(four))),
      Endpoint(sid: redDT6, next: 41, inner: six, port: "ce-red", frame: toRed(routed6(six))),
      Endpoint(sid: redDX4, next: 4, inner: elsewhere, port: "ce-red", frame: toRed(routed4(elsewhere))),
      Endpoint(sid: blueDT4, next: 4, inner: four, port: "ce-blue", frame: toBlue(routed4(four))),
      Endpoint(sid: blueDT6, next: 41, inner: six, port: "ce-blue", frame: toBlue(routed6(six))),
      Endpoint(sid: blueDX4, next: 4, inner: elsewhere, port: "ce-blue", frame: toBlue(routed4(elsewhere))),
    ]
  }()
}

extension WorkerTests {
  @Suite struct DecapsulationTests {
    /// Without SRH, and with one of 1, 2, 3 and 127 segments at Segments Left 0: out by the tenant's port, byte for
    /// byte, with silence on the other's.
    @Test(arguments: Endpoint.all) func endsTheTunnel(_ endpoint: Endpoint) throws {
      let node = try Node()
      let plain = tunnel(endpoint.sid, endpoint.next, endpoint.inner)
      #expect(try node.send(plain) == .sent(endpoint.port, endpoint.frame))
      for count in [1, 2, 3, 127] {
        let segments = [endpoint.sid] + [String](repeating: "fc00:0:7::", count: count - 1)
        let frame = tunnel(endpoint.sid, endpoint.next, endpoint.inner, segments: segments)
        #expect(try node.send(frame) == .sent(endpoint.port, endpoint.frame), "\(count) segments")
      }
      let counted = node.tally(sid: endpoint.sid)
      #expect(counted.packets == 5)
      #expect(counted.bytes == UInt64(5 * (40 + endpoint.inner.count) + 4 * 8 + 16 * (1 + 2 + 3 + 127)))
    }

    @Test(arguments: Endpoint.all) func segmentsLeft(_ endpoint: Endpoint) throws {
      let node = try Node()
      for count in [1, 2, 3, 127] {
        let segments = [endpoint.sid] + [String](repeating: "fc00:0:7::", count: count - 1)
        for left in 1...count {
          let frame = tunnel(endpoint.sid, endpoint.next, endpoint.inner, segments: segments, left: left)
          #expect(try node.send(frame) == .drop(.srhSegmentsLeft), "\(left) of \(count) left")
        }
        let beyond = tunnel(endpoint.sid, endpoint.next, endpoint.inner, segments: segments, left: count + 1)
        #expect(try node.send(beyond) == .drop(.srhMalformed), "\(count + 1) of \(count) left")
      }
      #expect(node.tally(sid: endpoint.sid).packets == 0)
    }

    @Test(arguments: Endpoint.all) func tlvs(_ endpoint: Endpoint) throws {
      let node = try Node()
      let padN: [UInt8] = [4, 6, 0, 0, 0, 0, 0, 0]
      let ingress: [UInt8] = [1, 18, 0, 0] + address("2001:db8::1") + [4, 2, 0, 0]
      let pads: [UInt8] = [0, 0, 0, 0, 4, 2, 0, 0]
      for tlvs in [padN, ingress, pads, padN + ingress + pads] {
        let frame = tunnel(endpoint.sid, endpoint.next, endpoint.inner, segments: [endpoint.sid], tlvs: tlvs)
        #expect(try node.send(frame) == .sent(endpoint.port, endpoint.frame), "\(tlvs)")
      }
      for tlvs in [[4, 7, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 4], [4, 5, 0, 0, 0, 0, 0, 1]] as [[UInt8]] {
        let frame = tunnel(endpoint.sid, endpoint.next, endpoint.inner, segments: [endpoint.sid], tlvs: tlvs)
        #expect(try node.send(frame) == .drop(.srhMalformed), "\(tlvs)")
      }
    }

    /// Options, AH, an atomic fragment and a routing header of another type before and behind the SRH.
    @Test(arguments: Endpoint.all) func otherExtensionHeaders(_ endpoint: Endpoint) throws {
      let node = try Node()
      let others: [(kind: UInt8, rest: [UInt8])] = [
        (0, [0, 1, 4, 0, 0, 0, 0]), (60, [0, 1, 4, 0, 0, 0, 0]), (51, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (44, [0, 0, 0, 1, 2, 3, 4]), (43, [0, 3, 0, 0, 0, 0, 0]),
      ]
      for (kind, rest) in others {
        let bare = ipv6(headend, endpoint.sid, next: kind, payload: [endpoint.next] + rest + endpoint.inner)
        let before = [43] + rest + srh([endpoint.sid], next: endpoint.next, payload: endpoint.inner)
        let behind = srh([endpoint.sid], next: kind, payload: [endpoint.next] + rest + endpoint.inner)
        let packets = [
          bare, ipv6(headend, endpoint.sid, next: kind, payload: before),
          ipv6(headend, endpoint.sid, next: 43, payload: behind),
        ]
        for packet in packets {
          // Hop-by-hop options stand right behind the IPv6 header or nowhere (RFC 8200, section 4).
          let isMisplaced = kind == 0 && packet[6] != 0
          let expected = isMisplaced ? Node.Outcome.drop(.wrongNextHeader) : .sent(endpoint.port, endpoint.frame)
          #expect(try node.send(coreFrame(packet)) == expected, "protocol \(kind)")
        }
      }
    }

    /// RFC 8986 asks nothing of the outer hop limit at the end of the tunnel: nothing is forwarded by it.
    @Test(arguments: Endpoint.all) func outerHopLimit(_ endpoint: Endpoint) throws {
      let node = try Node()
      for hopLimit in [0, 1, 255] as [UInt8] {
        let frame = tunnel(endpoint.sid, endpoint.next, endpoint.inner, hopLimit: hopLimit)
        #expect(try node.send(frame) == .sent(endpoint.port, endpoint.frame), "hop limit \(hopLimit)")
      }
    }

    /// Bytes behind the outer packet and behind the inner one stay behind.
    @Test(arguments: Endpoint.all) func trailers(_ endpoint: Endpoint) throws {
      let node = try Node()
      for count in [1, 4, 20, 46] {
        let behindFrame = tunnel(endpoint.sid, endpoint.next, endpoint.inner) + pattern(count)
        #expect(try node.send(behindFrame) == .sent(endpoint.port, endpoint.frame), "\(count) behind the frame")
        let inner = endpoint.inner + pattern(count)
        let behindInner = tunnel(endpoint.sid, endpoint.next, inner, segments: [endpoint.sid])
        #expect(try node.send(behindInner) == .sent(endpoint.port, endpoint.frame), "\(count) behind the inner packet")
      }
    }

    /// Both tenants' packets in one burst, each in its own order.
    @Test func tenantsInOneBurst() throws {
      let node = try Node()
      var expected: [String: [[UInt8]]] = [:]
      for round in 0..<10 {
        for endpoint in Endpoint.all {
          try node.port("core").put(tunnel(endpoint.sid, endpoint.next, endpoint.inner + pattern(round)))
          expected[endpoint.port, default: []].append(endpoint.frame)
        }
      }
      let outcome = node.poll(expecting: 60)
      for (port, frames) in expected {
        #expect(
          outcome.sent.filter { $0.port == port }.map(\.frame).sorted(by: isBefore) == frames.sorted(by: isBefore))
      }
      #expect(node.tally(table: "red").packets == 20 && node.tally(table: "blue").packets == 20)
      #expect(node.tally(table: "main").packets == 60)
    }

    /// A SID that is a prefix takes every address in it.
    @Test func prefixOfSIDs() throws {
      let node = try Node()
      for sid in ["fc00:0:5::", "fc00:0:5::1", "fc00:0:5:ffff:ffff:ffff:ffff:ffff"] {
        #expect(try node.send(tunnel(sid, 4, tenant4())) == .sent("ce-red", toRed(routed4(tenant4()))), "\(sid)")
      }
      #expect(try node.send(tunnel("fc00:0:6::", 4, tenant4())) == .drop(.noRoute))
      #expect(node.tally(sid: "fc00:0:5::/48").packets == 3)
    }

    /// SIDs are in the main table alone: a tenant cannot reach them.
    @Test func tenantsReachNoSID() throws {
      let node = try Node()
      let frame = ethernet(redMAC, redPeer, 0x86dd, ipv6("fd00:250::1", redDT4, next: 4, payload: tenant4()))
      #expect(try node.send(frame, to: "ce-red") == .drop(.noRoute))
    }

    @Test func stepsAreTold() throws {
      let node = try Node()
      _ = try node.send(tunnel(redDT4, 4, tenant4(), segments: [redDT4]))
      #expect(
        node.steps() == ["sid \(redDT4) End.DT4 vrf red", "route 10.0.0.0/8 via 10.254.0.2 port ce-red", "tx ce-red"])
      _ = try node.send(tunnel(siteDX4, 4, tenant4()))
      #expect(
        node.steps() == [
          "sid \(siteDX4) End.DX4 nexthop 10.253.0.2 port red-site", "adjacency via 10.253.0.2 port red-site",
          "tx red-site",
        ])
      _ = try node.send(tunnel(redDT6, 41, tenant6("2001:db8:bad::1")))
      #expect(
        node.steps() == [
          "sid \(redDT6) End.DT6 vrf red", "no route to 2001:db8:bad::1 in vrf red",
          "drop no-route: no route in the table",
        ])
    }
  }
}

/// Any order, so that two lists can be compared as bags.
func isBefore(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.lexicographicallyPrecedes(right) }
