extension SRHView {
  /// Bytes before the TLVs: fixed part and the segments up to ``lastEntry``.
  @inlinable public var tlvOffset: Int { Offset.segmentList + (Int(lastEntry) + 1) * 16 }

  /// The lengths agree with each other and with the `available` bytes from ``base`` on: the whole header is there, the
  /// segment list ends within it, Segments Left is at most Last Entry + 1 (a reduced list leaves the first segment
  /// out; RFC 8754, sections 4.1.1 and 4.3.1.1), and the TLVs end where the header does. Whether the routing type is
  /// 4 is not looked at.
  ///
  /// - Parameter hasPad1: A TLV of type 0 is a byte alone; Linux gives it a length as any other.
  @inlinable @inline(__always) public func isConsistent(available: Int, hasPad1: Bool = true) -> Bool {
    let length = byteLength
    let offset = tlvOffset
    guard length <= available, offset <= length, segmentsLeft <= Int(lastEntry) + 1 else { return false }
    return offset == length || tlvsEnd(at: length, hasPad1: hasPad1)
  }

  /// The TLVs end at byte `end` exactly (RFC 8754, section 2.1): Pad1 is a type byte alone, any other TLV has a type,
  /// a length and that many bytes.
  @inlinable func tlvsEnd(at end: Int, hasPad1: Bool) -> Bool {
    var offset = tlvOffset
    while offset < end {
      if hasPad1 && base.loadByte(offset) == 0 {
        offset += 1
      } else {
        guard offset + 1 < end else { return false }
        offset += 2 + Int(base.loadByte(offset + 1))
      }
    }
    return offset == end
  }
}
