import Synchronization
import Wire

/// The /128 routes of all IPv6 tables, found by their exact address. For the control thread; readers go through
/// ``published``.
final class HostTable {
  private static let minimumCapacity = 1024

  /// The word that ``HostSlots`` unpacks, at an address that never changes.
  let published: UnsafeMutablePointer<Atomic<UInt64>>
  private let arena: CellArena
  private let frees: DeferredFrees
  private var slots: HostSlots
  private var capacity: Int
  private var liveCount = 0
  private var usedCount = 0

  init(arena: CellArena, frees: DeferredFrees) {
    self.arena = arena
    self.frees = frees
    capacity = Self.minimumCapacity
    slots = Self.makeSlots(capacity)
    published = .allocate(capacity: 1)
    published.initialize(to: Atomic(Self.word(slots, capacity)))
    arena.charge(bytesInUse)
  }

  deinit {
    Self.free(slots)
    arena.discharge(bytesInUse)
    published.deinitialize(count: 1)
    published.deallocate()
  }

  /// Bytes of the slots that readers use now.
  var bytesInUse: Int { Self.bytes(capacity) }

  private static func bytes(_ capacity: Int) -> Int { capacity * MemoryLayout<HostEntry>.stride }

  /// Adds a host route or gives it a new value.
  /// - Throws: ``TableError/memoryLimit(bytes:)``.
  func set(table: UInt32, address: IPv6Address, value: UInt32) throws(TableError) {
    if isEmpty(slot(of: address, table: table)) && !hasRoomForOne { try rebuild(for: liveCount + 1) }
    store(table: table, address: address, value: value)
  }

  /// Live entries use at most half of the slots. Tombstones may use an eighth more, so that not every few changes drop
  /// some.
  private var hasRoomForOne: Bool { (liveCount + 1) * 2 <= capacity && (usedCount + 1) * 8 <= capacity * 5 }

  /// Gives a host route that is there, or was lately, another value.
  func replace(table: UInt32, address: IPv6Address, value: UInt32) {
    store(table: table, address: address, value: value)
  }

  private func store(table: UInt32, address: IPv6Address, value: UInt32) {
    let slot = slot(of: address, table: table)
    if isEmpty(slot) {
      slots.entries[slot].high.store(address.high, ordering: .relaxed)
      slots.entries[slot].low.store(address.low, ordering: .relaxed)
      slots.entries[slot].owner.store(UInt64(table) + 1, ordering: .releasing)
      usedCount += 1
    }
    if slots.entries[slot].cell.load(ordering: .relaxed) == 0 { liveCount += 1 }
    slots.entries[slot].cell.store(UInt64(value), ordering: .releasing)
  }

  /// Removes a host route if it is there, leaving a tombstone for its key.
  func remove(table: UInt32, address: IPv6Address) {
    let slot = slot(of: address, table: table)
    guard slots.entries[slot].cell.load(ordering: .relaxed) != 0 else { return }
    slots.entries[slot].cell.store(0, ordering: .releasing)
    liveCount -= 1
    // Fewer slots only serve thrift. Half would do for a sixteenth more, so that a number of routes about there does not
    // have the slots copied at every change.
    if liveCount * 64 < capacity * 15 && capacity > Self.minimumCapacity { try? rebuild(for: liveCount) }
  }

  private func isEmpty(_ slot: Int) -> Bool { slots.entries[slot].owner.load(ordering: .relaxed) == 0 }

  /// The slot that holds a key, or else the empty one where it belongs.
  private func slot(of address: IPv6Address, table: UInt32) -> Int {
    var slot = slots.home(table: table, address: address)
    while true {
      let (_, owner, difference) = slots.read(slot, table: table, address: address)
      if difference == 0 || owner == 0 { return slot }
      slot = slots.next(slot)
    }
  }

  /// Copies the live entries, without tombstones, to the fewest slots of which `count` entries use no more than half.
  private func rebuild(for count: Int) throws(TableError) {
    var newCapacity = Self.minimumCapacity
    while newCapacity < count * 2 { newCapacity *= 2 }
    try arena.checkLimit(adding: Self.bytes(newCapacity))
    let (old, oldCapacity) = (slots, capacity)
    capacity = newCapacity
    slots = Self.makeSlots(capacity)
    arena.charge(bytesInUse)
    (liveCount, usedCount) = (0, 0)
    for slot in 0..<oldCapacity {
      let cell = old.entries[slot].cell.load(ordering: .relaxed)
      guard cell != 0 else { continue }
      let address = IPv6Address(
        high: old.entries[slot].high.load(ordering: .relaxed), low: old.entries[slot].low.load(ordering: .relaxed))
      let table = UInt32(old.entries[slot].owner.load(ordering: .relaxed) - 1)
      store(table: table, address: address, value: UInt32(cell))
    }
    published.pointee.store(Self.word(slots, capacity), ordering: .releasing)
    frees.retire { [arena] in
      Self.free(old)
      arena.discharge(Self.bytes(oldCapacity))
    }
  }

  private static func makeSlots(_ capacity: Int) -> HostSlots {
    let bytes = capacity * MemoryLayout<HostEntry>.stride
    let entries = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: HostEntry.self, capacity: capacity)
    for slot in 0..<capacity { (entries + slot).initialize(to: HostEntry()) }
    return HostSlots(word: UInt64(UInt(bitPattern: entries)) | UInt64(capacity.trailingZeroBitCount))
  }

  private static func word(_ slots: HostSlots, _ capacity: Int) -> UInt64 {
    UInt64(UInt(bitPattern: slots.entries)) | UInt64(capacity.trailingZeroBitCount)
  }

  private static func free(_ slots: HostSlots) {
    slots.entries.deallocate()
  }
}
