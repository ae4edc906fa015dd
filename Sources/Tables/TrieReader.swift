import Synchronization
import Wire

/// An address as lookups use it.
@usableFromInline protocol LookupKey {
  /// The 8 bits from `position` on, a multiple of 8.
  func byte(at position: UInt32) -> UInt64
  /// Whether the address is under the prefix of the check at `first`.
  func isUnder(_ first: Int, _ length: UInt32, _ reader: TrieReader) -> Bool
}

extension UInt32: LookupKey {
  @inlinable @inline(__always) func byte(at position: UInt32) -> UInt64 { UInt64((self &<< position) &>> 24) }

  @inlinable @inline(__always) func isUnder(_ first: Int, _ length: UInt32, _ reader: TrieReader) -> Bool {
    let difference = (UInt64(self) &<< 32) ^ reader.word(first)
    // Of a check at least one bit counts.
    return difference &>> UInt64(truncatingIfNeeded: 64 &- length) == 0
  }
}

extension IPv6Address: LookupKey {
  @inlinable @inline(__always) func byte(at position: UInt32) -> UInt64 {
    let half = position < 64 ? high : low
    // A masking shift: modulo 64, as the half that the byte is in has been chosen.
    return (half &<< UInt64(truncatingIfNeeded: position)) &>> 56
  }

  @inlinable @inline(__always) func isUnder(_ first: Int, _ length: UInt32, _ reader: TrieReader) -> Bool {
    let upper = high ^ reader.word(first)
    let lower = low ^ reader.word(first &+ 2)
    let shift = UInt64(truncatingIfNeeded: 0 &- length)
    // Up to 64 bits all that count are in the upper half; beyond, that half counts whole.
    let short = upper &>> shift
    let long = upper | lower &>> shift
    return (length > 64 ? long : short) == 0
  }
}

/// How readers take the steps of a lookup. Loads are relaxed: each one's address comes from the load before, and
/// processors keep such loads in order.
@frozen @usableFromInline struct TrieReader {
  @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt32>>

  @inlinable @inline(__always) init(cells: UnsafeMutablePointer<Atomic<UInt32>>) { self.cells = cells }

  @inlinable @inline(__always) func cell(_ index: Int) -> UInt32 { cells[index].load(ordering: .relaxed) }

  @inlinable @inline(__always) func word(_ index: Int) -> UInt64 {
    UnsafeMutableRawPointer(cells + index).assumingMemoryBound(to: Atomic<UInt64>.self).pointee
      .load(ordering: .relaxed)
  }

  /// The cell that a branch has for a byte.
  @inlinable @inline(__always) func branch(_ node: UInt32, byte: UInt64) -> UInt32 {
    let first = Cell.firstCell(node)
    let wordIndex = byte &>> 6
    let before = UInt64(cell(first &+ 8)) &>> (wordIndex &* 8) & 0xff
    let marks = word(first &+ Int(truncatingIfNeeded: wordIndex &* 2)) &<< (~byte & 63)
    return cell(first &+ 8 &+ Int(truncatingIfNeeded: before) &+ marks.nonzeroBitCount)
  }
}
