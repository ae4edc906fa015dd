import Testing
import Wire

@testable import Tables

/// How wide the root of a table is.
@Suite struct RootSizeTests {
  private let ipv4 = RootSizing(widths: RootSizing.ipv4, budget: 256 << 20)
  private let ipv6 = RootSizing(widths: RootSizing.ipv6, budget: 256 << 20)

  private func bits(_ sizing: RootSizing, _ routes: Int, tables: Int, current: Int = 8) -> Int {
    sizing.bits(form: .automatic, routes: routes, tables: tables, current: current)
  }

  @Test func byRoutesAndTables() {
    #expect([63, 64, 255, 256, 24_575, 24_576].map { bits(ipv4, $0, tables: 3) } == [8, 16, 16, 24, 24, 16])
    #expect([32_767, 32_768].map { bits(ipv4, $0, tables: 204) } == [16, 18])
    #expect([63, 64, 65_535, 65_536].map { bits(ipv4, $0, tables: 819) } == [8, 16, 16, 18])
    #expect([2047, 2048, 65_535, 65_536].map { bits(ipv4, $0, tables: 4096) } == [8, 16, 16, 18])
    #expect([255, 256].map { bits(ipv6, $0, tables: 819) } == [8, 16])
    #expect([4095, 4096].map { bits(ipv6, $0, tables: 820) } == [8, 16])
    #expect([16_383, 16_384].map { bits(ipv6, $0, tables: 3) } == [16, 24])
    #expect([65_535, 65_536].map { bits(ipv6, $0, tables: 4) } == [16, 24])
  }

  @Test func rootsStayNearAThreshold() {
    #expect([49_151, 49_152].map { bits(ipv6, $0, tables: 4, current: 24) } == [16, 24])
    #expect([49_151, 49_152].map { bits(ipv4, $0, tables: 4096, current: 18) } == [16, 18])
    // From too many routes for the widest root, and back.
    #expect([32_767, 32_768].map { bits(ipv4, $0, tables: 3, current: 24) } == [24, 18])
    #expect([24_575, 24_576].map { bits(ipv4, $0, tables: 3, current: 18) } == [24, 18])
  }

  @Test func asTold() {
    #expect(ipv4.bits(form: .compact, routes: 1 << 20, tables: 1, current: 24) == 8)
    #expect(ipv4.bits(form: .flat, routes: 0, tables: 5000, current: 8) == 24)
    #expect(ipv6.bits(form: .flat, routes: 0, tables: 5000, current: 8) == 24)
  }

  @Test func formsGiveTheSameAnswers() throws {
    let fib = try FIB4(arena: CellArena(), frees: DeferredFrees(gracePeriod: ManualGracePeriod()))
    let forms: [RootForm] = [.automatic, .compact, .flat]
    let tables: [UInt32] = [0, 1, 2]
    for (table, form) in zip(tables, forms) {
      try fib.createTable(table, form: form)
      try fib.insert(table: table, address: IPv4Address(0x0a00_0000), length: 8, value: 8)
      try fib.insert(table: table, address: IPv4Address(0x0a00_0080), length: 25, value: 25)
    }
    #expect(fib.lookup(tables, Array(repeating: IPv4Address(0x0a00_0081), count: 3)) == [25, 25, 25])
    #expect(fib.lookup(tables, Array(repeating: IPv4Address(0x0a00_007f), count: 3)) == [8, 8, 8])
    #expect(fib.bytesInUse(table: 2) - fib.bytesInUse(table: 1) == 5 << 24 - 5 << 8)
  }

  @Test func moreTablesMakeWideRootsNarrow() throws {
    let gracePeriod = ManualGracePeriod()
    gracePeriod.endsAtOnce = true
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    // For two roots of 16 bits.
    let fib = try FIB4(arena: CellArena(), frees: frees, rootBudget: 2 * 5 << 16)
    for table in 0..<2 as Range<UInt32> { try fib.createTable(table) }
    for value in 1...64 as ClosedRange<UInt32> {
      try fib.insert(table: 0, address: IPv4Address(value << 24), length: 8, value: value)
    }
    let wide = fib.bytesInUse(table: 0)
    try fib.createTable(2)
    #expect(wide - fib.bytesInUse(table: 0) == 5 << 16 - 5 << 8)
    let addresses = (1...65 as ClosedRange<UInt32>).map { IPv4Address($0 << 24 | 1) }
    #expect(fib.lookup(Array(repeating: 0, count: 65), addresses) == Array(1...64) + [0])
  }
}
