import Glibc
import TestSupport
import Testing
import Wire

/// glibc's reading of an IPv6 address, as its two halves; nil if it refuses the text.
private func glibcIPv6(_ text: String) -> IPv6Address? {
  var bytes = in6_addr()
  guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
  return withUnsafeBytes(of: &bytes) { IPv6Address(loadingFrom: $0.baseAddress!) }
}

private func glibcIPv4(_ text: String) -> IPv4Address? {
  var bytes = in_addr()
  guard inet_pton(AF_INET, text, &bytes) == 1 else { return nil }
  return IPv4Address(UInt32(bigEndian: bytes.s_addr))
}

private func glibcText(_ address: IPv6Address) -> String {
  var bytes = in6_addr()
  withUnsafeMutableBytes(of: &bytes) { address.store(to: $0.baseAddress!) }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
    String(cString: inet_ntop(AF_INET6, &bytes, text.baseAddress!, socklen_t(text.count))!)
  }
}

private func randomText(_ alphabet: String, upTo length: Int, using random: inout SeededRandom) -> String {
  String((0..<Int.random(in: 0...length, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
}

@Suite struct IPv4TextTests {
  @Test(
    arguments: [
      ("0.0.0.0", 0), ("10.0.0.1", 0x0a00_0001), ("255.255.255.255", 0xffff_ffff), ("192.0.2.33", 0xc000_0221),
    ] as [(String, UInt32)])
  func roundTrip(text: String, value: UInt32) {
    #expect(IPv4Address(parsing: text) == IPv4Address(value))
    #expect(IPv4Address(value).description == text)
  }

  @Test(arguments: [
    "", "1", "1.2.3", "1.2.3.", "1.2.3.4.", ".1.2.3.4", "1..2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.00",
    "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "1.2.3.0x4", "1.2.3.a", "1.2.3.4\0", "1.2.3.٤", "1000.1.1.1",
  ])
  func refused(text: String) { #expect(IPv4Address(parsing: text) == nil) }

  @Test func readsWhatGlibcReads() {
    var random = SeededRandom(seed: 4)
    var accepted = 0
    for _ in 0..<20_000 {
      let text = (0..<4).map { _ in randomText("0123456789", upTo: 3, using: &random) }.joined(separator: ".")
      accepted += IPv4Address(parsing: text) == nil ? 0 : 1
      #expect(IPv4Address(parsing: text) == glibcIPv4(text), "\(text)")
    }
    #expect(accepted > 100)
  }
}

@Suite struct IPv6TextTests {
  /// Texts and their canonical form; most stand in RFC 5952, sections 1, 2, 4 and 5, or RFC 4291, section 2.2.
  @Test(arguments: [
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"), ("2001:db8:0:0:0::1", "2001:db8::1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8::aaaa:0:0:1", "2001:db8::aaaa:0:0:1"), ("2001:db8::", "2001:db8::"), ("::", "::"), ("::1", "::1"),
    ("FF01:0:0:0:0:0:0:101", "ff01::101"), ("0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"),
    ("::ffff:c000:221", "::ffff:192.0.2.33"), ("::13.1.68.3", "::d01:4403"), ("::1:2", "::1:2"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ("fc00:0:1:d4::", "fc00:0:1:d4::"), ("0:0:1:0:0:0:0:0", "0:0:1::"), ("1:0:0:0:0:0:0:0", "1::"),
    ("0:0:0:0:0:0:0:0", "::"),
  ])
  func canonical(text: String, expected: String) {
    #expect(IPv6Address(parsing: text)?.description == expected)
    #expect(IPv6Address(parsing: expected) == glibcIPv6(text))
  }

  @Test(arguments: [
    "", ":", ":::", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:", ":1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1:", ":1", "12345::", "g::", "fe80::1%eth0", "[::1]",
    "::1/128",
    "::1.2.3", "::1.2.3.4:5", "1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::01.2.3.4", " ::1", "::1 ", "::\0", "::-1",
  ])
  func refused(text: String) {
    #expect(IPv6Address(parsing: text) == nil)
  }

  @Test func readsWhatGlibcReads() {
    var random = SeededRandom(seed: 6)
    var accepted = 0
    for _ in 0..<20_000 {
      let groups = (0..<Int.random(in: 1...9, using: &random)).map { _ in
        Int.random(in: 0..<6, using: &random) == 0 ? "" : randomText("0aF9", upTo: 4, using: &random)
      }
      let lead = Bool.random(using: &random) ? "" : ":"
      let tail = ["", "", ":", ":1.2.3.4", "1.20.3.4"].randomElement(using: &random)!
      let text = lead + groups.joined(separator: ":") + tail
      accepted += IPv6Address(parsing: text) == nil ? 0 : 1
      #expect(IPv6Address(parsing: text) == glibcIPv6(text), "\(text)")
    }
    #expect(accepted > 100)
  }

  /// inet_ntop also prints the long deprecated IPv4-compatible addresses (::/96) with a dotted quad, which hides what
  /// they are; RFC 5952 leaves it open and the kernel does not.
  @Test func printsWhatGlibcPrints() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<20_000 {
      let groups = (0..<8).map { _ in
        Bool.random(using: &random)
          ? 0 : UInt64.random(in: 0...0xffff, using: &random) >> UInt64.random(in: 0..<16, using: &random)
      }
      let address = IPv6Address(
        high: groups[..<4].reduce(0) { $0 << 16 | $1 }, low: groups[4...].reduce(0) { $0 << 16 | $1 })
      #expect(IPv6Address(parsing: address.description) == address)
      if address.high != 0 || address.low >> 32 != 0 { #expect(address.description == glibcText(address)) }
    }
  }
}

@Suite struct MACTextTests {
  @Test func roundTrip() {
    #expect(MACAddress(parsing: "02:00:00:00:00:11") == MACAddress(0x0200_0000_0011))
    #expect(MACAddress(parsing: "FF:a0:Ff:01:10:0f")?.description == "ff:a0:ff:01:10:0f")
    #expect(MACAddress(0).description == "00:00:00:00:00:00")
  }

  @Test(arguments: [
    "", "02:00:00:00:00", "02:00:00:00:00:11:22", "2:0:0:0:0:11", "02-00-00-00-00-11", "020000000011",
    "0g:00:00:00:00:11",
    "02:00:00:00:00:11 ", ":02:00:00:00:00", "02:00:00:00:00:", "002:00:00:00:00:11",
  ])
  func refused(text: String) { #expect(MACAddress(parsing: text) == nil) }
}
