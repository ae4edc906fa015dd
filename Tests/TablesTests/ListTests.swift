import TestSupport
import Testing
import Wire

@testable import Tables

/// The few routes of a slot in one list: how many fit, which lengths, and that nothing depends on their order.
@Suite struct ListTests {
  private let arena: CellArena
  private let fib: FIB4
  private let frees: DeferredFrees
  private let gracePeriod = ManualGracePeriod()

  init() throws {
    gracePeriod.endsAtOnce = true
    arena = try CellArena()
    frees = DeferredFrees(gracePeriod: gracePeriod)
    fib = try FIB4(arena: arena, frees: frees)
    try fib.createTable(0, form: .compact)
  }

  private func insert(_ bits: UInt32, _ length: Int, _ value: UInt32) throws {
    try fib.insert(table: 0, address: IPv4Address(bits), length: length, value: value)
  }

  private func lookup(_ bits: [UInt32]) -> [UInt32] {
    fib.lookup(Array(repeating: 0, count: bits.count), bits.map { IPv4Address($0) })
  }

  /// Bytes of cells in use, without what waits.
  private var bytes: Int {
    frees.reclaim()
    return arena.bytesInUse
  }

  @Test func listsGrowAndShrinkWithTheirRoutes() throws {
    try insert(0x0a01_0000, 16, 1)
    try insert(0x0a02_0000, 16, 2)
    let empty = bytes
    var sizes: [Int] = []
    for count in 1...15 as ClosedRange<UInt32> {
      try insert(0x0a01_0000 | count << 8, 24, 100 + count)
      sizes.append((bytes - empty) / CellArena.bytesPerUnit)
      let addresses = (0...count + 1).map { 0x0a01_0007 | $0 << 8 }
      #expect(lookup(addresses) == [1] + (1...count).map { 100 + $0 } + [1])
    }
    #expect(sizes.prefix(14) == [1, 1, 1, 1, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4])
    for count in (1...15 as ClosedRange<UInt32>).reversed() {
      #expect((bytes - empty) / CellArena.bytesPerUnit == sizes[Int(count) - 1])
      try fib.remove(table: 0, address: IPv4Address(0x0a01_0000 | count << 8), length: 24)
      #expect(lookup([0x0a01_0000 | count << 8, 0x0a01_0100]) == [1, count == 1 ? 1 : 101])
    }
    #expect(bytes == empty)
  }

  @Test func theLongestOfNestedRoutesWins() throws {
    try insert(0x0a02_0000, 16, 2)
    let lengths = [24, 17, 31, 20, 28, 18, 30, 22]
    for length in lengths { try insert(0x0a01_0000, length, UInt32(length)) }
    for length in lengths {
      #expect(lookup([0x0a01_0000 | 1 << UInt32(31 - length)]) == [UInt32(length)])
    }
    try insert(0x0a01_0000, 31, 99)
    #expect(lookup([0x0a01_0000, 0x0a01_0002]) == [99, 30])
    try fib.remove(table: 0, address: IPv4Address(0x0a01_0000), length: 31)
    #expect(lookup([0x0a01_0000, 0x0a01_8000, 0x0a00_0000]) == [30, 0, 0])
  }

  @Test func aChangedRouteAboveShowsWhereTheListHasNone() throws {
    try insert(0x0a01_0100, 24, 1)
    try insert(0x0a02_0100, 24, 2)
    for value in [10, 11] as [UInt32] {
      try insert(0x0a00_0000, 8, value)
      #expect(lookup([0x0a01_0101, 0x0a01_0001, 0x0a03_0000]) == [1, value, value])
    }
    try fib.remove(table: 0, address: IPv4Address(0x0a00_0000), length: 8)
    #expect(lookup([0x0a01_0101, 0x0a01_0001]) == [1, 0])
  }

  /// Behind 16 bits, a list has no place for whole addresses.
  @Test(arguments: [1, 2, 3, 20] as [UInt32]) func hostRoutesBehindShortRoots(count: UInt32) throws {
    try insert(0x0a02_0000, 16, 2)
    for host in 1...count {
      try insert(0x0a01_0000 | host << 8 | host, 32, 100 + host)
      try insert(0x0a01_0000 | host << 8, 24, 200 + host)
    }
    let addresses = (1...count).flatMap { [0x0a01_0000 | $0 << 8 | $0, 0x0a01_0000 | $0 << 8] }
    #expect(lookup(addresses) == (1...count).flatMap { [100 + $0, 200 + $0] })
    for host in 1...count {
      try fib.remove(table: 0, address: IPv4Address(0x0a01_0000 | host << 8 | host), length: 32)
    }
    #expect(lookup(addresses) == (1...count).flatMap { [200 + $0, 200 + $0] })
  }
}
