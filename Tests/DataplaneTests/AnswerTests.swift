import Dataplane
import Foundation
import Testing

extension WorkerTests {
  /// What this node sends of its own: ICMP errors, echo replies, fragments, outer headers. Buffers are poisoned first: no
  /// byte of an old packet may leave.
  @Suite struct AnswerTests {
    static let configuration =
      nodeConfiguration.replacingOccurrences(
        of: "vrfs: {red: {table: 100}",
        with: """
          srv6: {encap-source: "2001:db8:1::1", flow-label: zero}
          vrfs: {red: {table: 100}
          """
      ).replacingOccurrences(
        of: "sids:\n",
        with: """
          sids:
            - {sid: "fc00:0:e::", behavior: End}
            - {sid: "fc00:0:e:1::", behavior: End, flavors: [PSP]}
            - {sid: "fc00:0:e:2::", behavior: End, flavors: [USD]}
            - {sid: "fc00:0:e:5::", behavior: End.X, nexthop: "2001:db8:1::2", port: core}
            - {sid: "fc00:0:e:6::", behavior: End.DT46, vrf: red}
            - {sid: "fc00:0:e:7::", behavior: End.B6.Encaps, segments: ["\(far)", "2001:db8:6::b2"]}
            - {sid: "fc00:0:e:8::", behavior: End.B6, segments: ["\(far)"]}

          """
      ).replacingOccurrences(
        of: "routes:\n",
        with: """
          routes:
            - {vrf: red, prefix: 172.20.0.0/16, encap: {mode: encap, segments: ["\(far)"]}}
            - {vrf: red, prefix: 172.21.0.0/16, encap: {mode: encap.red, segments: ["\(far)"]}}
            - {vrf: red, prefix: "fd20::/16", encap: {mode: inline, segments: ["\(far)"]}}
            - {vrf: red, prefix: 172.22.0.0/16, encap: {mode: encap, segments: [\(longPath)]}}
            - {prefix: "2001:db8:ffff::/48", via: "2001:db8:1::2", port: core}

          """)
    static let far = "2001:db8:6::a1"
    static let longPath = (0..<100).map { "\"2001:db8:6::\(String($0 + 1, radix: 16))\"" }.joined(separator: ", ")

    let node: Node

    init() throws { node = try Node(AnswerTests.configuration, answers: true) }

    func fromRed(_ packet: [UInt8]) -> [UInt8] {
      ethernet(redMAC, redPeer, packet[0] >> 4 == 4 ? 0x0800 : 0x86dd, packet)
    }

    /// The packets that left, and that each of them is whole and clean.
    func sent(_ frame: [UInt8], _ port: String = "core", drops: [DropReason] = []) throws -> [[UInt8]] {
      Environment.shared.poison()
      let outcome = try node.send(frame, to: port)
      #expect(outcome.drops == drops)
      for sent in outcome.sent {
        let own = sent.frame.count { $0 == 0xa5 }
        #expect(own <= frame.count { $0 == 0xa5 }, "bytes of an old packet: \(outcome)")
      }
      return outcome.sent.map { Array($0.frame.dropFirst(14)) }
    }

    /// The sum of an ICMPv6 message with its pseudo-header, which is 0 where it is right.
    func sum6(_ packet: [UInt8]) -> Int {
      let message = Array(packet.dropFirst(40))
      let padded = message + (message.count % 2 == 0 ? [] : [0])
      return checksum(Array(packet[8..<40]) + [0, 0] + be16(message.count) + [0, 0, 0, 58] + padded)
    }

    @Test func timeExceededQuotesThePacket() throws {
      let four = tenant4("10.1.2.3", ttl: 1)
      let answer = try #require(try sent(fromRed(four), "ce-red", drops: [.hopLimitExceeded]).first)
      #expect(answer.count == 56 + four.count - 28 && Array(answer[28...]) == four)
      #expect(Array(answer[20..<22]) == [11, 0] && answer[8] == 64 && Array(answer[16..<20]) == address("10.250.0.1"))
      #expect(Array(answer[12..<16]) == address("10.254.0.1") && checksum(Array(answer[20...])) == 0)
      let six = tenant6("fd00:1::3", hopLimit: 1)
      let reply = try #require(try sent(fromRed(six), "ce-red", drops: [.hopLimitExceeded]).first)
      #expect(Array(reply[48...]) == six && Array(reply[40..<42]) == [3, 0] && reply[7] == 64 && sum6(reply) == 0)
      #expect(Array(reply[8..<24]) == address("fd00:fffe::1") && Array(reply[24..<40]) == address("fd00:250::1"))
    }

    @Test func routesThatRefuseSayWhy() throws {
      let cases: [(String, [UInt8]?, DropReason)] = [
        ("192.0.2.77", [3, 0], .noRoute), ("10.66.2.1", [3, 1], .unreachable), ("10.66.3.1", [3, 13], .prohibit),
        ("10.66.1.1", nil, .blackhole), ("fd66:2::1", [1, 0], .unreachable), ("fd66:3::1", [1, 1], .prohibit),
        ("2001:db8:bad::1", [1, 0], .noRoute), ("fd66:1::1", nil, .blackhole),
      ]
      for (destination, what, reason) in cases {
        let isIPv6 = destination.contains(":")
        let packet = isIPv6 ? tenant6(destination) : tenant4(destination)
        let answers = try sent(fromRed(packet), "ce-red", drops: [reason])
        let at = isIPv6 ? 40 : 20
        #expect(answers.first.map { Array($0[at..<at + 2]) } == what && answers.count == (what == nil ? 0 : 1))
      }
    }

    @Test func noErrorAboutAnError() throws {
      let quoted = tenant4()
      var error = ipv4("10.250.0.1", "10.1.2.3", ttl: 1, payload: [3, 1, 0, 0, 0, 0, 0, 0] + quoted)
      error[9] = 1
      #expect(try sent(fromRed(checksummed(error)), "ce-red", drops: [.hopLimitExceeded]).isEmpty)
    }

    @Test func pingIsAnswered() throws {
      var request: [UInt8] = [8, 0, 0, 0, 0, 7, 0, 1] + pattern(41) + [0]
      request.replaceSubrange(2..<4, with: be16(checksum(request)))
      var packet = ipv4("10.250.0.1", "10.254.0.1", payload: request)
      packet[9] = 1
      let reply = try #require(try sent(fromRed(checksummed(packet)), "ce-red").first)
      #expect(
        Array(reply[24...]) == Array(request.dropFirst(4)) && reply[20] == 0 && checksum(Array(reply[20...])) == 0)
      #expect(Array(reply[12..<20]) == address("10.254.0.1") + address("10.250.0.1") && reply[8] == 64)
      #expect(reply == checksummed(reply))
    }

    @Test func fragmentsAddUp() throws {
      let packet = tenant4("10.1.2.3", size: 4000)
      let pieces = try sent(tunnel("fc00:0:2:d4::", 4, packet))
      var data: [UInt8] = []
      for (index, piece) in pieces.enumerated() {
        #expect(piece.count <= 1500 && piece == checksummed(piece) && piece[8] == 63)
        #expect((Int(piece[6]) << 8 | Int(piece[7])) & 0x1fff == data.count / 8)
        #expect((piece[6] & 0x20 != 0) == (index < pieces.count - 1))
        data += piece.dropFirst(20)
      }
      #expect(data == Array(packet.dropFirst(20)) && pieces.count == 3)
      let whole = checksummed(patched(packet, 6, 0x40))
      _ = try sent(tunnel("fc00:0:2:d4::", 4, whole), drops: [.packetTooBig])
    }

    /// Every SID that moves packets on, at paths of 2 to 127 segments.
    @Test func endpointsMoveToTheNextSegment() throws {
      for count in [2, 3, 9, 127] {
        for sid in ["fc00:0:e::", "fc00:0:e:1::", "fc00:0:e:5::"] {
          var path = [String](repeating: "2001:db8:6::7", count: count)
          path[1] = sid
          path[0] = AnswerTests.far
          let inner = pattern(40)
          let frame = tunnel(sid, 17, inner, segments: path, left: 1)
          let moved = srh(path, left: 0, next: 17, payload: inner)
          let isPopped = sid == "fc00:0:e:1::"
          let out = ipv6(
            headend, AnswerTests.far, next: isPopped ? 17 : 43, hopLimit: 63, payload: isPopped ? inner : moved)
          #expect(try sent(frame) == [out], "\(sid), \(count) segments")
        }
      }
    }

    @Test func lastSegmentsTakeOutOrRefuse() throws {
      for next in [4, 41] as [UInt8] {
        let inner = next == 4 ? tenant4("203.0.113.9") : tenant6("2001:db8:6::9")
        let routed = next == 4 ? routed4(inner) : routed6(inner)
        #expect(try sent(tunnel("fc00:0:e:2::", next, inner, segments: ["fc00:0:e:2::"])) == [routed])
        #expect(try sent(tunnel("fc00:0:e:2::", next, inner)) == [routed])
        let refused = try sent(tunnel("fc00:0:e::", next, inner), drops: [.wrongNextHeader])
        #expect(refused.map { Array($0[40..<48]) + [] }.first?.prefix(2) == [4, 4])
        let tenant = next == 4 ? tenant4() : tenant6()
        let out = next == 4 ? routed4(tenant) : routed6(tenant)
        #expect(try sent(tunnel("fc00:0:e:6::", next, tenant)) == [out])
      }
    }

    @Test func policiesWriteWholeHeaders() throws {
      let packet = tenant4("172.20.1.1")
      let full = ipv6(
        "2001:db8:1::1", AnswerTests.far, next: 43, hopLimit: 63,
        payload: srh([AnswerTests.far], next: 4, payload: packet))
      #expect(try sent(fromRed(packet), "ce-red") == [patched(full, 0, 0x60, 0, 0, 0)])
      let short = tenant4("172.21.1.1")
      let reduced = ipv6("2001:db8:1::1", AnswerTests.far, next: 4, hopLimit: 63, payload: short)
      #expect(try sent(fromRed(short), "ce-red") == [patched(reduced, 0, 0x60, 0, 0, 0)])
      let six = tenant6("fd20::1")
      let inserted = srh(["fd20::1", AnswerTests.far], left: 1, next: 17, payload: Array(six.dropFirst(40)))
      let inline = ipv6("fd00:250::1", AnswerTests.far, next: 43, hopLimit: 63, payload: inserted)
      #expect(try sent(fromRed(six), "ce-red") == [inline])
    }

    /// A path that no headroom holds is written to a buffer of its own.
    @Test func longPathsNeedAnotherBuffer() throws {
      let packet = tenant4("172.22.1.1")
      let out = try #require(try sent(fromRed(packet), "ce-red").first)
      #expect(out.count == 48 + 1600 + packet.count && Array(out.suffix(packet.count)) == packet)
      #expect(out[41] == 200 && out[43] == 99 && out[44] == 99 && Array(out[24..<40]) == address("2001:db8:6::1"))
    }

    @Test func boundSIDsAdvanceAndEncapsulateOrInsert() throws {
      let (sid, next) = ("fc00:0:e:7::", "2001:db8:6::7")
      // S12 of section 4.13: the packet's own hop limit goes down too.
      let moved = srh([next, sid], left: 0, next: 17, payload: pattern(30))
      let inner = ipv6(headend, next, next: 43, hopLimit: 63, payload: moved)
      let path = srh(["2001:db8:6::b2", AnswerTests.far], left: 1, next: 41, payload: inner)
      let out = ipv6("2001:db8:1::1", AnswerTests.far, next: 43, hopLimit: 63, payload: path)
      #expect(
        try sent(tunnel(sid, 17, pattern(30), segments: [next, sid], left: 1)) == [patched(out, 0, 0x60, 0, 0, 0)])
      let bound = "fc00:0:e:8::"
      let kept = srh([next, bound], left: 1, next: 17, payload: pattern(30))
      let inserted = ipv6(
        headend, AnswerTests.far, next: 43, hopLimit: 63,
        payload: srh([bound, AnswerTests.far], left: 1, next: 43, payload: kept))
      #expect(try sent(tunnel(bound, 17, pattern(30), segments: [next, bound], left: 1)) == [inserted])
    }

    /// A tunnel's MTU is told to the sender inside, and IPv4 that may be is fragmented before it.
    @Test func tunnelsAreNoBlackHole() throws {
      let text = AnswerTests.configuration.replacingOccurrences(of: "mtu: 9200", with: "mtu: 1500")
      let node = try Node(text, answers: true)
      let whole = checksummed(patched(tenant4("172.20.1.1", size: 1450), 6, 0x40))
      let refused = try node.send(fromRed(whole), to: "ce-red")
      #expect(refused.drops == [.packetTooBig] && refused.sent.count == 1)
      #expect(
        refused.sent.first.map { Array($0.frame[34..<42]) }.map { Array($0[0..<2] + $0[6..<8]) } == [3, 4, 0x05, 0x9c])
      let cut = try node.send(fromRed(tenant4("172.20.1.1", size: 1450)), to: "ce-red")
      #expect(cut.sent.count == 2 && cut.drops.isEmpty && cut.sent.allSatisfy { $0.frame.count <= 1514 })
    }

    /// Any packets at all: received + generated = transmitted + drops, and no buffer is lost.
    @Test func anythingAddsUp() throws {
      var expected = 0
      for _ in 0..<40 {
        for number in 0..<64 {
          let ttl = UInt8(number % 3)
          let packet = number % 2 == 0 ? tenant4("10.1.2.3", ttl: ttl) : tenant6("fd00:1::3", hopLimit: ttl)
          try node.port("ce-red").put(fromRed(packet))
        }
        expected += node.poll(expecting: 64).sent.count
      }
      #expect(expected == 40 * 64)
    }
  }
}
