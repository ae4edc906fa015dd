/// Lookups under way, listed by the kind of node that each is at, so that all can advance one node a pass: their cache
/// misses overlap, and nothing branches on what was found. A burst mixes tables and depths, which no predictor can
/// foresee.
///
/// An entry is a position in the batch, and from bit 8 on the number of address bits consumed. Four lists of 64 entries
/// share the memory; the first takes those that have ended and is never read.
@frozen @usableFromInline struct PendingLookups {
  /// The number of entries of each list, a byte each.
  @usableFromInline var counts: UInt64 = 0
  @usableFromInline let entries: UnsafeMutablePointer<UInt32>

  /// How many lookups advance together.
  @inlinable static var batch: Int { 64 }
  /// Entries of all lists: 1 KiB, the most that is sure to be on the stack.
  @inlinable static var capacity: Int { 256 }

  @inlinable @inline(__always) init(entries: UnsafeMutablePointer<UInt32>) { self.entries = entries }

  /// Adds a lookup to the list for what its cell leads to.
  @inlinable @inline(__always) mutating func append(_ entry: UInt32, cell: UInt32) {
    // 0 for a value, else the kind's low bits: by arithmetic, as a branch could not be predicted.
    let list = cell &>> 29 & 3 & UInt32(bitPattern: Int32(bitPattern: cell) &>> 31)
    let shift = UInt64(list &* 8)
    let place = list &* 64 &+ UInt32(truncatingIfNeeded: counts &>> shift & 0xff)
    entries[Int(place)] = entry
    counts &+= 1 &<< shift
  }

  /// Empties a list, and that of ended lookups, and returns how many entries it had; they may be read while others are
  /// appended in their order.
  @inlinable @inline(__always) mutating func take(_ list: UInt64) -> Int {
    let number = Int(truncatingIfNeeded: counts &>> (list &* 8) & 0xff)
    counts &= ~(0xff &<< (list &* 8) | 0xff)
    return number
  }

  /// Takes all lookups to their ends. `results` has the cell that each is at.
  @inlinable @inline(__always) mutating func finish<Key: LookupKey>(
    _ reader: TrieReader, keys: UnsafePointer<Key>, results: UnsafeMutablePointer<UInt32>
  ) {
    while counts & ~0xff != 0 {
      advance(1, results: results) { node, position, consumed in
        (reader.branch(node, byte: keys[position].byte(at: consumed)), consumed &+ 8)
      }
      advance(2, results: results) { node, position, consumed in
        let byte = Int(truncatingIfNeeded: keys[position].byte(at: consumed))
        return (reader.cell(Cell.firstCell(node) &+ byte), consumed &+ 8)
      }
      advance(3, results: results) { node, position, consumed in
        let first = Cell.firstCell(node)
        let length = reader.cell(first &+ CheckNode.lengthOffset)
        let then = reader.cell(first &+ CheckNode.thenOffset)
        let other = reader.cell(first &+ CheckNode.elseOffset)
        let under = keys[position].underMask(first, length, reader)
        return (then & under | other & ~under, length & under | consumed & ~under)
      }
    }
  }

  @inlinable @inline(__always) mutating func advance(
    _ list: UInt64, results: UnsafeMutablePointer<UInt32>,
    _ step: (_ node: UInt32, _ position: Int, _ consumed: UInt32) -> (cell: UInt32, consumed: UInt32)
  ) {
    let number = take(list)
    let listed = entries + Int(truncatingIfNeeded: list &* 64)
    var index = 0
    while index < number {
      let entry = listed[index]
      let position = Int(entry & 0xff)
      let next = step(results[position], position, entry &>> 8)
      results[position] = next.cell
      listed[index] = UInt32(truncatingIfNeeded: position) | next.consumed &<< 8
      index &+= 1
    }
    // Apart from the loop above: there, where an entry goes would be known only once its cell is, and a processor that
    // does not know where it will store does not dare to load ahead, so that no cache misses would overlap.
    index = 0
    while index < number {
      let entry = listed[index]
      append(entry, cell: results[Int(entry & 0xff)])
      index &+= 1
    }
  }
}
