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
        let missed = lookupHosts(
          count: min(count &- done, PendingLookups.batch), tables: tables, destinations: destinations,
          results: results, missed: entries)
        lookupPrefixes(
          missed: missed, tables: tables, destinations: destinations, results: results,
          pending: PendingLookups(entries: entries))
        done &+= PendingLookups.batch
      }
    }
  }

  /// Sets the results of destinations that have a /128 route, and lists the positions of the others in `missed`, which
  /// has room for two batches.
  ///
  /// Few things here branch on what was found: bursts mix SIDs and other destinations, which no predictor can foresee.
  @inlinable @inline(__always) func lookupHosts(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
    results: UnsafeMutablePointer<UInt32>, missed: UnsafeMutablePointer<UInt32>
  ) -> Int {
    let slots = HostSlots(word: hosts.pointee.load(ordering: .relaxed))
    let crowded = missed + PendingLookups.batch
    var flags: UInt32 = 0
    var position = 0
    while position < count {
      let (table, destination) = (tables[position], destinations[position])
      let home = slots.home(table: table, address: destination)
      let (cell, owner, difference) = slots.read(home, table: table, address: destination)
      results[position] = cell
      // Bit 31: not here. Bit 30: another key is here, and there may be more to find behind it.
      let isHere = difference.isZeroMask
      let isMissed = ~(isHere & ~UInt64(cell).isZeroMask) & 1 << 31
      let isCrowded = ~isHere & ~owner.isZeroMask & 1 << 30
      missed[position] = UInt32(truncatingIfNeeded: position) | isMissed | isCrowded
      flags |= isMissed | isCrowded
      position &+= 1
    }
    if flags == 0 { return 0 }
    var (missedCount, crowdedCount) = (0, 0)
    position = 0
    while position < count {
      let entry = missed[position]
      missed[missedCount] = entry & 0xff
      crowded[crowdedCount] = entry & 0xff
      missedCount &+= Int(entry &>> 31 & ~(entry &>> 30))
      crowdedCount &+= Int(entry &>> 30 & 1)
      position &+= 1
    }
    position = 0
    while position < crowdedCount {
      let place = Int(crowded[position])
      let cell = slots.find(table: tables[place], address: destinations[place])
      results[place] = cell
      missed[missedCount] = crowded[position]
      missedCount &+= cell == 0 ? 1 : 0
      position &+= 1
    }
    return missedCount
  }

  /// Walks the tries for the first `missed` positions in the list of ended lookups.
  @inlinable @inline(__always) func lookupPrefixes(
    missed: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<IPv6Address>,
    results: UnsafeMutablePointer<UInt32>, pending: PendingLookups
  ) {
    if missed == 0 { return }
    var pending = pending
    var entry = 0
    while entry < missed {
      let position = Int(pending.entries[entry])
      let word = roots[Int(tables[position])].load(ordering: .relaxed)
      let leading = UInt32(truncatingIfNeeded: destinations[position].high &>> 32)
      results[position] = cells[RootWord.cellIndex(word, leading: leading)].load(ordering: .relaxed)
      pending.entries[entry] = UInt32(truncatingIfNeeded: position) | RootWord.bits(word) &<< 8
      entry &+= 1
    }
    entry = 0
    while entry < missed {
      let item = pending.entries[entry]
      pending.append(item, cell: results[Int(item & 0xff)])
      entry &+= 1
    }
    pending.finish(TrieReader(cells: cells), keys: destinations, results: results)
  }
}
