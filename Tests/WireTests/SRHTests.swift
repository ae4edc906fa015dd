import TestSupport
import Testing
import Wire

/// RFC 8754, sections 2, 2.1 and 4.3.1.1, written over an array with every index looked at before it is used.
private func naiveConsistency(_ bytes: [UInt8], available: Int) -> Bool {
  guard available >= 8 else { return false }
  let end = 8 * (1 + Int(bytes[1]))
  if end > available { return false }
  let entries = Int(bytes[4]) + 1
  if entries * 16 > Int(bytes[1]) * 8 { return false }
  if Int(bytes[3]) > entries { return false }
  var index = 8 + entries * 16
  while index != end {
    let isPad1 = bytes[index] == 0
    if !isPad1 && end - index < 2 { return false }
    let size = isPad1 ? 1 : 2 + Int(bytes[index + 1])
    if size > end - index { return false }
    index += size
  }
  return true
}

private enum Filling: CaseIterable, Sendable {
  /// All Pad1; PadN to the end; PadN one byte too long; a type as the last byte; TLVs of length 0; random bytes.
  case pad1, exact, tooLong, cutOff, empty, random

  func bytes(_ count: Int, using random: inout SeededRandom) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    switch self {
    case .pad1: break
    case .exact: fill(&bytes, lastLength: count - 2)
    case .tooLong: fill(&bytes, lastLength: count - 1)
    case .cutOff: bytes[count - 1] = 4
    case .empty: for index in stride(from: 0, to: count, by: 2) { bytes[index] = 5 }
    case .random: bytes = bytes.map { _ in UInt8.random(in: 0...12, using: &random) }
    }
    return bytes
  }

  private func fill(_ bytes: inout [UInt8], lastLength: Int) {
    bytes[0] = 4
    bytes[1] = UInt8(min(lastLength, 255))
  }
}

@Suite struct SRHTests {
  @Test func fields() throws {
    let segments = ["fc00:0:3::", "fc00:0:2::", "fc00:0:1::"].map { IPv6Address(parsing: $0)! }
    var bytes: [UInt8] = [41, 6, 4, 2, 2, 0x20, 0xbe, 0xef]
    for last in [3, 2, 1] as [UInt8] { bytes += [0xfc, 0, 0, 0, 0, last] + [UInt8](repeating: 0, count: 10) }
    try bytes.withUnsafeMutableBytes { buffer in
      let view = try #require(SRHView(at: buffer.baseAddress!, length: buffer.count))
      #expect(view.nextHeader == IPProtocol.ipv6 && view.hdrExtLen == 6 && view.byteLength == 56)
      #expect(view.routingType == SRHView.routingType && view.segmentsLeft == 2 && view.lastEntry == 2)
      #expect(view.flags == 0x20 && view.tag == 0xbeef && view.tlvOffset == 56)
      #expect((0..<3).map { view.segment($0) } == segments)
      #expect(view.isConsistent(available: 56) && view.isConsistent(available: 57) && !view.isConsistent(available: 55))
      view.setSegment(1, to: segments[0])
      #expect((0..<3).map { view.segment($0) } == [segments[0], segments[0], segments[2]])
    }
    // The wire format of the value, byte by byte.
    let value = SRH(nextHeader: 41, segmentsLeft: 2, flags: 0x20, tag: 0xbeef, segments: segments)
    bytes[29] = 2
    #expect(value?.bytes == bytes)
  }

  /// Setting one field leaves its neighbours alone: a wide write of Flags once cost another project Last Entry.
  @Test func settersTouchTheirFieldOnly() throws {
    let setters: [(Range<Int>, (SRHView) -> Void)] = [
      (0..<1, { $0.nextHeader = 0 }), (1..<2, { $0.hdrExtLen = 0 }), (2..<3, { $0.routingType = 0 }),
      (3..<4, { $0.segmentsLeft = 0 }), (4..<5, { $0.lastEntry = 0 }), (5..<6, { $0.flags = 0 }),
      (6..<8, { $0.tag = 0 }),
    ]
    for (range, set) in setters {
      var bytes = [UInt8](repeating: 0xa5, count: 9)
      try bytes.withUnsafeMutableBytes { set(try #require(SRHView(at: $0.baseAddress!, length: 9))) }
      #expect(bytes == (0..<9).map { range.contains($0) ? 0 : 0xa5 })
    }
  }

  /// Every Hdr Ext Len with every Last Entry, Segments Left on both sides of its limits, every way to fill the TLVs,
  /// with the whole header there and with one byte missing.
  @Test(arguments: Filling.allCases) private func consistencyTable(filling: Filling) {
    var random = SeededRandom(seed: 8754)
    var buffer = [UInt8](repeating: 0, count: 2048)
    var consistent = 0
    for hdrExtLen in 0...255 {
      let length = 8 + hdrExtLen * 8
      for lastEntry in 0...255 {
        let offset = 8 + (lastEntry + 1) * 16
        if offset < length {
          buffer.replaceSubrange(offset..<length, with: filling.bytes(length - offset, using: &random))
        }
        for segmentsLeft in Set([0, lastEntry, lastEntry + 1, lastEntry + 2, 255]) where segmentsLeft <= 255 {
          buffer.replaceSubrange(
            0..<8, with: [41, UInt8(hdrExtLen), 4, UInt8(segmentsLeft), UInt8(lastEntry), 0, 0, 0])
          consistent += check(&buffer, length: length) ? 1 : 0
        }
      }
    }
    #expect(consistent > 100)
  }

  /// Short headers in full: every Hdr Ext Len, Last Entry and Segments Left up to 9, random TLVs, every cut.
  @Test func shortHeadersInFull() {
    var random = SeededRandom(seed: 2)
    for hdrExtLen in 0...9 {
      for lastEntry in 0...9 {
        for segmentsLeft in 0...9 {
          var bytes = Filling.random.bytes(8 + hdrExtLen * 8, using: &random)
          bytes.replaceSubrange(0..<8, with: [41, UInt8(hdrExtLen), 4, UInt8(segmentsLeft), UInt8(lastEntry), 0, 0, 0])
          for available in 8...bytes.count { compare(&bytes, available: available) }
        }
      }
    }
  }

  private func check(_ bytes: inout [UInt8], length: Int) -> Bool {
    if length > 8 { compare(&bytes, available: length - 1) }
    return compare(&bytes, available: length)
  }

  @discardableResult private func compare(_ bytes: inout [UInt8], available: Int) -> Bool {
    let expected = naiveConsistency(bytes, available: available)
    let actual = bytes.withUnsafeMutableBytes {
      SRHView(at: $0.baseAddress!, length: available)?.isConsistent(available: available)
    }
    if actual != expected { Issue.record("\(bytes[..<available]) should be \(expected)") }
    return expected
  }

  /// A TLV of type 0 is Pad1, a byte alone (RFC 8754, section 2.1.1.1), and to Linux one with a length.
  @Test(
    arguments: [
      ([4, 5, 0, 0, 0, 0, 0, 0], true, false), ([0, 0, 0, 0, 0, 0, 0, 0], true, true),
      ([0, 6, 4, 4, 4, 4, 4, 4], false, true), ([4, 6, 0, 0, 0, 0, 0, 0], true, true),
    ] as [([UInt8], Bool, Bool)])
  func pad1(tlvs: [UInt8], byRFC: Bool, byLinux: Bool) throws {
    var bytes = [41, 3, 4, 0, 0, 0, 0, 0] + [UInt8](repeating: 0xfc, count: 16) + tlvs
    try bytes.withUnsafeMutableBytes {
      let view = try #require(SRHView(at: $0.baseAddress!, length: 32))
      #expect(view.isConsistent(available: 32) == byRFC)
      #expect(view.isConsistent(available: 32, hasPad1: false) == byLinux)
    }
  }

  @Test func refusedValues() {
    let segment = IPv6Address(high: 1, low: 1)
    #expect(SRH(nextHeader: 4, segments: []) == nil)
    #expect(SRH(nextHeader: 4, segments: .init(repeating: segment, count: 127))?.byteCount == 2040)
    #expect(SRH(nextHeader: 4, segments: .init(repeating: segment, count: 128)) == nil)
    let pad8: [UInt8] = [4, 6, 0, 0, 0, 0, 0, 0]
    #expect(SRH(nextHeader: 4, segments: .init(repeating: segment, count: 127), tlvs: pad8)?.byteCount == 2048)
    #expect(SRH(nextHeader: 4, segments: .init(repeating: segment, count: 127), tlvs: pad8 + pad8) == nil)
    #expect(SRH(nextHeader: 4, segments: [segment], tlvs: Array(pad8.dropLast())) == nil)
    #expect(SRH(nextHeader: 4, segments: [segment], tlvs: [4, 7, 0, 0, 0, 0, 0, 0]) == nil)
    #expect(SRH(nextHeader: 4, segmentsLeft: 2, segments: [segment]) == nil)
    #expect(SRH(nextHeader: 4, segmentsLeft: 1, segments: [segment])?.segmentsLeft == 1)
    #expect(SRH(nextHeader: 4, segments: [segment, segment])?.segmentsLeft == 1)
  }

  @Test func otherRoutingTypesAreRefused() throws {
    var bytes = try #require(SRH(nextHeader: 4, segments: [IPv6Address(high: 1, low: 1)])).bytes
    #expect(bytes.withUnsafeBytes { SRH(parsing: $0) } != nil)
    bytes[2] = 0
    #expect(bytes.withUnsafeBytes { SRH(parsing: $0) } == nil)
  }
}
