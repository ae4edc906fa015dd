import Testing
import Wire

@testable import Tables

/// Running into the arena's limit refuses the request and changes nothing.
@Suite struct MemoryLimitTests {
  let gracePeriod = ManualGracePeriod()

  /// An arena for `groups` groups beside the one that every arena has.
  private func arena(groups: Int) throws -> CellArena {
    try CellArena(limitBytes: (groups + 1) * CellArena.bytesPerGroup)
  }

  @Test func aRouteThatNeedsMoreGroupsThanAreLeftChangesNothing() throws {
    let arena = try arena(groups: 4)
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    let fib = try FIB6(arena: arena, frees: frees)
    try fib.createTable(0)
    try fib.insert(table: 0, address: IPv6Address(high: 0, low: 0), length: 0, value: 1)
    try fib.insert(table: 0, address: IPv6Address(high: 0x2000 << 48, low: 0), length: 16, value: 2)
    let bytes = arena.bytesInUse

    let wanted = IPv6Address(high: 0x3001_0db8_0001_0000, low: 0)
    #expect(throws: TableError.memoryLimit(bytes: 5 * CellArena.bytesPerGroup)) {
      try fib.insert(table: 0, address: wanted, length: 48, value: 3)
    }
    #expect(arena.bytesInUse == bytes)
    #expect(fib.routes(table: 0).map(\.value) == [1, 2])
    #expect(fib.lookup([0, 0], [wanted, IPv6Address(high: 0x2000 << 48, low: 0)]) == [1, 2])
    #expect(throws: Never.self) {
      try fib.insert(table: 0, address: IPv6Address(high: 0, low: 0), length: 24, value: 4)
    }
  }

  @Test func aTableForWhichThereIsNoRoomDoesNotExist() throws {
    let fib = try FIB4(arena: arena(groups: 255), frees: DeferredFrees(gracePeriod: gracePeriod))
    #expect(throws: TableError.memoryLimit(bytes: 256 * CellArena.bytesPerGroup)) { try fib.createTable(4) }
    #expect(throws: TableError.noSuchTable(4)) { try fib.destroyTable(4) }
    #expect(fib.lookup([4], [IPv4Address(1)]) == [0])
  }

  @Test func withoutRoomForALargeRootATableStaysRight() throws {
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    let fib = try FIB4(arena: arena(groups: 256 + 8), frees: frees, flatThreshold: 3)
    try fib.createTable(0)
    for value in 1...6 as ClosedRange<UInt32> {
      try fib.insert(table: 0, address: IPv4Address(value << 24), length: 8, value: value)
    }
    #expect(fib.lookup([0, 0], [IPv4Address(0x0300_0001), IPv4Address(0x06ff_ffff)]) == [3, 6])
  }

  @Test func whatNoReaderHoldsIsReclaimedBeforeARequestIsRefused() throws {
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    let fib = try FIB4(arena: arena(groups: 256 + 2), frees: frees)
    try fib.createTable(0)
    let (first, second) = (IPv4Address(0x0a00_0001), IPv4Address(0x0b00_0001))
    try fib.insert(table: 0, address: first, length: 32, value: 1)
    try fib.remove(table: 0, address: first, length: 32)
    #expect(throws: TableError.self) { try fib.insert(table: 0, address: second, length: 32, value: 2) }
    gracePeriod.endAll()
    try fib.insert(table: 0, address: second, length: 32, value: 2)
    #expect(fib.lookup([0, 0], [first, second]) == [0, 2])
  }

  @Test func anImpossibleReservationSaysWhy() {
    let error = #expect(throws: TableError.self) { _ = try CellArena(reservedBytes: 1 << 60) }
    #expect(error?.description.contains("vm.overcommit_memory") == true)
  }
}
