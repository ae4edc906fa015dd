import CIntrinsics
import Synchronization
import Wire

/// A worker's view of all IPv6 tables of a ``FIB6``, which must outlive it. Copies are free, any thread may use it, and
/// nothing here allocates, locks or calls.
@frozen public struct FIB6View: @unchecked Sendable {
  @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt32>>
  @usableFromInline let roots: UnsafeMutablePointer<Atomic<UInt64>>
  @usableFromInline let hosts: UnsafeMutablePointer<Atomic<UInt64>>
  /// When the view was made there were so many routes that a near cache cannot hold what lookups read.
  @usableFromInline let isLarge: Bool

  init(
    cells: UnsafeMutablePointer<Atomic<UInt32>>, roots: UnsafeMutablePointer<Atomic<UInt64>>,
    hosts: UnsafeMutablePointer<Atomic<UInt64>>, isLarge: Bool
  ) {
    self.cells = cells
    self.roots = roots
    self.hosts = hosts
    self.isLarge = isLarge
  }

  /// The first slot of /128 routes that a lookup of `destination` reads, to be prefetched; 32 bytes in one cache line.
  @inlinable public func hostAddress(table: UInt32, destination: IPv6Address) -> UnsafeRawPointer {
    let slots = HostSlots(word: hosts.pointee.load(ordering: .relaxed))
    return UnsafeRawPointer(slots.entries + slots.home(table: table, address: destination))
  }

  /// Looks up `count` destinations, each in its own table (below 65,536), and sets each result to the value of the
  /// longest prefix that covers it, or to 0 if there is none or no such table.
  @inlinable public func lookup(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
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
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
    results: UnsafeMutablePointer<UInt32>, scratch: UnsafeMutablePointer<UInt32>
  ) {
    var done = 0
    while done < count {
      let (tables, destinations, results) = (tables + done, destinations + done, results + done)
      let missed = lookupHosts(
        count: min(count &- done, PendingLookups.batch), tables: tables, destinations: destinations,
        results: results, homes: scratch)
      if missed != 0 {
        lookupPrefixes(
          missed: missed, tables: tables, destinations: destinations, results: results,
          pending: PendingLookups(consumed: scratch))
      }
      done &+= PendingLookups.batch
    }
  }

  /// Sets the results of destinations that have a /128 route, and returns the positions of the others, a bit for each.
  @inlinable @inline(__always) func lookupHosts(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
    results: UnsafeMutablePointer<UInt32>, homes: UnsafeMutablePointer<UInt32>
  ) -> UInt64 {
    let slots = HostSlots(word: hosts.pointee.load(ordering: .relaxed))
    // Not in the first slot; and of those, where another key is there, and there may be more to find behind it.
    var (missed, crowded): (UInt64, UInt64) = (0, 0)
    var position = 0
    while position < count {
      let home = slots.home(table: tables[position], address: destinations[position])
      homes[position] = UInt32(truncatingIfNeeded: home)
      ntl_prefetch_line(slots.entries + home)
      position &+= 1
    }
    // Where there are many routes, most lookups go on there.
    if isLarge {
      forEachPosition(in: 0..<count) { position in
        let word = roots[Int(tables[position])].load(ordering: .relaxed)
        let leading = UInt32(truncatingIfNeeded: destinations[position].high &>> 32)
        ntl_prefetch_line(cells + RootWord.cellIndexOfWhole(word, leading: leading))
      }
    }
    position = 0
    while position < count {
      let (table, destination) = (tables[position], destinations[position])
      let home = Int(homes[position])
      let (cell, owner, difference) = slots.read(home, table: table, address: destination)
      results[position] = cell
      let isOther = ~UInt64(difference.isZeroMask) & 1
      missed |= (isOther | UInt64(UInt64(cell).isZeroMask & 1)) &<< UInt64(truncatingIfNeeded: position)
      crowded |= (isOther & ~UInt64(owner.isZeroMask)) &<< UInt64(truncatingIfNeeded: position)
      position &+= 1
    }
    forEachPosition(in: crowded) { position in
      let cell = slots.find(table: tables[position], address: destinations[position])
      results[position] = cell
      if cell != 0 { missed &= ~(1 &<< UInt64(truncatingIfNeeded: position)) }
    }
    return missed
  }

  /// Walks the tries for the positions in `missed`.
  @inlinable @inline(__always) func lookupPrefixes(
    missed: UInt64, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
    results: UnsafeMutablePointer<UInt32>, pending: PendingLookups
  ) {
    var pending = pending
    forEachPosition(in: missed) { position in
      // Each goes on with the bits of the root that it has met: another root may be published meanwhile.
      let word = roots[Int(tables[position])].load(ordering: .relaxed)
      let leading = UInt32(truncatingIfNeeded: destinations[position].high &>> 32)
      let cell = cells[RootWord.cellIndexOfWhole(word, leading: leading)].load(ordering: .relaxed)
      results[position] = cell
      pending.consumed[position] = RootWord.bits(word)
      pending.note(cell, at: position)
    }
    // There are no lists for IPv6.
    pending.finish(TrieReader(cells: cells), keys: destinations, results: results) { _, _ in }
  }
}
