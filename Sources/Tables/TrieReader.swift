import CIntrinsics
import Synchronization
import Wire

/// An address as lookups use it.
@usableFromInline protocol LookupKey {
  /// The 8 bits from `position` on, a multiple of 8.
  func byte(at position: UInt32) -> UInt64
  /// All ones if the address is under the prefix of the check at `first`, else 0.
  func underMask(_ first: Int, _ length: UInt32, _ reader: TrieReader) -> UInt32
}

extension UInt64 {
  /// All ones if this is 0, else 0: by arithmetic, as compilers make branches of comparisons, and what a lookup finds
  /// cannot be predicted.
  @inlinable @inline(__always) var isZeroMask: UInt32 {
    UInt32(truncatingIfNeeded: ((self | (0 &- self)) &>> 63) &- 1)
  }
}

extension UInt32: LookupKey {
  @inlinable @inline(__always) func byte(at position: UInt32) -> UInt64 { UInt64((self &<< position) &>> 24) }

  /// The 16 bits from `position` on, with zeros behind the last.
  @inlinable @inline(__always) func following(_ position: UInt32) -> UInt16 {
    UInt16(truncatingIfNeeded: (self &<< position) &>> 16)
  }

  @inlinable @inline(__always) func underMask(_ first: Int, _ length: UInt32, _ reader: TrieReader) -> UInt32 {
    let difference = (UInt64(self) &<< 32) ^ reader.word(first)
    // Of a check at least one bit counts.
    return (difference &>> UInt64(truncatingIfNeeded: 64 &- length)).isZeroMask
  }
}

extension IPv6Address: LookupKey {
  @inlinable @inline(__always) func byte(at position: UInt32) -> UInt64 {
    let half = position < 64 ? high : low
    // A masking shift: modulo 64, as the half that the byte is in has been chosen.
    return (half &<< UInt64(truncatingIfNeeded: position)) &>> 56
  }

  @inlinable @inline(__always) func underMask(_ first: Int, _ length: UInt32, _ reader: TrieReader) -> UInt32 {
    let upper = high ^ reader.word(first)
    let lower = low ^ reader.word(first &+ 2)
    let shift = UInt64(truncatingIfNeeded: 0 &- length)
    // Up to 64 bits all that count are in the upper half; beyond, that half counts whole.
    let short = upper &>> shift
    let long = upper | lower &>> shift
    return (length > 64 ? long : short).isZeroMask
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

  /// Starts to fetch the first cache line of the node that a cell leads to.
  @inlinable @inline(__always) func prefetch(_ node: UInt32) { ntl_prefetch_line(cells + Cell.firstCell(node)) }

  /// The same if a cell leads to a node. If not, what is fetched is always the same line.
  @inlinable @inline(__always) func prefetchIfNode(_ cell: UInt32) {
    prefetch(cell & UInt32(bitPattern: Int32(bitPattern: cell) &>> 31))
  }

  /// The cell that a list has for an address with these bits behind those that lead to it.
  @inlinable @inline(__always) func list(_ node: UInt32, following: UInt16) -> UInt32 {
    let list = UnsafeRawPointer(cells + Cell.firstCell(node))
    let found = list + Int(truncatingIfNeeded: ntl_first_match(list, following))
    return found.assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(ordering: .relaxed)
  }

  /// What `found` leads to if that is a list, else `found`. A list is read in any case, one that is empty if need be, as
  /// nothing may branch on what was found.
  @inlinable @inline(__always) func throughList(_ found: UInt32, following: UInt16) -> UInt32 {
    let isList = UInt64(found &>> 29 ^ 4).isZeroMask
    return list(found & isList, following: following) & isList | found & ~isList
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
