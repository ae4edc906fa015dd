import TestSupport
import Testing
import Wire

/// RFC 1071 as its section 1 says it: 16-bit words, carries brought round one at a time, complemented.
func naiveChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for index in stride(from: 0, to: bytes.count, by: 2) {
    sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
    if sum > 0xffff { sum -= 0xffff }
  }
  return ~UInt16(sum)
}

private func checksum(_ bytes: [UInt8]) -> UInt16 {
  bytes.withUnsafeBytes { InternetChecksum.finish(InternetChecksum.sum($0.baseAddress!, count: $0.count)) }
}

@Suite struct ChecksumTests {
  /// The example of RFC 1071, section 3: the sum is 0xddf2.
  @Test func exampleOfTheRFC() { #expect(checksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2) }

  @Test func everyLengthAndAlignment() {
    var random = SeededRandom(seed: 1071)
    for count in 0...130 {
      for offset in 0..<4 {
        let bytes = random.bytes(offset + count + 1)
        let fast = bytes.withUnsafeBytes {
          InternetChecksum.finish(InternetChecksum.sum($0.baseAddress! + offset, count: count))
        }
        #expect(fast == naiveChecksum(Array(bytes[offset..<offset + count])), "\(count) bytes at \(offset)")
      }
    }
    let long = random.bytes(65_535)
    #expect(checksum(long) == naiveChecksum(long))
    let ones = [UInt8](repeating: 0xff, count: 65_535)
    #expect(checksum(ones) == naiveChecksum(ones))
  }

  @Test func partsAddUp() {
    var random = SeededRandom(seed: 2)
    let bytes = random.bytes(101)
    bytes.withUnsafeBytes { buffer in
      let base = buffer.baseAddress!
      for cut in stride(from: 0, through: 100, by: 2) {
        let head = InternetChecksum.sum(base, count: cut)
        let whole = InternetChecksum.sum(base + cut, count: 101 - cut, initial: head)
        #expect(InternetChecksum.finish(whole) == naiveChecksum(bytes))
      }
    }
  }

  @Test func foldKeepsTheValueModulo65535() {
    var random = SeededRandom(seed: 3)
    let corners: [UInt64] = [0, 1, 0xffff, 0x1_0000, 0x1_ffff, 0xffff_ffff, 0x1_0000_0000, .max, .max - 1]
    for sum in corners + (0..<1000).map({ _ in random.next() }) {
      let folded = InternetChecksum.fold(sum)
      #expect(UInt64(folded) % 0xffff == sum % 0xffff && (folded == 0) == (sum == 0), "\(sum)")
    }
  }

  @Test func ipv4PseudoHeader() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<1000 {
      let bytes = random.bytes(8) + [0, UInt8.random(in: 0...255, using: &random)] + random.bytes(2)
      let sum = bytes.withUnsafeBytes {
        InternetChecksum.pseudoHeader(
          source: IPv4Address(loadingFrom: $0.baseAddress!), destination: IPv4Address(loadingFrom: $0.baseAddress! + 4),
          protocol: $0[9], length: $0.baseAddress!.loadBE16(10))
      }
      #expect(InternetChecksum.finish(sum) == naiveChecksum(bytes))
    }
  }

  @Test func ipv6PseudoHeader() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<1000 {
      let bytes = random.bytes(36) + [0, 0, 0, UInt8.random(in: 0...255, using: &random)]
      let sum = bytes.withUnsafeBytes {
        InternetChecksum.pseudoHeader(
          source: IPv6Address(loadingFrom: $0.baseAddress!),
          destination: IPv6Address(loadingFrom: $0.baseAddress! + 16),
          nextHeader: $0[39], length: $0.baseAddress!.loadBE32(32))
      }
      #expect(InternetChecksum.finish(sum) == naiveChecksum(bytes))
    }
  }

  /// The example of RFC 1624, section 4, then random messages against computing anew.
  @Test func incrementalUpdate() {
    #expect(InternetChecksum.updated(0xdd2f, replacing: 0x5555, with: 0x3285) == 0x0000)
    var random = SeededRandom(seed: 1624)
    for _ in 0..<5000 {
      var bytes = random.bytes(20)
      let before = naiveChecksum(bytes)
      let old = UInt16(bytes[4]) << 8 | UInt16(bytes[5])
      let new = UInt16.random(in: 0 ... .max, using: &random)
      bytes[4...5] = [UInt8(new >> 8), UInt8(truncatingIfNeeded: new)]
      #expect(InternetChecksum.updated(before, replacing: old, with: new) == naiveChecksum(bytes))
    }
  }
}
