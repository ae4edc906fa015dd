import Testing
import Wire

@testable import Tables

/// A root skips leading bits that all routes share.
@Suite struct SharedBitsTests {
  private let fib: FIB4
  private let gracePeriod = ManualGracePeriod()

  init() throws {
    gracePeriod.endsAtOnce = true
    fib = try FIB4(arena: CellArena(), frees: DeferredFrees(gracePeriod: gracePeriod))
  }

  private func lookup(_ table: UInt32, _ bits: [UInt32]) -> [UInt32] {
    fib.lookup(Array(repeating: table, count: bits.count), bits.map { IPv4Address($0) })
  }

  private let addresses: [UInt32] = [0x0a01_0101, 0x0a01_0201, 0x0a02_0101, 0x0b01_0101, 0x8a01_0101, 0, ~0]

  @Test(arguments: [RootForm.automatic, .compact, .flat]) func routesElsewhereComeAndGo(form: RootForm) throws {
    try fib.createTable(5, form: form)
    try fib.insert(table: 5, address: IPv4Address(0x0a01_0100), length: 24, value: 1)
    #expect(lookup(5, addresses) == [1, 0, 0, 0, 0, 0, 0])
    try fib.insert(table: 5, address: IPv4Address(0x0a02_0100), length: 24, value: 2)
    #expect(lookup(5, addresses) == [1, 0, 2, 0, 0, 0, 0])
    let bytes = fib.bytesInUse(table: 5)
    try fib.insert(table: 5, address: IPv4Address(0), length: 0, value: 3)
    #expect(lookup(5, addresses) == [1, 3, 2, 3, 3, 3, 3])
    try fib.insert(table: 5, address: IPv4Address(0x0b00_0000), length: 8, value: 4)
    #expect(lookup(5, addresses) == [1, 3, 2, 4, 3, 3, 3])
    try fib.remove(table: 5, address: IPv4Address(0), length: 0)
    #expect(lookup(5, addresses) == [1, 0, 2, 4, 0, 0, 0])
    try fib.remove(table: 5, address: IPv4Address(0x0b00_0000), length: 8)
    #expect(lookup(5, addresses) == [1, 0, 2, 0, 0, 0, 0])
    #expect(fib.bytesInUse(table: 5) == bytes)
    try fib.remove(table: 5, address: IPv4Address(0x0a01_0100), length: 24)
    try fib.remove(table: 5, address: IPv4Address(0x0a02_0100), length: 24)
    #expect(lookup(5, addresses) == [0, 0, 0, 0, 0, 0, 0])
  }

  /// The same bits behind other leading ones are another address.
  @Test(arguments: [1, 100] as [UInt32]) func oneBatchMixesTables(count: UInt32) throws {
    for table in 0..<3 as Range<UInt32> {
      try fib.createTable(table)
      for route in 0..<count {
        try fib.insert(
          table: table, address: IPv4Address((10 + table) << 24 | route << 16), length: 16, value: 1 + table)
      }
    }
    let tables = (0..<3 as Range<UInt32>).flatMap { [$0, $0, $0] }
    let addresses = (0..<9).map { IPv4Address(UInt32(10 + $0 % 3) << 24 | 77) }
    #expect(fib.lookup(tables, addresses) == [1, 0, 0, 0, 2, 0, 0, 0, 3])
  }

  @Test func shapes() {
    let sizing = RootSizing(widths: RootSizing.ipv4, budget: 0, skipsSharedBits: true)
    #expect([0, 7, 8, 15, 16, 32].map { sizing.shape(bits: 8, shared: $0).skipped } == [0, 0, 8, 8, 16, 16])
    #expect([7, 8, 32].map { sizing.shape(bits: 16, shared: $0).skipped } == [0, 8, 8])
    #expect([18, 24].map { sizing.shape(bits: $0, shared: 32).skipped } == [0, 0])
  }
}
