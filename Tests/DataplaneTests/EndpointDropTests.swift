import Dataplane
import Testing

extension WorkerTests {
  /// Packets that a SID refuses.
  @Suite struct EndpointDropTests {
    let node: Node

    init() throws { node = try Node() }

    @Test(arguments: Endpoint.all) func wrongNextHeader(_ endpoint: Endpoint) throws {
      let other = endpoint.next == 4 ? (41, tenant6()) : (4, tenant4()) as (UInt8, [UInt8])
      let inners: [(UInt8, [UInt8])] = [other, (17, pattern(40)), (59, []), (143, pattern(60)), (58, pattern(40))]
      for (next, inner) in inners {
        #expect(try node.send(tunnel(endpoint.sid, next, inner)) == .drop(.wrongNextHeader), "protocol \(next)")
        let behind = tunnel(endpoint.sid, next, inner, segments: [endpoint.sid])
        #expect(try node.send(behind) == .drop(.wrongNextHeader), "protocol \(next) behind an SRH")
      }
    }

    @Test(arguments: Endpoint.all) func malformedSRH(_ endpoint: Endpoint) throws {
      // Bytes of the frame: 14 of Ethernet, 40 of IPv6, then the SRH.
      let good = tunnel(endpoint.sid, endpoint.next, endpoint.inner, segments: [endpoint.sid])
      let cases: [(name: String, frame: [UInt8], reason: DropReason)] = [
        ("Last Entry beyond the header", patched(good, 58, 1), .srhMalformed),
        ("Last Entry 255", patched(good, 58, 255), .srhMalformed),
        ("Segments Left beyond the list", patched(good, 57, 2), .srhMalformed),
        ("Segments Left 255", patched(good, 57, 255), .srhMalformed),
        ("a length of one segment less", patched(good, 55, 0), .srhMalformed),
        ("a length within the segment", patched(good, 55, 1), .srhMalformed),
        ("a length beyond the packet", patched(good, 55, 255), .truncated),
        ("routing type 0 with a segment left", patched(good, 56, 0, 1), .unknownRoutingHeader),
        ("routing type 5 with segments left", patched(good, 56, 5, 255), .unknownRoutingHeader),
      ]
      for (name, frame, reason) in cases { #expect(try node.send(frame) == .drop(reason), "\(name)") }
      // Of another type, with none left, a routing header is stepped over (RFC 8200, section 4.4).
      #expect(try node.send(patched(good, 56, 0, 0)) == .sent(endpoint.port, endpoint.frame))
    }

    @Test(arguments: Endpoint.all) func fragments(_ endpoint: Endpoint) throws {
      for (high, low, reserved) in [(0, 1, 0), (0, 8, 0), (0x80, 0, 0), (0xff, 0xf9, 0), (0, 8, 0xff)]
        as [(UInt8, UInt8, UInt8)]
      {
        let header: [UInt8] = [endpoint.next, reserved, high, low, 0, 0, 0, 9]
        let packet = ipv6(headend, endpoint.sid, next: 44, payload: header + endpoint.inner)
        #expect(try node.send(coreFrame(packet)) == .drop(.outerFragment), "\(high) \(low)")
      }
    }

    @Test(arguments: Endpoint.all) func eightHeadersPassAndNineDoNot(_ endpoint: Endpoint) throws {
      func frame(_ count: Int) -> [UInt8] {
        var payload = endpoint.inner
        for index in 0..<count { payload = [index == 0 ? endpoint.next : 60, 0, 1, 4, 0, 0, 0, 0] + payload }
        return coreFrame(ipv6(headend, endpoint.sid, next: 60, payload: payload))
      }
      #expect(try node.send(frame(8)) == .sent(endpoint.port, endpoint.frame))
      #expect(try node.send(frame(9)) == .drop(.tooManyHeaders))
      #expect(try node.send(frame(60)) == .drop(.tooManyHeaders))
    }

    /// The headers of one packet must fit one buffer of 2,176 bytes; what was taken off before and what is inside need
    /// not fit with them.
    @Test(arguments: Endpoint.all) func headersThatNoBufferHolds(_ endpoint: Endpoint) throws {
      let segments = [String](repeating: endpoint.sid, count: 127)
      for (options, fits) in [(72, true), (80, true), (96, true), (104, false), (160, false), (2048, false)] {
        let behind = [endpoint.next, UInt8(options / 8 - 1), 1, 4] + [UInt8](repeating: 0, count: options - 4)
        let payload = srh(segments, next: 60, payload: behind + endpoint.inner)
        let frame = coreFrame(ipv6(headend, endpoint.sid, next: 43, payload: payload))
        let expected = fits ? Node.Outcome.sent(endpoint.port, endpoint.frame) : .drop(.headersTooLong)
        for layout in [TestPort.Layout(), .init(room: 500), .init(room: 100)] {
          #expect(try node.send(frame, layout) == expected, "options of \(options), buffers of \(layout.room)")
        }
      }
    }

    /// Four tunnels, each with the longest list of segments.
    @Test func longHeadersInsideOneAnother() throws {
      let segments = [String](repeating: mainDT6, count: 127)
      var packet = tenant6()
      for level in 0..<4 {
        packet = ipv6(
          headend, level == 0 ? redDT6 : mainDT6, next: 43, payload: srh(segments, next: 41, payload: packet))
      }
      for room in [2048, 1000, 61] {
        let outcome = try node.send(coreFrame(packet), .init(room: room))
        #expect(outcome == .sent("ce-red", toRed(routed6(tenant6()))), "buffers of \(room)")
      }
    }

    /// A packet that only lacks what its headers promise is cut, however long they are.
    @Test func outerLengths() throws {
      let good = tunnel(redDT4, 4, tenant4(), segments: [redDT4])
      let length = good.count - 54
      #expect(try node.send(patched(good, 18, UInt8((length + 1) >> 8), UInt8(length + 1 & 0xff))) == .drop(.truncated))
      #expect(try node.send(patched(good, 18, 0xff, 0xff)) == .drop(.truncated))
      #expect(try node.send(patched(good, 18, 0, 0)) == .drop(.truncated))
      for version in (0...15 as ClosedRange<UInt8>) where version != 6 {
        #expect(try node.send(patched(good, 14, version << 4)) == .drop(.ipv6Malformed), "version \(version)")
      }
    }

    @Test func outerAddresses() throws {
      func frame(from source: String) -> [UInt8] { coreFrame(ipv6(source, redDT4, next: 4, payload: tenant4())) }
      for source in ["::", "::1", "ff02::1", "ff0e::1"] {
        #expect(try node.send(frame(from: source)) == .drop(.martianSource), "\(source)")
      }
      for source in ["fe80::1", "::2", "fec0::1", "::ffff:10.0.0.1"] {
        #expect(try node.send(frame(from: source)) == .sent("ce-red", toRed(routed4(tenant4()))), "\(source)")
      }
    }
  }
}
