import Synchronization
import Wire

/// A worker's view of all IPv6 tables of a ``FIB6``, which must outlive it. Copies are free, any thread may use it, and
/// nothing here allocates, locks or calls.
@frozen public struct FIB6View: @unchecked Sendable {
  @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt32>>
  @usableFromInline let roots: UnsafeMutablePointer<Atomic<UInt64>>
  @usableFromInline let hosts: UnsafeMutablePointer<Atomic<UInt64>>

  init(
    cells: UnsafeMutablePointer<Atomic<UInt32>>, roots: UnsafeMutablePointer<Atomic<UInt64>>,
    hosts: UnsafeMutablePointer<Atomic<UInt64>>
  ) {
    self.cells = cells
    self.roots = roots
    self.hosts = hosts
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
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: PendingLookups.capacity) { scratch in
      let entries = scratch.baseAddress.unsafelyUnwrapped
      var done = 0
      while done < count {
        let (tables, destinations, results) = (tables + done, destinations + done, results + done)
        let slots = HostSlots(word: hosts.pointee.load(ordering: .relaxed))
        let missed = lookupHosts(
          slots, count: min(count &- done, PendingLookups.batch), tables: tables, destinations: destinations,
          results: results, pending: entries)
        lookupPrefixes(
          slots, missed: missed, tables: tables, destinations: destinations, results: results,
          pending: PendingLookups(entries: entries))
        done &+= PendingLookups.batch
      }
    }
  }

  /// Sets the results of destinations that have a /128 route in the first slot where it may be, and lists the positions
  /// of the others in `pending`; their results are not 0 where another key is in that slot.
  ///
  /// Nothing here branches on what was found: bursts mix SIDs and other destinations, which no predictor can foresee.
  @inlinable @inline(__always) func lookupHosts(
    _ slots: HostSlots, count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
    results: UnsafeMutablePointer<UInt32>, pending: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var missed = 0
    var position = 0
    while position < count {
      let (table, destination) = (tables[position], destinations[position])
      let home = slots.home(table: table, address: destination)
      let (cell, owner, difference) = slots.read(home, table: table, address: destination)
      // Of another key's slot the owner, which is not 0: there may be more to find behind it.
      let result = difference == 0 ? cell : UInt32(truncatingIfNeeded: owner)
      results[position] = result
      pending[missed] = UInt32(truncatingIfNeeded: position)
      missed &+= difference == 0 && cell != 0 ? 0 : 1
      position &+= 1
    }
    return missed
  }

  /// Walks the tries for the first `missed` positions in the list of ended lookups.
  @inlinable @inline(__always) func lookupPrefixes(
    _ slots: HostSlots, missed: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
    results: UnsafeMutablePointer<UInt32>, pending: PendingLookups
  ) {
    var pending = pending
    var entry = 0
    while entry < missed {
      let position = Int(pending.entries[entry])
      entry &+= 1
      if results[position] != 0 {
        let cell = slots.find(table: tables[position], address: destinations[position])
        results[position] = cell
        if cell != 0 { continue }
      }
      let word = roots[Int(tables[position])].load(ordering: .relaxed)
      let leading = UInt32(truncatingIfNeeded: destinations[position].high &>> 32)
      let cell = cells[RootWord.cellIndex(word, leading: leading)].load(ordering: .relaxed)
      results[position] = cell
      pending.append(UInt32(truncatingIfNeeded: position) | RootWord.bits(word) &<< 8, cell: cell)
    }
    pending.finish(TrieReader(cells: cells), keys: destinations, results: results)
  }
}
