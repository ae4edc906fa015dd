import TestSupport
import Testing
import Wire

@testable import Tables

/// Running into the limit refuses the request and changes nothing.
@Suite struct MemoryLimitTests {
  let gracePeriod = ManualGracePeriod()

  @Test func ipv4() throws { try refusals(FIB4.self, limit: 20_000, seed: 21) }

  @Test func ipv6() throws { try refusals(FIB6.self, limit: 100_000, seed: 22) }

  /// Adds routes until memory ends, several times, with other routes gone in between.
  private func refusals<FIB: TestedFIB>(_: FIB.Type, limit: Int, seed: UInt64) throws {
    typealias Address = FIB.Address
    var random = SeededRandom(seed: seed)
    let arena = try CellArena(limitBytes: limit)
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    let fib = try FIB(arena: arena, frees: frees, threshold: 1 << 20)
    try fib.createTable(0)
    var naive = NaiveTable<Address>()
    var refused = 0
    while refused < 40 {
      let prefix: Prefix<Address> = random.prefix()
      let before = (arena.totalBytes, fib.bytesInUse(table: 0))
      do {
        _ = try fib.insert(table: 0, address: Address(bits: prefix.bits), length: prefix.length, value: 7)
        naive.routes[prefix] = 7
      } catch {
        #expect(error == .memoryLimit(bytes: limit))
        #expect((arena.totalBytes, fib.bytesInUse(table: 0)) == before)
        refused += 1
        try check(fib, naive, &random)
        for gone in naive.routes.keys.sorted(by: { ($0.bits, $0.length) < ($1.bits, $1.length) }).prefix(5) {
          #expect(try fib.remove(table: 0, address: Address(bits: gone.bits), length: gone.length) == 7)
          naive.routes[gone] = nil
        }
        gracePeriod.endAll()
      }
    }
  }

  private func check<FIB: TestedFIB>(
    _ fib: FIB, _ naive: NaiveTable<FIB.Address>, _ random: inout SeededRandom
  ) throws {
    #expect(fib.routes(table: 0).count == naive.routes.count)
    let addresses = naive.routes.keys.prefix(60).map { random.address(near: $0) }
    let answers = fib.lookup(Array(repeating: 0, count: addresses.count), addresses)
    let expected = addresses.map { naive.lookup($0) }
    #expect(answers == expected)
  }

  @Test func aBulkLoadIsRefusedWhole() throws {
    let arena = try CellArena(limitBytes: 100_000)
    let fib = try FIB6(arena: arena, frees: DeferredFrees(gracePeriod: gracePeriod))
    try fib.createTable(0)
    let top = IPv6Address(high: 0x2000 << 48, low: 0)
    try fib.load(table: 0, routes: [Route6(address: top, length: 16, value: 1)])
    gracePeriod.endAll()
    let bytes = fib.bytesInUse(table: 0)
    let host = IPv6Address(high: 0x2000 << 48, low: 1)
    let many = (0..<5000 as Range<UInt64>).map {
      Route6(address: IPv6Address(high: 0x2000 << 48 | $0 << 16, low: 0), length: 48, value: 2)
    }
    let others = [Route6(address: host, length: 128, value: 4), Route6(address: top, length: 16, value: 3)]
    #expect(throws: TableError.memoryLimit(bytes: 100_000)) { try fib.load(table: 0, routes: others + many) }
    #expect(fib.routes(table: 0).map(\.value) == [1])
    #expect(fib.lookup([0, 0], [host, many[9].address]) == [1, 1])
    #expect(fib.bytesInUse(table: 0) == bytes)
    #expect(throws: TableError.hostBitsSet(prefix: "2000::1/64", network: "2000::/64")) {
      try fib.load(table: 0, routes: others + [Route6(address: host, length: 64, value: 4)])
    }
    #expect(fib.routes(table: 0).map(\.value) == [1])
  }

  @Test func hostRoutesCountToo() throws {
    let arena = try CellArena(limitBytes: 100_000)
    let fib = try FIB6(arena: arena, frees: DeferredFrees(gracePeriod: gracePeriod))
    try fib.createTable(0)
    var added: UInt32 = 0
    #expect(throws: TableError.memoryLimit(bytes: 100_000)) {
      while added < 5000 {
        try fib.insert(table: 0, address: IPv6Address(high: 1, low: UInt64(added)), length: 128, value: added + 1)
        added += 1
      }
    }
    #expect(added >= 500)
    let addresses = (0...added).map { IPv6Address(high: 1, low: UInt64($0)) }
    let expected = (0...added).map { $0 < added ? $0 + 1 : 0 }
    #expect(fib.lookup(Array(repeating: 0, count: addresses.count), addresses) == expected)
    #expect(fib.routes(table: 0).count == Int(added))
  }

  @Test func aTableForWhichThereIsNoRoomDoesNotExist() throws {
    let fib = try FIB4(arena: CellArena(limitBytes: 1000), frees: DeferredFrees(gracePeriod: gracePeriod))
    #expect(throws: TableError.memoryLimit(bytes: 1000)) { try fib.createTable(4) }
    #expect(throws: TableError.noSuchTable(4)) { try fib.destroyTable(4) }
    #expect(fib.lookup([4], [IPv4Address(1)]) == [0])
  }

  @Test func withoutRoomForAWideRootATableStaysRight() throws {
    let arena = try CellArena(limitBytes: 10_000)
    let fib = try FIB4(arena: arena, frees: DeferredFrees(gracePeriod: gracePeriod), threshold: 3)
    try fib.createTable(0)
    for value in 1...6 as ClosedRange<UInt32> {
      try fib.insert(table: 0, address: IPv4Address(value << 24), length: 8, value: value)
    }
    #expect(fib.lookup([0, 0], [IPv4Address(0x0300_0001), IPv4Address(0x06ff_ffff)]) == [3, 6])
  }

  @Test func whatNoReaderHoldsIsReclaimedBeforeARequestIsRefused() throws {
    // The root, one check, two nodes of the list of routes: 1280 + 40 + 2 * 20, and unit 0.
    let arena = try CellArena(limitBytes: 1400)
    let fib = try FIB4(arena: arena, frees: DeferredFrees(gracePeriod: gracePeriod))
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
