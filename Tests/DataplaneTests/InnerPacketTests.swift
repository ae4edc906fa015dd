import Dataplane
import Testing

extension WorkerTests {
  /// What a router checks of the packet that came out of the tunnel.
  @Suite struct InnerPacketTests {
    let node: Node

    init() throws { node = try Node() }

    func expect(
      _ inner: [UInt8], _ reason: DropReason, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let sids = inner.first.map { $0 >> 4 == 6 } ?? false ? [redDT6] : [redDT4, redDX4]
      for sid in sids { try expect(inner, at: sid, reason, comment, sourceLocation: sourceLocation) }
    }

    func expect(
      _ inner: [UInt8], at sid: String, _ reason: DropReason, _ comment: Comment,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let next: UInt8 = sid == redDT6 ? 41 : 4
      #expect(try node.send(tunnel(sid, next, inner)) == .drop(reason), comment, sourceLocation: sourceLocation)
      let behind = tunnel(sid, next, inner, segments: [sid])
      #expect(try node.send(behind) == .drop(reason), comment, sourceLocation: sourceLocation)
    }

    @Test func ipv4Checksum() throws {
      let good = tenant4()
      for byte in 10...11 {
        for bit in 0..<8 { try expect(patched(good, byte, good[byte] ^ 1 << UInt8(bit)), .ipv4Checksum, "bit \(bit)") }
      }
      try expect(patched(good, 8, good[8] - 1), .ipv4Checksum, "a TTL that nobody accounted for")
      let options = tenant4(options: [7, 3, 4, 0])
      try expect(patched(options, 21, 4), .ipv4Checksum, "a changed option")
      try expect(patched(good, 10, 0, 0), .ipv4Checksum, "no checksum")
    }

    @Test func ipv4Lengths() throws {
      let good = tenant4(size: 40)
      for version in (0...15 as ClosedRange<UInt8>) where version != 4 {
        let inner = checksummed(patched(good, 0, version << 4 | 5))
        for sid in [redDT4, redDX4] { try expect(inner, at: sid, .ipv4Malformed, "version \(version)") }
      }
      for words in 0..<5 as Range<UInt8> {
        try expect(patched(good, 0, 0x40 | words), .ipv4Malformed, "IHL \(words)")
      }
      try expect(checksummed(patched(good, 2, 0, 19)), .ipv4Malformed, "a total length below the header's")
      try expect(checksummed(patched(good, 2, 0, 0)), .ipv4Malformed, "no total length")
      try expect(checksummed(patched(good, 2, 0, 61)), .truncated, "a total length beyond the packet")
      try expect(checksummed(patched(good, 2, 0xff, 0xff)), .truncated, "the longest total length")
      let short = ipv4("10.250.0.1", "10.1.2.3", payload: pattern(8))
      try expect(patched(short, 0, 0x4f), .ipv4Malformed, "IHL beyond the total length")
    }

    @Test func ipv4Options() throws {
      for words in 1...10 {
        let inner = tenant4(options: [7, UInt8(words * 4 - 1), 4] + [UInt8](repeating: 0, count: words * 4 - 3))
        for sid in [redDT4, redDX4] {
          #expect(try node.send(tunnel(sid, 4, inner)) == .sent("ce-red", toRed(routed4(inner))), "\(words) words")
        }
      }
    }

    @Test func emptyPayloads() throws {
      #expect(try node.send(tunnel(redDT4, 4, tenant4(size: 0))) == .sent("ce-red", toRed(routed4(tenant4(size: 0)))))
      #expect(try node.send(tunnel(redDT6, 41, tenant6(size: 0))) == .sent("ce-red", toRed(routed6(tenant6(size: 0)))))
    }

    @Test func hopLimits() throws {
      for left in [0, 1] as [UInt8] {
        try expect(tenant4(ttl: left), .hopLimitExceeded, "TTL \(left)")
        try expect(tenant6(hopLimit: left), .hopLimitExceeded, "hop limit \(left)")
      }
      for left in 2...255 as ClosedRange<UInt8> {
        let (four, six) = (tenant4(ttl: left), tenant6(hopLimit: left))
        #expect(try node.send(tunnel(redDT4, 4, four)) == .sent("ce-red", toRed(routed4(four))), "TTL \(left)")
        #expect(try node.send(tunnel(redDX4, 4, four)) == .sent("ce-red", toRed(routed4(four))), "TTL \(left)")
        #expect(try node.send(tunnel(redDT6, 41, six)) == .sent("ce-red", toRed(routed6(six))), "hop limit \(left)")
      }
    }

    /// The checksum is updated, not computed: over the ends of its range, where ones' complement has two zeroes.
    @Test func checksumsAtTheEndsOfTheRange() throws {
      var seen = Set<Int>()
      for low in 0...0xffff {
        let inner = tenant4("10.1.\(low >> 8).\(low & 255)", ttl: 64, size: 0)
        let value = Int(inner[10]) << 8 | Int(inner[11])
        guard value < 0x0200 || value > 0xfdff else { continue }
        seen.insert(value)
        #expect(try node.send(tunnel(redDT4, 4, inner)) == .sent("ce-red", toRed(routed4(inner))), "\(value)")
      }
      #expect(seen.isSuperset(of: [0, 1, 0xff, 0x100, 0xfeff, 0xff00, 0xfffe]))
    }

    @Test func ipv4Addresses() throws {
      for source in ["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "224.0.0.1", "239.1.1.1", "255.255.255.255"]
      {
        try expect(tenant4(from: source), .martianSource, "from \(source)")
      }
      for destination in ["0.0.0.0", "0.1.2.3", "127.0.0.1"] {
        try expect(tenant4(destination), .martianDestination, "to \(destination)")
      }
      for destination in ["224.0.0.1", "239.255.255.255", "255.255.255.255"] {
        try expect(tenant4(destination), .multicast, "to \(destination)")
      }
      for (source, destination) in [
        ("240.0.0.1", "10.1.2.3"), ("10.250.0.1", "240.0.0.1"), ("223.255.255.255", "10.1.2.3"),
      ] {
        let inner = tenant4(destination, from: source)
        #expect(try node.send(tunnel(redDT4, 4, inner)) == .sent("ce-red", toRed(routed4(inner))), "\(source)")
      }
    }

    @Test func ipv6Headers() throws {
      let good = tenant6(size: 40)
      for version in (0...15 as ClosedRange<UInt8>) where version != 6 {
        try expect(patched(good, 0, version << 4), at: redDT6, .ipv6Malformed, "version \(version)")
      }
      try expect(patched(good, 4, 0, 41), .truncated, "a payload length beyond the packet")
      try expect(patched(good, 4, 0xff, 0xff), .truncated, "the longest payload length")
      for source in ["::", "::1", "ff02::1"] { try expect(tenant6(from: source), .martianSource, "from \(source)") }
      for to in ["::", "::1"] { try expect(tenant6(to), .martianDestination, "to \(to)") }
      for to in ["ff02::1", "ff0e::1"] { try expect(tenant6(to), .multicast, "to \(to)") }
      try expect(tenant6("fe80::1"), .localDestination, "to a link-local address")
      try expect(tenant6(from: "fe80::1"), .beyondScope, "from a link-local address")
    }
  }
}
