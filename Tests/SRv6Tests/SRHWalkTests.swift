import SRv6
import Testing

/// RFC 8754, section 4.3.1.1, for every length, Last Entry and Segments Left.
@Suite struct SRHWalkTests {
  let memory = GuardedBytes(capacity: 4096)

  /// Every pair of lengths with the Segments Left at which an answer can change, in a packet that holds it all.
  @Test func everyHdrExtLenAndLastEntry() {
    for hdrExtLen in 0...255 {
      let (bytes, start) = header(hdrExtLen)
      for lastEntry in 0...255 {
        for left in Set([0, 1, 2, lastEntry, lastEntry + 1, lastEntry + 2, 255]) where left <= 255 {
          check(bytes, start, hdrExtLen, lastEntry, left)
        }
      }
    }
  }

  /// All three fields, where the lists are short.
  @Test func everySegmentsLeftOfShortLists() {
    for hdrExtLen in 0...9 {
      let (bytes, start) = header(hdrExtLen)
      for lastEntry in 0...6 {
        for left in 0...255 { check(bytes, start, hdrExtLen, lastEntry, left) }
      }
    }
  }

  /// A packet with room for a header of that length; what is behind its segments reads as Pad1 TLVs.
  func header(_ hdrExtLen: Int) -> ([UInt8], UnsafeMutableRawPointer) {
    let bytes = ipv6(next: 43) + [4, UInt8(hdrExtLen), 4] + [UInt8](repeating: 0, count: 5 + 8 * hdrExtLen)
    return (bytes, memory.place(bytes))
  }

  func check(
    _ bytes: [UInt8], _ start: UnsafeMutableRawPointer, _ hdrExtLen: Int, _ lastEntry: Int, _ left: Int
  ) {
    start.storeBytes(of: UInt8(left), toByteOffset: 43, as: UInt8.self)
    start.storeBytes(of: UInt8(lastEntry), toByteOffset: 44, as: UInt8.self)
    let walk = ExtensionHeaderWalk.run(start, length: bytes.count, readable: bytes.count)
    // S09. max_last_entry = (Hdr Ext Len / 2) - 1;  S10. Last Entry > max_last_entry;  S11. Segments Left > Last Entry + 1
    let isMalformed = lastEntry > hdrExtLen / 2 - 1 || left > lastEntry + 1
    checkShortcut(start, bytes.count, walk)
    let isRight =
      isMalformed
      ? walk.status == .srhMalformed
      : walk.status == .complete && walk.offset == bytes.count && walk.nextHeader == 4
        && walk.state == SegmentState(segmentsLeft: UInt8(left))
    if !isRight { Issue.record("hdrExtLen \(hdrExtLen), lastEntry \(lastEntry), segmentsLeft \(left): \(walk)") }
  }

  /// The shortcut comes to the inner packet only where the walk does.
  func checkShortcut(_ start: UnsafeMutableRawPointer, _ count: Int, _ walk: ExtensionHeaderWalk) {
    let short = ExtensionHeaderWalk.first(start, readable: count)
    guard short.nextHeader == 4 else { return }
    if walk.status != .complete || walk.state != short.state || walk.offset != short.offset {
      Issue.record("\(short) is not \(walk)")
    }
  }

  /// Every type and length that a TLV of two bytes can have in the 8 bytes behind a list of one.
  @Test func everyTLV() {
    var bytes = ipv6(next: 43) + srh(41, segments: 1, left: 0, tlvs: [UInt8](repeating: 0, count: 8))
    for type in 0...255 {
      for length in 0...255 {
        bytes.replaceSubrange(64..<66, with: [UInt8(type), UInt8(length)])
        let walk = ExtensionHeaderWalk.run(memory.place(bytes), length: bytes.count, readable: bytes.count)
        if !NaiveWalk(bytes).agrees(with: walk) { Issue.record("type \(type), length \(length): \(walk)") }
      }
    }
  }
}
