import Synchronization
import Wire

/// A slot of the host table, half a cache line.
///
/// A slot is empty (all zero), then live, and may become a tombstone (`cell` 0) and live again, always for the same
/// key: the key is written before `state` and never changes after.
@frozen @usableFromInline struct HostEntry: ~Copyable {
  @usableFromInline let high: Atomic<UInt64>
  @usableFromInline let low: Atomic<UInt64>
  /// The table index plus 1 in the upper half, so that an empty slot matches no table, and the cell in the lower half.
  @usableFromInline let state: Atomic<UInt64>
  @usableFromInline let padding: Atomic<UInt64>

  init() {
    high = Atomic(0)
    low = Atomic(0)
    state = Atomic(0)
    padding = Atomic(0)
  }
}

/// The slots of one generation of the host table: open addressing with linear probing, at most half of them used.
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
  @inlinable func home(table: UInt32, address: IPv6Address) -> Int {
    // SIDs differ in a few bits somewhere in the middle. A full product carries each of them far up and down, the fold
    // brings both ends together, and the last product spreads what is still regular in them to the top bits.
    let product = (address.high ^ 0x9e37_79b9_7f4a_7c15)
      .multipliedFullWidth(by: address.low ^ (0xd6e8_feb8_6659_fd93 &+ UInt64(table) &* 0xa076_1d64_78bd_642f))
    return Int(truncatingIfNeeded: ((product.high ^ product.low) &* 0x9e37_79b9_7f4a_7c15) &>> shift)
  }

  /// The slot after this one.
  @inlinable func next(_ slot: Int) -> Int {
    Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: slot &+ 1) & mask)
  }

  /// The state of a slot, and whether the slot holds this key.
  @inlinable @inline(__always) func read(_ slot: Int, table: UInt32, address: IPv6Address) -> (
    state: UInt64, difference: UInt64
  ) {
    // Acquire: the key is at least as new as the state.
    let state = entries[slot].state.load(ordering: .acquiring)
    let difference =
      (entries[slot].high.load(ordering: .relaxed) ^ address.high)
      | (entries[slot].low.load(ordering: .relaxed) ^ address.low) | ((state &>> 32) ^ (UInt64(table) &+ 1))
    return (state, difference)
  }

  /// The cell of a host route, or 0.
  @inlinable func find(table: UInt32, address: IPv6Address) -> UInt32 {
    var slot = home(table: table, address: address)
    while true {
      let (state, difference) = read(slot, table: table, address: address)
      if difference == 0 || state == 0 { return UInt32(truncatingIfNeeded: state) }
      slot = next(slot)
    }
  }
}
