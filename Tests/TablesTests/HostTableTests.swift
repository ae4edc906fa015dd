import Testing
import Wire

@testable import Tables

/// The /128 routes.
@Suite struct HostTableTests {
  let gracePeriod = ManualGracePeriod()
  let frees: DeferredFrees
  let fib: FIB6

  init() throws {
    frees = DeferredFrees(gracePeriod: gracePeriod)
    fib = try FIB6(arena: CellArena(), frees: frees)
    for table in 0..<3 as Range<UInt32> { try fib.createTable(table) }
  }

  private func sid(_ function: Int) -> IPv6Address {
    IPv6Address(high: 0xfc00_0000_0001_0000 | UInt64(function), low: 0)
  }

  /// Answers for the SIDs in one table.
  private func answers(table: UInt32, _ functions: [Int]) -> [UInt32] {
    fib.lookup(Array(repeating: table, count: functions.count), functions.map(sid))
  }

  @Test func growsAndShrinksWithItsRoutes() throws {
    let emptyBytes = fib.hostBytesInUse
    let functions = Array(0..<2000)
    for function in functions {
      try fib.insert(table: UInt32(function % 2), address: sid(function), length: 128, value: UInt32(function + 1))
    }
    #expect(fib.hostBytesInUse >= 2 * 2000 * 32)
    let even: [UInt32] = functions.map { $0 % 2 == 0 ? UInt32($0 + 1) : 0 }
    let odd: [UInt32] = functions.map { $0 % 2 == 1 ? UInt32($0 + 1) : 0 }
    #expect(answers(table: 0, functions) == even)
    #expect(answers(table: 1, functions) == odd)
    for function in functions {
      #expect(try fib.remove(table: UInt32(function % 2), address: sid(function), length: 128) != nil)
    }
    #expect(answers(table: 0, functions).allSatisfy { $0 == 0 })
    #expect(fib.hostBytesInUse == emptyBytes)
    #expect(frees.count > 0)
  }

  @Test func tombstonesHideNothingAndAreDroppedInTime() throws {
    for function in 0..<16 { try fib.insert(table: 2, address: sid(function), length: 128, value: 5) }
    let bytes = fib.hostBytesInUse
    // Each round leaves a tombstone; the others must be found past it.
    for round in 16..<700 {
      try fib.insert(table: 2, address: sid(round), length: 128, value: 6)
      try fib.remove(table: 2, address: sid(round - 16), length: 128)
      #expect(answers(table: 2, Array(round - 15...round)).allSatisfy { $0 != 0 }, "round \(round)")
      #expect(answers(table: 2, [round - 16]) == [0], "round \(round)")
    }
    #expect(fib.hostBytesInUse == bytes)
  }

  @Test func aHostRouteWinsAndUncoversThePrefixWhenRemoved() throws {
    try fib.insert(table: 0, address: IPv6Address(high: 0xfc00_0000_0001_0000, low: 0), length: 48, value: 1)
    try fib.insert(table: 0, address: sid(4), length: 127, value: 2)
    try fib.insert(table: 0, address: sid(4), length: 128, value: 3)
    #expect(answers(table: 0, [3, 4]) == [1, 3])
    try fib.remove(table: 0, address: sid(4), length: 128)
    #expect(answers(table: 0, [4]) == [2])
    #expect(try fib.insert(table: 0, address: sid(4), length: 128, value: 4) == nil)
    #expect(try fib.insert(table: 0, address: sid(4), length: 128, value: 5) == 4)
    #expect(answers(table: 0, [4]) == [5])
  }

  /// Keys that differ in a few bits only, wherever those are, must spread as random ones do: 4,096 of them start
  /// in about 3,624 of 16,384 slots.
  @Test(arguments: stride(from: 0, through: 52, by: 4).map { UInt64($0) }) func keysThatDifferInAFewBitsSpread(
    shift: UInt64
  ) {
    let slots = HostSlots(word: 64 | 14)
    let base = IPv6Address(high: 0xfc00_0000_0001_0000, low: 0)
    let keys = (0..<4096 as Range<UInt64>).map { $0 << shift }
    let byHigh = Set(keys.map { slots.home(table: 0, address: IPv6Address(high: base.high ^ $0, low: 0)) })
    let byLow = Set(keys.map { slots.home(table: 0, address: IPv6Address(high: base.high, low: $0)) })
    #expect(byHigh.count > 3450)
    #expect(byLow.count > 3450)
  }

  @Test func tablesSpread() {
    let slots = HostSlots(word: 64 | 14)
    let homes = Set((0..<4096 as Range<UInt32>).map { slots.home(table: $0, address: sid(1)) })
    #expect(homes.count > 3450)
  }
}
