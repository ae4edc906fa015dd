import CPrefetch
import Synchronization

/// A worker's view of all IPv4 tables of a ``FIB4``, which must outlive it. Copies are free, any thread may use it, and
/// nothing here allocates, locks or calls.
@frozen public struct FIB4View: @unchecked Sendable {
  @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt32>>
  @usableFromInline let roots: UnsafeMutablePointer<Atomic<UInt64>>
  /// When the view was made there were so many routes that a near cache cannot hold what lookups read.
  @usableFromInline let isLarge: Bool

  /// Bytes of routes, above which cells are worth fetching ahead: some 50,000 routes.
  static let nearBytes = 2 << 20

  init(cells: UnsafeMutablePointer<Atomic<UInt32>>, roots: UnsafeMutablePointer<Atomic<UInt64>>, isLarge: Bool) {
    self.cells = cells
    self.roots = roots
    self.isLarge = isLarge
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
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: lookupScratch) {
      lookup(
        count: count, tables: tables, destinations: destinations, results: results,
        scratch: $0.baseAddress.unsafelyUnwrapped)
    }
  }

  /// The same with memory of the caller's, room for ``lookupScratch`` numbers.
  @inlinable @inline(__always) public func lookup(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<UInt32>,
    results: UnsafeMutablePointer<UInt32>, scratch: UnsafeMutablePointer<UInt32>
  ) {
    var done = 0
    while done < count {
      lookupBatch(
        count: min(count &- done, PendingLookups.batch), tables: tables + done, destinations: destinations + done,
        results: results + done, pending: PendingLookups(consumed: scratch))
      done &+= PendingLookups.batch
    }
  }

  @inlinable @inline(__always) func lookupBatch(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<UInt32>,
    results: UnsafeMutablePointer<UInt32>, pending: PendingLookups
  ) {
    var pending = pending
    let table = tables[0]
    var others: UInt32 = 0
    for position in 0..<count { others |= tables[position] ^ table }
    if others == 0 {
      let word = roots[Int(table)].load(ordering: .relaxed)
      // There is no such table.
      if word == 0 { return results.update(repeating: 0, count: count) }
      lookupRoot(word, count: count, destinations: destinations, results: results, &pending)
      if pending.waiting == 0 { return }
    } else {
      lookupRoots(count: count, tables: tables, destinations: destinations, results: results, &pending)
    }
    pending.finish(TrieReader(cells: cells), keys: destinations, results: results)
  }

  /// The first step of lookups in several tables. Each goes on with the bits of the root that it has met: another root
  /// may be published meanwhile.
  @inlinable @inline(__always) func lookupRoots(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<UInt32>,
    results: UnsafeMutablePointer<UInt32>, _ pending: inout PendingLookups
  ) {
    var position = 0
    while position < count {
      let word = roots[Int(tables[position])].load(ordering: .relaxed)
      let cell = cells[RootWord.cellIndex(word, leading: destinations[position])].load(ordering: .relaxed)
      results[position] = cell
      pending.consumed[position] = RootWord.bits(word)
      pending.note(cell, at: position)
      position &+= 1
    }
  }

  /// The first step of lookups in one table, most of which end there when its root is wide.
  @inlinable @inline(__always) func lookupRoot(
    _ word: UInt64, count: Int, destinations: UnsafePointer<UInt32>, results: UnsafeMutablePointer<UInt32>,
    _ pending: inout PendingLookups
  ) {
    let root = cells + Int(truncatingIfNeeded: word & ~0xff)
    let shift = 32 &- RootWord.bits(word)
    // All misses are under way before the first is waited for.
    if isLarge {
      forEachPosition(below: count) { ntl_prefetch_line(root + Int(destinations[$0] &>> shift)) }
    }
    forEachPosition(below: count) { position in
      let cell = root[Int(destinations[position] &>> shift)].load(ordering: .relaxed)
      results[position] = cell
      pending.note(cell, at: position)
    }
    if pending.waiting != 0 { pending.consumed.update(repeating: RootWord.bits(word), count: count) }
  }
}

/// Calls `body` with each number below `count`, four to a turn: the loops of lookups are shorter than what surrounds
/// them in a loop, and compilers leave them as they are.
@inlinable @inline(__always) func forEachPosition(below count: Int, _ body: (Int) -> Void) {
  var position = 0
  while position &+ 4 <= count {
    body(position)
    body(position &+ 1)
    body(position &+ 2)
    body(position &+ 3)
    position &+= 4
  }
  while position < count {
    body(position)
    position &+= 1
  }
}
