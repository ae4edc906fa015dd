import CIntrinsics
import Synchronization

/// A worker's view of all IPv4 tables of a ``FIB4``, which must outlive it. Copies are free, any thread may use it, and
/// nothing here allocates, locks or calls.
@frozen public struct FIB4View: @unchecked Sendable {
  @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt32>>
  @usableFromInline let roots: UnsafeMutablePointer<Atomic<UInt64>>
  /// When the view was made there were so many routes that a near cache cannot hold what lookups read.
  @usableFromInline let isLarge: Bool

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
    // Where callers go on: what follows here keeps the processor from looking so far ahead.
    forEachLine(of: destinations + PendingLookups.batch, count) { ntl_prefetch_line($0) }
    forEachLine(of: tables + PendingLookups.batch, count) { ntl_prefetch_line($0) }
    let table = tables[0]
    var others: UInt32 = 0
    for position in 0..<count { others |= tables[position] ^ table }
    if others == 0 {
      let word = roots[Int(table)].load(ordering: .relaxed)
      // There is no such table.
      if word == 0 { return results.update(repeating: 0, count: count) }
      if RootWord.isFlat(word) {
        lookupFlat(word, count: count, destinations: destinations, results: results, &pending)
      } else {
        findRootCells(word, count: count, destinations: destinations, results: results, pending)
        lookupLists(count: count, results: results, &pending)
      }
    } else {
      findRootCells(count: count, tables: tables, destinations: destinations, results: results, pending)
      lookupLists(count: count, results: results, &pending)
    }
    if pending.waiting == 0 { return }
    let reader = TrieReader(cells: cells)
    pending.finish(reader, keys: destinations, results: results) { pending, lists in
      pending.advance(lists, results) { node, position, consumed in
        (reader.list(node, following: destinations[position].following(consumed)), consumed)
      }
    }
  }

  /// How many lookups are between the fetch of a list and its use.
  @inlinable static var lead: Int { 32 }

  /// Has `results` be the indexes of the root cells of lookups in one table.
  @inlinable @inline(__always) func findRootCells(
    _ word: UInt64, count: Int, destinations: UnsafePointer<UInt32>, results: UnsafeMutablePointer<UInt32>,
    _ pending: PendingLookups
  ) {
    if RootWord.skipsNone(word) {
      let first = UInt32(truncatingIfNeeded: RootWord.firstCell(word))
      let shift = 32 &- RootWord.bits(word)
      forEachPosition(in: 0..<count) { position in
        let index = first &+ destinations[position] &>> shift
        ntl_prefetch_line(cells + Int(index))
        results[position] = index
        keep(word, at: position, destinations, pending)
      }
    } else {
      forEachPosition(in: 0..<count) { findRootCell(word, at: $0, destinations, results, pending) }
    }
  }

  /// The same for lookups in several tables. Each goes on with the bits of the root that it has met: another root may be
  /// published meanwhile.
  @inlinable @inline(__always) func findRootCells(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<UInt32>,
    results: UnsafeMutablePointer<UInt32>, _ pending: PendingLookups
  ) {
    forEachPosition(in: 0..<count) { position in
      let word = roots[Int(tables[position])].load(ordering: .relaxed)
      findRootCell(word, at: position, destinations, results, pending)
    }
  }

  @inlinable @inline(__always) func findRootCell(
    _ word: UInt64, at position: Int, _ destinations: UnsafePointer<UInt32>,
    _ results: UnsafeMutablePointer<UInt32>, _ pending: PendingLookups
  ) {
    let index = RootWord.cellIndex(word, leading: destinations[position])
    ntl_prefetch_line(cells + index)
    results[position] = UInt32(truncatingIfNeeded: index)
    keep(word, at: position, destinations, pending)
  }

  /// Has `consumed` be the bits of a root, and above them the 16 bits of a destination that follow, as a list takes them:
  /// there is time for that while root cells are on their way.
  @inlinable @inline(__always) func keep(
    _ word: UInt64, at position: Int, _ destinations: UnsafePointer<UInt32>, _ pending: PendingLookups
  ) {
    let bits = RootWord.bits(word)
    pending.consumed[position] = (destinations[position] &<< bits) & 0xffff_0000 | bits
  }

  /// The steps from root cells through lists, where most lookups end.
  @inlinable @inline(__always) func lookupLists(
    count: Int, results: UnsafeMutablePointer<UInt32>, _ pending: inout PendingLookups
  ) {
    let reader = TrieReader(cells: cells)
    let lead = min(count, Self.lead)
    var all: UInt32 = 0
    forEachPosition(in: 0..<lead) { fetchList(reader, at: $0, results) }
    forEachPosition(in: lead..<count) { position in
      fetchList(reader, at: position, results)
      all |= finishList(reader, at: position &- lead, results, pending)
    }
    forEachPosition(in: count &- lead..<count) { all |= finishList(reader, at: $0, results, pending) }
    // Of most batches, all end here.
    if all &>> 31 == 0 { return }
    forEachPosition(in: 0..<count) { position in
      pending.note(results[position], at: position)
      pending.consumed[position] &= 63
    }
  }

  /// Has `results` show the root's cell in the place of its index.
  @inlinable @inline(__always) func fetchList(
    _ reader: TrieReader, at position: Int, _ results: UnsafeMutablePointer<UInt32>
  ) {
    let cell = reader.cell(Int(results[position]))
    reader.prefetchIfNode(cell)
    results[position] = cell
  }

  @inlinable @inline(__always) func finishList(
    _ reader: TrieReader, at position: Int, _ results: UnsafeMutablePointer<UInt32>, _ pending: PendingLookups
  ) -> UInt32 {
    let following = UInt16(truncatingIfNeeded: pending.consumed[position] &>> 16)
    let cell = reader.throughList(results[position], following: following)
    results[position] = cell
    return cell
  }

  /// The first step of lookups in one table with a root of 24 bits, where most of them end.
  @inlinable @inline(__always) func lookupFlat(
    _ word: UInt64, count: Int, destinations: UnsafePointer<UInt32>, results: UnsafeMutablePointer<UInt32>,
    _ pending: inout PendingLookups
  ) {
    let root = cells + RootWord.firstCell(word)
    // All misses are under way before the first is waited for.
    if isLarge {
      forEachPosition(in: 0..<count) { ntl_prefetch_line(root + Int(destinations[$0] &>> 8)) }
    }
    forEachPosition(in: 0..<count) { position in
      let cell = root[Int(destinations[position] &>> 8)].load(ordering: .relaxed)
      results[position] = cell
      pending.note(cell, at: position)
    }
    if pending.waiting != 0 { pending.consumed.update(repeating: 24, count: count) }
  }
}

/// Calls `body` with an address in each cache line of `count` numbers.
@inlinable @inline(__always) func forEachLine(
  of numbers: UnsafePointer<UInt32>, _ count: Int, _ body: (UnsafePointer<UInt32>) -> Void
) {
  var position = 0
  while position < count {
    body(numbers + position)
    position &+= 16
  }
}

/// Calls `body` with each number of a range, four to a turn: the loops of lookups are shorter than what surrounds
/// them in a loop, and compilers leave them as they are.
@inlinable @inline(__always) func forEachPosition(in range: Range<Int>, _ body: (Int) -> Void) {
  var position = range.lowerBound
  while position &+ 4 <= range.upperBound {
    body(position)
    body(position &+ 1)
    body(position &+ 2)
    body(position &+ 3)
    position &+= 4
  }
  while position < range.upperBound {
    body(position)
    position &+= 1
  }
}
