/// The numbers that a lookup of any count needs room for meanwhile.
@inlinable public var lookupScratch: Int { PendingLookups.batch }

/// Lookups under way in a batch, as sets of positions: a bit for each. All advance one node a pass, so that their cache
/// misses overlap, and nothing branches on what was found: a burst mixes tables and depths, which no predictor can
/// foresee.
///
/// What a load finds decides bits in registers only. Where it decided where to store (as the next entry of a list would),
/// a processor that does not know yet where it will store would not dare to load ahead.
@frozen @usableFromInline struct PendingLookups {
  /// Lookups that are at a node.
  @usableFromInline var waiting: UInt64 = 0
  /// By position, the address bits consumed.
  @usableFromInline let consumed: UnsafeMutablePointer<UInt32>

  /// How many lookups advance together.
  @inlinable static var batch: Int { 64 }

  @inlinable @inline(__always) init(consumed: UnsafeMutablePointer<UInt32>) { self.consumed = consumed }

  /// Lookup `position` found `cell`: it goes on if that leads to a node.
  @inlinable @inline(__always) mutating func note(_ cell: UInt32, at position: Int) {
    waiting |= UInt64(cell &>> 31) &<< UInt64(truncatingIfNeeded: position)
  }

  /// Takes all lookups to their ends. `results` has the cell that each is at; `lists` advances those that are at lists.
  @inlinable @inline(__always) mutating func finish<Key: LookupKey>(
    _ reader: TrieReader, keys: UnsafePointer<Key>, results: UnsafeMutablePointer<UInt32>,
    lists advanceLists: (inout PendingLookups, UInt64) -> Void
  ) {
    while waiting != 0 {
      let (lists, branches, dense, checks) = kinds(reader, results)
      waiting = 0
      advanceLists(&self, lists)
      advance(branches, results) { node, position, consumed in
        (reader.branch(node, byte: keys[position].byte(at: consumed)), consumed &+ 8)
      }
      advance(dense, results) { node, position, consumed in
        let byte = Int(truncatingIfNeeded: keys[position].byte(at: consumed))
        return (reader.cell(Cell.firstCell(node) &+ byte), consumed &+ 8)
      }
      advance(checks, results) { node, position, consumed in
        let first = Cell.firstCell(node)
        let length = reader.cell(first &+ CheckNode.lengthOffset)
        let then = reader.cell(first &+ CheckNode.thenOffset)
        let other = reader.cell(first &+ CheckNode.elseOffset)
        let under = keys[position].underMask(first, length, reader)
        return (then & under | other & ~under, length & under | consumed & ~under)
      }
    }
  }

  /// The waiting lookups by the kind of node that each is at, which is on its way to the caches then.
  @inlinable @inline(__always) func kinds(
    _ reader: TrieReader, _ results: UnsafeMutablePointer<UInt32>
  ) -> (lists: UInt64, branches: UInt64, dense: UInt64, checks: UInt64) {
    var (low, high): (UInt64, UInt64) = (0, 0)
    forEachPosition(in: waiting) { position in
      reader.prefetch(results[position])
      let kind = UInt64(results[position] &>> 29)
      low |= (kind & 1) &<< UInt64(truncatingIfNeeded: position)
      high |= (kind &>> 1 & 1) &<< UInt64(truncatingIfNeeded: position)
    }
    return (waiting & ~(low | high), low & ~high, high & ~low, low & high)
  }

  @inlinable @inline(__always) mutating func advance(
    _ lookups: UInt64, _ results: UnsafeMutablePointer<UInt32>,
    _ step: (_ node: UInt32, _ position: Int, _ consumed: UInt32) -> (cell: UInt32, consumed: UInt32)
  ) {
    forEachPosition(in: lookups) { position in
      let next = step(results[position], position, consumed[position])
      results[position] = next.cell
      consumed[position] = next.consumed
      note(next.cell, at: position)
    }
  }
}

/// Calls `body` with each position of a set, in order.
@inlinable @inline(__always) func forEachPosition(in set: UInt64, _ body: (Int) -> Void) {
  var left = set
  while left != 0 {
    let position = left.trailingZeroBitCount
    left &= left &- 1
    body(position)
  }
}
