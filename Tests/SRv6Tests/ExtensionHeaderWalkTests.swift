import SRv6
import TestSupport
import Testing

@Suite struct ExtensionHeaderWalkTests {
  let memory = GuardedBytes(capacity: 8192)

  /// Walks over a packet whose bytes behind the first `readable` cannot be read.
  func walk(_ packet: [UInt8], readable: Int? = nil) -> ExtensionHeaderWalk {
    let readable = readable ?? packet.count
    return .run(memory.place(packet.prefix(readable)), length: packet.count, readable: readable)
  }

  /// Walks as a worker does over a chain of buffers: what is asked for is made readable.
  func walkInSteps(_ packet: [UInt8], readable first: Int) -> ExtensionHeaderWalk? {
    var readable = first
    while true {
      let result = walk(packet, readable: readable)
      guard result.status == .needsMore else { return result }
      guard result.needed > readable, result.needed <= packet.count else { return nil }
      readable = result.needed
    }
  }

  /// Every chain of up to three extension headers, cut at every byte, and split at every byte.
  @Test(arguments: [4, 41, 17, 59] as [UInt8]) func chainsCutAnywhere(upper: UInt8) {
    let kinds = ChainedHeader.allCases
    var chains: [[ChainedHeader]] = [[]] + kinds.map { [$0] }
    for first in kinds { chains += kinds.map { [first, $0] } }
    let few: [ChainedHeader] = [.hopByHop, .destinationOptions, .authentication, .atomicFragment]
    for first in few {
      for last in few { chains += kinds.map { [first, $0, last] } }
    }
    for chain in chains {
      let whole = packet(chain, upper: upper)
      let expected = NaiveWalk(whole)
      for count in 40...whole.count {
        let cut = Array(whole.prefix(count))
        if !NaiveWalk(cut).agrees(with: walk(cut)) { Issue.record("\(chain) cut to \(count): \(walk(cut))") }
        guard let split = walkInSteps(whole, readable: count), expected.agrees(with: split) else {
          Issue.record("\(chain) split at \(count): \(String(describing: walkInSteps(whole, readable: count)))")
          continue
        }
      }
    }
  }

  @Test func eightHeadersAreWalkedAndNineAreNot() {
    for header in ChainedHeader.allCases where NaiveWalk(packet([header], upper: 4)).isAtItsEnd {
      let eight = walk(packet([ChainedHeader](repeating: header, count: 8), upper: 4))
      #expect(eight.status == .complete && eight.nextHeader == 4, "\(header)")
      #expect(
        walk(packet([ChainedHeader](repeating: header, count: 9), upper: 4)).status == .tooManyHeaders, "\(header)")
    }
  }

  @Test func longestSegmentList() {
    for left in [0, 1, 127] as [UInt8] {
      let whole = ipv6(next: 43) + srh(4, segments: 127, left: left) + [UInt8](repeating: 0x45, count: 20)
      let found = walk(whole)
      #expect(found.status == .complete && found.nextHeader == 4 && found.offset == 40 + 2040)
      #expect(found.state == SegmentState(segmentsLeft: left))
      for count in 40..<40 + 2040 {
        if walk(Array(whole.prefix(count))).status != .truncated { Issue.record("cut to \(count)") }
        if walkInSteps(whole, readable: count)?.status != .complete { Issue.record("split at \(count)") }
      }
    }
  }

  /// Of two segment routing headers the first that has segments left decides: nothing behind it is looked at.
  @Test func theFirstSegmentRoutingHeaderWithSegmentsLeftDecides() {
    #expect(walk(packet([.srhOfThreeWithOneLeft, .srhOfThreeWithThreeLeft], upper: 4)).state == .penultimate)
    #expect(walk(packet([.srhOfThreeWithOneLeft, .srhOfThreeWithThreeLeft], upper: 4)).srhOffset == 40)
    #expect(walk(packet([.srhOfOne, .srhOfThreeWithOneLeft], upper: 4)).state == .penultimate)
    #expect(walk(packet([.srhOfThreeWithOneLeft, .srhOfOne], upper: 4)).state == .penultimate)
    #expect(walk(packet([.srhOfThreeWithThreeLeft, .srhOfThreeWithOneLeft], upper: 4)).state == .transit)
    #expect(walk(packet([.srhOfOne, .srhWithTLVs], upper: 4)).state == .last)
  }

  /// A last byte of fragment offset, of the reserved bits and of the M flag each.
  @Test func onlyOffsetAndMoreFlagMakeAFragment() {
    for bit in 0..<16 {
      var bytes = packet([.atomicFragment], upper: 41)
      bytes[42 + bit / 8] |= 1 << UInt8(7 - bit % 8)
      let isReserved = bit == 13 || bit == 14
      #expect(walk(bytes).status == (isReserved ? .complete : .fragment), "bit \(bit)")
    }
  }

  /// Where the shortcut for the usual headers comes to an inner packet, the walk over any headers comes there too.
  @Test func shortcutAgreesWithTheWalk() {
    let seed = UInt64.random(in: 0 ... .max)
    print("walk shortcut: seed \(seed)")
    var random = SeededRandom(seed: seed)
    var taken = 0
    for round in 0..<100_000 {
      let whole = randomPacket(&random)
      let readable = random.below(2) == 0 ? whole.count : 40 + random.below(whole.count - 39)
      let start = memory.place(whole.prefix(readable))
      let short = ExtensionHeaderWalk.first(start, readable: readable)
      let long = ExtensionHeaderWalk.run(start, length: whole.count, readable: readable)
      if short.nextHeader == 4 || short.nextHeader == 41 {
        taken += 1
        let isSame =
          short.status == .complete && long.status == .complete && short.state == long.state
          && short.nextHeader == long.nextHeader && short.offset == long.offset
        if !isSame { Issue.record("seed \(seed), round \(round): \(short) is not \(long): \(whole)") }
      }
      if readable == whole.count, !NaiveWalk(whole).agrees(with: long) {
        Issue.record("seed \(seed), round \(round): \(long) is not \(NaiveWalk(whole)): \(whole)")
      }
    }
    #expect(taken > 5000, "seed \(seed): the shortcut was taken \(taken) times")
  }

  /// A chain of headers, or a segment routing header with fields that nearly fit.
  func randomPacket(_ random: inout SeededRandom) -> [UInt8] {
    let upper = [4, 41, 4, 41, 17, 43, 60][random.below(7)] as UInt8
    if random.below(4) == 0 {
      let chain = (0..<random.below(4)).map { _ in ChainedHeader.allCases[random.below(ChainedHeader.allCases.count)] }
      return mutated(packet(chain, upper: upper), &random)
    }
    let segments = random.below(4)
    var header = srh(upper, segments: segments + 1, left: UInt8(random.below(2) == 0 ? 0 : random.below(segments + 3)))
    if random.below(4) == 0 { header[4] = UInt8(random.below(5)) }
    if random.below(4) == 0 { header[1] = UInt8(random.below(11)) }
    if random.below(4) == 0 { header += random.bytes(random.below(24)) }
    return mutated(ipv6(next: 43) + header + random.bytes(random.below(30)), &random)
  }

  func mutated(_ packet: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var packet = packet
    if random.below(3) == 0, packet.count > 40 {
      packet[40 + random.below(packet.count - 40)] = UInt8(truncatingIfNeeded: random.next())
    }
    return random.below(3) == 0 ? Array(packet.prefix(40 + random.below(packet.count - 39))) : packet
  }
}
