import TestSupport
import Testing
import Wire

/// The same arithmetic as Linux's `ip_decrease_ttl` (include/net/ip.h) on a little-endian machine: the checksum as it
/// lies in memory, `htons(0x0100)` being 1.
private func kernelDecrement(check: UInt16) -> UInt16 {
  var sum = UInt32(check)
  sum += 0x0001
  return UInt16(truncatingIfNeeded: sum + (sum >= 0xffff ? 1 : 0))
}

@Suite struct IPv4ViewTests {
  private static let header: [UInt8] = [
    0x45, 0xb9, 0x01, 0x02, 0x12, 0x34, 0x60, 0x05, 64, 17, 0xab, 0xcd, 10, 1, 0, 2, 192, 0, 2, 33,
  ]

  @Test func fields() throws {
    var bytes = Self.header
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(IPv4View(at: buffer.baseAddress!, length: buffer.count))
      #expect(view.version == 4 && view.ihl == 5 && view.headerLength == 20)
      #expect(view.typeOfService == 0xb9 && view.dscp == 46 && view.ecn == 1)
      #expect(view.totalLength == 0x102 && view.identification == 0x1234)
      #expect(view.dontFragment && view.moreFragments && view.fragmentOffset == 40 && view.isFragment)
      #expect(view.ttl == 64 && view.protocol == IPProtocol.udp && view.checksum == 0xabcd)
      #expect(view.source == IPv4Address(parsing: "10.1.0.2") && view.destination == IPv4Address(parsing: "192.0.2.33"))
    }
  }

  @Test func isFragmentIgnoresTheOtherFlags() throws {
    var bytes = Self.header
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(IPv4View(at: buffer.baseAddress!, length: buffer.count))
      for bit in 0..<16 {
        view.flagsAndFragmentOffset = 1 << bit
        #expect(view.isFragment == (bit <= 13) && view.dontFragment == (bit == 14) && view.moreFragments == (bit == 13))
      }
    }
  }

  /// Every version and IHL, with Total Length and available bytes on both sides of each limit.
  @Test func wellFormedTable() throws {
    var bytes = [UInt8](repeating: 0, count: 64)
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(IPv4View(at: buffer.baseAddress!, length: buffer.count))
      for first in UInt8.min ... .max {
        let header = Int(first & 15) * 4
        for total in 0...64 {
          for available in max(20, total - 1)...64 {
            view.versionAndIHL = first
            view.totalLength = UInt16(total)
            let expected = first >> 4 == 4 && header >= 20 && header <= total && total <= available
            if view.isWellFormed(available: available) != expected {
              Issue.record("first byte \(first), total \(total), available \(available)")
            }
          }
        }
      }
    }
  }

  @Test func checksumOfEveryHeaderLength() throws {
    var random = SeededRandom(seed: 791)
    for ihl in 5...15 {
      for _ in 0..<500 {
        var bytes = random.bytes(ihl * 4)
        bytes[0] = 0x40 | UInt8(ihl)
        bytes[10...11] = [0, 0]
        let expected = naiveChecksum(bytes)
        try bytes.withUnsafeMutableBytes { buffer in
          let view = try #require(IPv4View(at: buffer.baseAddress!, length: buffer.count))
          view.updateChecksum()
          #expect(view.checksum == expected && view.hasValidChecksum)
          let flipped = Int.random(in: 1..<ihl * 4, using: &random)
          buffer[flipped] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          #expect(!view.hasValidChecksum)
        }
      }
    }
  }

  /// A header of zeros has no valid checksum: zero is not all ones.
  @Test func zerosAreNotValid() throws {
    var bytes = [UInt8](repeating: 0, count: 20)
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(IPv4View(at: buffer.baseAddress!, length: 20))
      #expect(!view.hasValidChecksum)
    }
  }

  /// Every checksum: the bytes are the kernel's, 0xffff and 0x0000 among them.
  @Test func decrementIsTheKernels() throws {
    var bytes = Self.header
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(IPv4View(at: buffer.baseAddress!, length: 20))
      for check in UInt16.min ... .max {
        view.checksum = check
        view.ttl = UInt8(truncatingIfNeeded: check) | 1
        let ttl = view.ttl
        let before = Array(buffer)
        view.decrementTTL()
        let kernel = UInt16(littleEndian: kernelDecrement(check: check.byteSwapped))
        guard view.checksum == kernel.byteSwapped, view.ttl == ttl - 1 else {
          Issue.record("checksum \(check): \(view.checksum)")
          return
        }
        #expect(before[..<8] == Array(buffer)[..<8] && before[9] == buffer[9] && before[12...] == Array(buffer)[12...])
      }
    }
  }

  /// Every TTL with every checksum that a right header can have: the header stays right.
  @Test func decrementKeepsTheChecksumRight() throws {
    var bytes = Self.header
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(IPv4View(at: buffer.baseAddress!, length: 20))
      for ttl in UInt8(1)...255 {
        for identification in stride(from: UInt16.min, through: .max, by: 257) {
          view.ttl = ttl
          view.identification = identification
          view.updateChecksum()
          view.decrementTTL()
          if !view.hasValidChecksum { Issue.record("TTL \(ttl), identification \(identification)") }
        }
      }
    }
  }

  /// The corners by hand: 0xfeff turns over to 0x0000, and none ends as 0xffff.
  @Test(arguments: [
    (0xfeff, 0x0000), (0xfefe, 0xfffe), (0xff00, 0x0001), (0xffff, 0x0100), (0x0000, 0x0100), (0xfffe, 0x00ff),
  ])
  func decrementCorners(before: UInt16, after: UInt16) throws {
    var bytes = Self.header
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(IPv4View(at: buffer.baseAddress!, length: 20))
      view.checksum = before
      view.decrementTTL()
      #expect(view.checksum == after)
    }
  }
}
