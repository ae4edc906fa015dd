import Synchronization

/// A worker's view of all IPv4 tables of a ``FIB4``, which must outlive it. Copies are free, any thread may use it, and
/// nothing here allocates, locks or calls.
///
/// Loads are relaxed: each one's address comes from the load before, and processors keep such loads in order.
@frozen public struct FIB4View: @unchecked Sendable {
  @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt32>>
  @usableFromInline let roots: UnsafeMutablePointer<Atomic<UInt64>>

  init(cells: UnsafeMutablePointer<Atomic<UInt32>>, roots: UnsafeMutablePointer<Atomic<UInt64>>) {
    self.cells = cells
    self.roots = roots
  }

  /// The first cell that a lookup of `destination` (host byte order) reads, to be prefetched.
  /// `table` must be below 65,536.
  @inlinable public func cellAddress(table: UInt32, destination: UInt32) -> UnsafePointer<UInt32> {
    let word = roots[Int(table)].load(ordering: .relaxed)
    let cell = cells + RootWord.cellIndex(word, leading: destination)
    return UnsafeRawPointer(cell).assumingMemoryBound(to: UInt32.self)
  }

  /// Looks up `count` destinations (host byte order), each in its own table (below 65,536), and sets each result to the
  /// value of the longest prefix that covers it, or to 0 if there is none or no such table.
  @inlinable public func lookup(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<UInt32>,
    results: UnsafeMutablePointer<UInt32>
  ) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: LookupBatch.size) { scratch in
      let pending = scratch.baseAddress.unsafelyUnwrapped
      var done = 0
      while done < count {
        lookupBatch(
          count: min(count &- done, LookupBatch.size), tables: tables + done, destinations: destinations + done,
          results: results + done, pending: pending)
        done &+= LookupBatch.size
      }
    }
  }

  /// All lookups advance one level per pass, so that their cache misses overlap. `pending` lists those that have not
  /// ended: position in the batch, and from bit 8 on the number of address bits consumed.
  @inlinable @inline(__always) func lookupBatch(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<UInt32>,
    results: UnsafeMutablePointer<UInt32>, pending: UnsafeMutablePointer<UInt32>
  ) {
    var waiting = 0
    var position = 0
    while position < count {
      let word = roots[Int(tables[position])].load(ordering: .relaxed)
      let cell = cells[RootWord.cellIndex(word, leading: destinations[position])].load(ordering: .relaxed)
      results[position] = cell
      pending[waiting] = UInt32(truncatingIfNeeded: position) | RootWord.bits(word) &<< 8
      waiting &+= Int(cell &>> 31)
      position &+= 1
    }
    while waiting > 0 {
      let level = waiting
      waiting = 0
      var entry = 0
      while entry < level {
        let item = pending[entry]
        let position = Int(item & 0xff)
        let byte = (destinations[position] &<< (item &>> 8)) &>> 24
        let cell = cells[Cell.child(results[position], byte: UInt64(byte))].load(ordering: .relaxed)
        results[position] = cell
        pending[waiting] = item &+ 8 &<< 8
        waiting &+= Int(cell &>> 31)
        entry &+= 1
      }
    }
  }
}

/// How many lookups advance together.
@usableFromInline enum LookupBatch {
  /// As many as the bits of a scratch entry can number, and few enough for the scratch to stay in a few cache lines.
  @inlinable static var size: Int { 64 }
}
