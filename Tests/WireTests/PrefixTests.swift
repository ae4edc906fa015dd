import TestSupport
import Testing
import Wire

@Suite struct PrefixTests {
  /// Against the definition: an address is in a prefix if its first `length` bits are the prefix's.
  @Test func ipv4AgainstBitByBit() {
    var random = SeededRandom(seed: 32)
    for length in 0...32 {
      let prefix = IPv4Prefix(address: IPv4Address(.random(in: 0 ... .max, using: &random)), length: length)
      let bits = (0..<32).map { prefix.address.value >> (31 - $0) & 1 }
      #expect(prefix.hasHostBits == bits[length...].contains(1))
      #expect(
        prefix.masked.address.value == bits[..<length].enumerated().reduce(0) { $0 | $1.element << (31 - $1.offset) })
      #expect(prefix.masked.length == length && !prefix.masked.hasHostBits)
      for bit in 0..<32 {
        let other = IPv4Address(prefix.address.value ^ 1 << (31 - bit))
        #expect(prefix.contains(other) == (bit >= length))
      }
    }
  }

  @Test func ipv6AgainstBitByBit() {
    var random = SeededRandom(seed: 128)
    for length in 0...128 {
      let prefix = IPv6Prefix(address: .random(using: &random), length: length)
      let bits = (0..<128).map { bit in
        (bit < 64 ? prefix.address.high : prefix.address.low) >> UInt64(63 - bit % 64) & 1
      }
      #expect(prefix.hasHostBits == bits[length...].contains(1))
      for bit in 0..<128 {
        let high: UInt64 = bit < 64 ? 1 << (63 - bit) : 0
        let low: UInt64 = bit < 64 ? 0 : 1 << (127 - bit)
        let other = IPv6Address(high: prefix.address.high ^ high, low: prefix.address.low ^ low)
        #expect(prefix.contains(other) == (bit >= length))
        let kept = prefix.masked.address
        let isKept = kept.high & high | kept.low & low != 0
        #expect(isKept == (bit < length && bits[bit] == 1))
      }
    }
  }

  @Test(arguments: ["10.0.0.0/8", "0.0.0.0/0", "10.1.0.1/24", "192.0.2.1/32"]) func ipv4Text(text: String) throws {
    let prefix = try #require(IPv4Prefix(parsing: text))
    #expect(prefix.description == text)
  }

  @Test(arguments: ["fc00::/16", "::/0", "fe80::1/64", "2001:db8::1/128"]) func ipv6Text(text: String) throws {
    let prefix = try #require(IPv6Prefix(parsing: text))
    #expect(prefix.description == text)
  }

  @Test func bareAddressIsAHost() {
    #expect(IPv4Prefix(parsing: "10.0.0.1")?.length == 32)
    #expect(IPv6Prefix(parsing: "fc00:0:1:d4::")?.length == 128)
  }

  @Test(arguments: [
    "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/8 ", "10/8",
    "10.0.0.0/+8",
    "10.0.0.0/0x8", "fc00::/16", "10.0.0.0/255.0.0.0",
  ])
  func ipv4Refused(text: String) { #expect(IPv4Prefix(parsing: text) == nil) }

  @Test(arguments: [
    "", "/", "::/", "::/129", "::/-1", "::/00", "::/0/0", "fc00/16", "10.0.0.0/8", "::/1000", "::1%lo/128",
  ])
  func ipv6Refused(text: String) { #expect(IPv6Prefix(parsing: text) == nil) }
}
