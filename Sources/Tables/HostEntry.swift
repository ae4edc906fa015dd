import Synchronization
import Wire

/// A slot of the host table, half a cache line.
///
/// A slot is empty (all zero), then live, and may become a tombstone (`cell` 0) and live again, always for the same
/// key: the key is written before `cell` and never changes after.
@frozen @usableFromInline struct HostEntry: ~Copyable {
  @usableFromInline let high: Atomic<UInt64>
  @usableFromInline let low: Atomic<UInt64>
  /// The table index plus 1, so that an empty slot matches no table.
  @usableFromInline let owner: Atomic<UInt64>
  /// The value of the route, or 0.
  @usableFromInline let cell: Atomic<UInt64>

  init() {
    high = Atomic(0)
    low = Atomic(0)
    owner = Atomic(0)
    cell = Atomic(0)
  }
}

/// The slots of one generation of the host table: open addressing with linear probing, at most 5/8 of them used.
@frozen @usableFromInline struct HostSlots {
  @usableFromInline let entries: UnsafeMutablePointer<HostEntry>
  @usableFromInline let mask: UInt64
  /// How far a 64-bit hash is shifted to number a slot.
  @usableFromInline let shift: UInt64

  /// Unpacks what is published to readers: the address of the slots, a multiple of 64, and in its low 6 bits the
  /// binary logarithm of their number.
  @inlinable init(word: UInt64) {
    entries = UnsafeMutablePointer(bitPattern: UInt(word & ~63)).unsafelyUnwrapped
    mask = (1 &<< word) &- 1
    shift = 64 &- (word & 63)
  }

  /// The slot where the search for a key starts.
  ///
  /// Multilinear hashing: each half is spread to the top bits by an odd constant of its own. SIDs differ in a few
  /// neighbouring bits somewhere; the constants are such that 4,096 keys which differ in any 12 of them start in at least
  /// 3,700 of 16,384 slots, more than random ones do.
  @inlinable @inline(__always) func home(table: UInt32, address: IPv6Address) -> Int {
    let product = address.high &* 0x39a7_2dab_d56a_2743 &+ (address.low ^ UInt64(table)) &* 0x4041_7c93_beeb_0493
    return Int(truncatingIfNeeded: product &>> shift)
  }

  /// The slot after this one.
  @inlinable func next(_ slot: Int) -> Int {
    Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: slot &+ 1) & mask)
  }

  /// What a slot holds, and whether it is this key's: its value, who owns it (0: nobody), and 0 where the key is this.
  @inlinable @inline(__always) func read(_ slot: Int, table: UInt32, address: IPv6Address) -> (
    cell: UInt32, owner: UInt64, difference: UInt64
  ) {
    // Acquire: the key is at least as new as the cell.
    let cell = UInt32(truncatingIfNeeded: entries[slot].cell.load(ordering: .acquiring))
    let owner = entries[slot].owner.load(ordering: .relaxed)
    let difference =
      (entries[slot].high.load(ordering: .relaxed) ^ address.high)
      | (entries[slot].low.load(ordering: .relaxed) ^ address.low) | (owner ^ (UInt64(table) &+ 1))
    return (cell, owner, difference)
  }

  /// The cell of a host route, or 0.
  @inlinable func find(table: UInt32, address: IPv6Address) -> UInt32 {
    var slot = home(table: table, address: address)
    while true {
      let (cell, owner, difference) = read(slot, table: table, address: address)
      if difference == 0 { return cell }
      if owner == 0 { return 0 }
      slot = next(slot)
    }
  }
}
