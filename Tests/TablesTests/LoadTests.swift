import TestSupport
import Testing
import Wire

@testable import Tables

/// Loads into tables that have routes already.
@Suite struct LoadTests {
  private let gracePeriod = ManualGracePeriod()

  @Test func ipv4() throws { try run(FIB4.self, seed: 41) }

  @Test func ipv6() throws { try run(FIB6.self, seed: 42) }

  /// Large and small loads, with new prefixes, known ones and the same one several times, against the naive table.
  private func run<FIB: TestedFIB>(_: FIB.Type, seed: UInt64) throws {
    typealias Address = FIB.Address
    var random = SeededRandom(seed: seed)
    let fib = try FIB(
      arena: CellArena(), frees: DeferredFrees(gracePeriod: gracePeriod),
      sizing: RootSizing(widths: [.init(bits: 16, fewRoutes: 150, routes: 150)], budget: 0, indexedRoutes: 150))
    try fib.createTable(0)
    var naive = NaiveTable<Address>()
    let prefixes = (0..<300).map { _ in random.prefix(Address.self) }
    for number in [80, 5, 100, 9, 2, 150, 12, 1] {
      let routes = (0..<number).map { _ in
        let prefix = prefixes.randomElement(using: &random)!
        let value = UInt32.random(in: 1...Cell.maximumValue, using: &random)
        naive.routes[prefix] = value
        return Route(address: Address(bits: prefix.bits), length: prefix.length, value: value)
      }
      try fib.load(table: 0, routes: routes)
      let addresses = prefixes.map { random.address(near: $0) }
      let expected = addresses.map { naive.lookup($0) }
      #expect(fib.lookup(Array(repeating: 0, count: addresses.count), addresses) == expected, "seed \(seed)")
      #expect(fib.routes(table: 0).count == naive.routes.count)
    }
  }

  /// With room from too little for one of the routes to enough for all, few routes and many.
  @Test(arguments: [6, 60]) func aLoadThatIsRefusedLeavesNothing(number: Int) throws {
    let host = IPv6Address(high: 0x2001 << 48, low: 1)
    let old = (0..<100 as Range<UInt64>).map {
      Route6(address: IPv6Address(high: 0x2000 << 48 | $0 << 32, low: 0), length: 32, value: 1)
    }
    let few = (0..<UInt64(number)).map { index in
      Route6(address: IPv6Address(high: 0x2000 << 48 | index << 32 | 7 << 16, low: 0), length: 48, value: 3)
    }
    let new =
      [Route6(address: old[3].address, length: 32, value: 2), Route6(address: host, length: 128, value: 4)] + few
    let asked = old.map { IPv6Address(high: $0.address.high | 7 << 16, low: 9) } + [host]
    var refused = 0
    for room in stride(from: 0, to: 100_000, by: number * 10) {
      let arena = try CellArena(limitBytes: 1 << 20)
      let fib = try FIB6(arena: arena, frees: DeferredFrees(gracePeriod: gracePeriod))
      try fib.createTable(0)
      try fib.load(table: 0, routes: old)
      let (answers, bytes) = (fib.lookup(asked.map { _ in 0 }, asked), fib.bytesInUse(table: 0))
      arena.charge(arena.limitBytes - arena.totalBytes - room)
      guard (try? fib.load(table: 0, routes: new)) == nil else { break }
      refused += 1
      #expect(fib.lookup(asked.map { _ in 0 }, asked) == answers, "room \(room)")
      #expect(fib.routes(table: 0).map(\.value) == old.map(\.value), "room \(room)")
      #expect(fib.bytesInUse(table: 0) == bytes, "room \(room)")
    }
    #expect(refused > 3)
  }
}
