import Testing
import Wire

@testable import Tables

/// Requests that must be refused, and tables that do not exist.
@Suite struct RequestTests {
  let arena: CellArena
  let gracePeriod = ManualGracePeriod()
  let frees: DeferredFrees
  let fib4: FIB4
  let fib6: FIB6

  init() throws {
    arena = try CellArena()
    frees = DeferredFrees(gracePeriod: gracePeriod)
    fib4 = try FIB4(arena: arena, frees: frees)
    fib6 = try FIB6(arena: arena, frees: frees)
    try fib4.createTable(1)
    try fib6.createTable(1)
  }

  @Test func hostBitsAreRefusedWithTheNetworkThatWasMeant() {
    let error = #expect(throws: TableError.self) {
      try fib4.insert(table: 1, address: IPv4Address(0x0a00_0001), length: 8, value: 1)
    }
    let (given, meant) = (IPv4Address(0x0a00_0001), IPv4Address(0x0a00_0000))
    #expect(error == .hostBitsSet(prefix: "\(given)/8", network: "\(meant)/8"))
    #expect(error?.description.contains("did you mean") == true)
    #expect(fib4.lookup([1], [given]) == [0])
    #expect(throws: TableError.self) {
      try fib6.remove(table: 1, address: IPv6Address(high: 1, low: 0), length: 63)
    }
  }

  @Test func lengthsBeyondTheAddressAreRefused() {
    #expect(throws: TableError.lengthOutOfRange(33, maximum: 32)) {
      try fib4.insert(table: 1, address: IPv4Address(0), length: 33, value: 1)
    }
    #expect(throws: TableError.lengthOutOfRange(-1, maximum: 128)) {
      try fib6.insert(table: 1, address: IPv6Address(high: 0, low: 0), length: -1, value: 1)
    }
    #expect(fib4.route(table: 1, address: IPv4Address(0), length: 33) == nil)
  }

  @Test(arguments: [0, 0x8000_0000] as [UInt32]) func valuesThatACellCannotHoldAreRefused(value: UInt32) {
    #expect(throws: TableError.valueOutOfRange(value)) {
      try fib4.insert(table: 1, address: IPv4Address(0), length: 0, value: value)
    }
  }

  @Test func tableIndexes() throws {
    #expect(throws: TableError.tableExists(1)) { try fib4.createTable(1) }
    #expect(throws: TableError.tableIndexOutOfRange(65_536)) { try fib6.createTable(65_536) }
    #expect(throws: TableError.noSuchTable(2)) { try fib4.destroyTable(2) }
    #expect(throws: TableError.noSuchTable(2)) {
      try fib4.insert(table: 2, address: IPv4Address(0), length: 0, value: 1)
    }
  }

  @Test func removingWhatIsNotThereGivesNil() throws {
    try fib4.insert(table: 1, address: IPv4Address(0x0a00_0000), length: 8, value: 5)
    #expect(try fib4.remove(table: 1, address: IPv4Address(0x0a00_0000), length: 9) == nil)
    #expect(fib4.lookup([1], [IPv4Address(0x0a00_0001)]) == [5])
  }

  @Test func tablesThatDoNotExistGiveNoRoute() {
    #expect(fib4.lookup([0, 65_535], [IPv4Address(0xffff_ffff), IPv4Address(0)]) == [0, 0])
    #expect(fib6.lookup([0, 65_535], [IPv6Address(high: .max, low: .max), IPv6Address(high: 0, low: 0)]) == [0, 0])
  }

  @Test func destroyedTablesGiveNoRouteAndTheirMemoryBack() throws {
    let (bytes, host) = (arena.bytesInUse, IPv6Address(high: 7, low: 7))
    try fib4.createTable(2)
    try fib6.createTable(2)
    try fib4.insert(table: 2, address: IPv4Address(0x0a00_0001), length: 32, value: 5)
    try fib6.insert(table: 2, address: IPv6Address(high: 0, low: 0), length: 0, value: 6)
    try fib6.insert(table: 2, address: host, length: 127 + 1, value: 7)
    #expect(fib6.lookup([2, 2], [host, IPv6Address(high: 8, low: 0)]) == [7, 6])
    try fib4.destroyTable(2)
    try fib6.destroyTable(2)
    #expect(fib4.lookup([2], [IPv4Address(0x0a00_0001)]) == [0])
    #expect(fib6.lookup([2, 2], [host, IPv6Address(high: 8, low: 0)]) == [0, 0])
    #expect(arena.bytesInUse > bytes)
    gracePeriod.endAll()
    frees.reclaim()
    #expect(arena.bytesInUse == bytes)
  }

  @Test func addressesToPrefetchAreThoseThatLookupsRead() throws {
    try fib4.insert(table: 1, address: IPv4Address(0x0a00_0000), length: 8, value: 5)
    #expect(fib4.view.cellAddress(table: 1, destination: 0x0a01_0203).pointee == 5)
    let sid = IPv6Address(high: 0xfc00_0000_0001_00d4, low: 0)
    try fib6.insert(table: 1, address: sid, length: 128, value: 9)
    let slot = fib6.view.hostAddress(table: 1, destination: sid)
    #expect(slot.load(as: UInt64.self) == sid.high)
    #expect(UInt(bitPattern: slot) % 32 == 0)
  }
}
