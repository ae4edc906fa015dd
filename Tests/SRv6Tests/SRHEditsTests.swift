import SRv6
import Testing
import Wire

/// What endpoints and headends write, byte by byte, for every length of a path.
@Suite struct SRHEditsTests {
  let memory = GuardedBytes(capacity: 8192)

  func segment(_ number: Int) -> [UInt8] {
    [0xfc, 0, 0, 2] + [UInt8](repeating: 0, count: 10) + [UInt8(number >> 8), UInt8(number & 255)]
  }

  func address(_ number: Int) -> IPv6Address {
    segment(number).withUnsafeBytes { IPv6Address(loadingFrom: $0.baseAddress!) }
  }

  /// A path's header as RFC 8754 writes it: segment `count - 1` is the first to visit.
  func srh(_ next: UInt8, count: Int, left: Int) -> [UInt8] {
    [next, UInt8(2 * count), 4, UInt8(left), UInt8(count - 1), 0, 0, 0] + (0..<count).flatMap { segment($0) }
  }

  func ipv6(_ next: UInt8, payload: Int, to destination: [UInt8]) -> [UInt8] {
    [0x6b, 0xba, 0xbc, 0xde, UInt8(payload >> 8), UInt8(payload & 255), next, 64] + [UInt8](repeating: 0x20, count: 16)
      + destination
  }

  func bytes(_ start: UnsafeMutableRawPointer, _ count: Int) -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  let payload: [UInt8] = [1, 2, 3, 4, 5]
  let options: [UInt8] = [43, 0, 1, 4, 0, 0, 0, 0]

  @Test func advanceTakesEachSegment() {
    for count in 1...127 {
      for left in Set([1, 2, count / 2 + 1, count]) where left <= count {
        let before = ipv6(43, payload: 0, to: segment(999)) + srh(17, count: count, left: left) + payload
        let start = memory.place(before)
        let found = ActiveSRH(start, length: before.count, readable: before.count)
        #expect(found.isFound && found.status == .complete && found.offset == 40 && found.namedAt == 6)
        SRHEdits.advance(start, srh: found.offset)
        let after = ipv6(43, payload: 0, to: segment(left - 1)) + srh(17, count: count, left: left - 1) + payload
        #expect(bytes(start, before.count) == after, "\(count) segments, \(left) left")
      }
    }
  }

  @Test func popLeavesWhatIsAround() {
    for count in 1...127 {
      let header = srh(17, count: count, left: 0)
      for chain in [[], options] {
        let rest = chain + header + payload
        let first: UInt8 = chain.isEmpty ? 43 : 0
        let start = memory.place(ipv6(first, payload: rest.count, to: segment(1)) + rest)
        let (offset, namedAt) = (40 + chain.count, chain.isEmpty ? 6 : 40)
        let moved = SRHEdits.pop(start, srh: offset, namedAt: namedAt)
        #expect(moved - start == header.count)
        let left = chain.isEmpty ? payload : [17] + chain.dropFirst() + payload
        let after = ipv6(chain.isEmpty ? 17 : 0, payload: left.count, to: segment(1)) + left
        #expect(bytes(moved, after.count) == after, "\(count)")
      }
    }
  }

  @Test func insertionPutsThePathBehindTheHeader() {
    for count in 1...126 {
      let path = (1...count).map(address)
      let template = OuterTemplate.insertion(segments: path)
      let packet = ipv6(17, payload: payload.count, to: segment(500)) + payload
      let start = memory.place([UInt8](repeating: 0xa5, count: template.bytes.count) + packet) + template.bytes.count
      let moved = SRHEdits.insert(template.bytes, byteCount: template.bytes.count, first: template.first, start)
      let list: [UInt8] = segment(500) + (1...count).reversed().flatMap { segment($0) }
      let header: [UInt8] = [17, UInt8(list.count / 8), 4, UInt8(count), UInt8(count), 0, 0, 0] + list
      let after = ipv6(43, payload: header.count + payload.count, to: segment(1)) + header + payload
      #expect(moved == start - template.bytes.count && bytes(moved, after.count) == after, "\(count)")
    }
  }

  @Test(arguments: [false, true]) func encapsulationWritesEveryByte(isReduced: Bool) {
    let source = address(77)
    for count in 1...127 {
      let path = (1...count).map(address)
      let template = OuterTemplate.encapsulation(segments: path, source: source, isReduced: isReduced)
      let start =
        memory.place([UInt8](repeating: 0xa5, count: template.bytes.count) + payload) + template.bytes.count
      let fields = OuterFields(
        length: payload.count, nextHeader: 4, trafficClass: 0xb8, flowLabel: 0x12345, hopLimit: 63)
      let outer = SRHEdits.encapsulate(
        template.bytes, byteCount: template.bytes.count, namedAt: template.namedAt, fields, start)
      let listed: [UInt8] = ((isReduced ? 2 : 1)..<(count + 1)).reversed().flatMap { segment($0) }
      let entries = listed.count / 16
      let fields8: [UInt8] = [4, UInt8(2 * entries), 4, UInt8(count - 1), UInt8(max(entries, 1) - 1), 0, 0, 0]
      let header: [UInt8] = listed.isEmpty ? [] : fields8 + listed
      let total = header.count + payload.count
      let fixed: [UInt8] = [
        0x6b, 0x81, 0x23, 0x45, UInt8(total >> 8), UInt8(total & 255), header.isEmpty ? 4 : 43, 63,
      ]
      let after = fixed + segment(77) + segment(1) + header + payload
      #expect(outer + after.count == start + payload.count && bytes(outer, after.count) == after, "\(count)")
    }
  }

  @Test func spentAndForeignRoutingHeaders() {
    let rpl: [UInt8] = [43, 0, 3, 0, 0, 0, 0, 0]
    let passed = ipv6(43, payload: 0, to: segment(1)) + rpl + srh(17, count: 2, left: 1) + payload
    var found = ActiveSRH(memory.place(passed), length: passed.count, readable: passed.count)
    #expect(found.isFound && found.offset == 48 && found.namedAt == 40)
    let foreign = ipv6(43, payload: 0, to: segment(1)) + [17, 0, 3, 1, 0, 0, 0, 0] + payload
    found = ActiveSRH(memory.place(foreign), length: foreign.count, readable: foreign.count)
    #expect(found.status == .unknownRoutingHeader && !found.isFound && found.offset == 40)
    let spent = ipv6(43, payload: 0, to: segment(1)) + srh(17, count: 2, left: 0) + payload
    found = ActiveSRH(memory.place(spent), length: spent.count, readable: spent.count)
    #expect(found.status == .complete && !found.isFound)
  }

  /// Cut anywhere, a search reads nothing behind the end and says what it misses.
  @Test func cutPackets() {
    let whole = ipv6(0, payload: 0, to: segment(1)) + options + srh(17, count: 3, left: 2) + payload
    for count in 40...whole.count {
      let start = memory.place(whole.prefix(count))
      let cut = ActiveSRH(start, length: count, readable: count)
      #expect(cut.isFound == (count >= 104) && (cut.isFound || cut.status == .truncated), "\(count)")
      let chained = ActiveSRH(start, length: whole.count, readable: count)
      #expect(chained.isFound || (chained.status == .needsMore && chained.needed > count), "\(count)")
    }
  }
}
