import TestSupport
import Testing
import Wire

@testable import Tables

/// What tables cost follows from their routes, and hardly from how they came to have them.
@Suite struct HistoryTests {
  @Test func ipv4() throws { try run(FIB4.self, hosts: false, seed: 51) }

  @Test func ipv6() throws { try run(FIB6.self, hosts: false, seed: 52) }

  @Test func hostRoutes() throws { try run(FIB6.self, hosts: true, seed: 53) }

  /// Sixteen tables of different sizes, that grow and shrink.
  private func run<FIB: TestedFIB>(_: FIB.Type, hosts: Bool, seed: UInt64) throws {
    typealias Address = FIB.Address
    var random = SeededRandom(seed: seed)
    let frees = DeferredFrees(gracePeriod: EndedGracePeriods())
    let (arena, freshArena) = (try CellArena(), try CellArena())
    let (fib, fresh) = (try Self.make(FIB.self, arena, frees), try Self.make(FIB.self, freshArena, frees))
    var tables = Array(repeating: [Prefix<Address>](), count: 16)
    for step in 0..<24_000 {
      let table = Int.random(in: 0..<16, using: &random)
      let length = hosts ? Address.Bits.bitWidth : Int.random(in: 1...Address.Bits.bitWidth, using: &random)
      let prefix = Prefix<Address>(
        covering: Address.Bits.random(in: 0...Address.Bits.max, using: &random), length: length)
      let removes = step % 6000 > 3000 + table * 100
      if removes, !tables[table].isEmpty {
        tables[table].swapAt(Int.random(in: tables[table].indices, using: &random), tables[table].count - 1)
        let gone = tables[table].removeLast()
        _ = try fib.remove(table: UInt32(table), address: Address(bits: gone.bits), length: gone.length)
      } else {
        let old = try fib.insert(table: UInt32(table), address: Address(bits: prefix.bits), length: length, value: 7)
        if old == nil { tables[table].append(prefix) }
      }
      frees.reclaim()
    }
    for (table, routes) in tables.enumerated() {
      let list = routes.map { Route(address: Address(bits: $0.bits), length: $0.length, value: 7) }
      try fresh.load(table: UInt32(table), routes: list)
      frees.reclaim()
    }
    let (churned, loaded) = (arena.totalBytes, freshArena.totalBytes)
    #expect(abs(churned - loaded) * 20 <= loaded, "seed \(seed): \(churned) and \(loaded) bytes")
  }

  private static func make<FIB: TestedFIB>(_: FIB.Type, _ arena: CellArena, _ frees: DeferredFrees) throws -> FIB {
    let fib = try FIB(arena: arena, frees: frees, sizing: RootSizing(widths: RootSizing.ipv6, budget: 0))
    for table in 0..<16 as Range<UInt32> { try fib.createTable(table) }
    return fib
  }
}

private final class EndedGracePeriods: GracePeriod {
  func start() -> UInt64 { 0 }
  func isOver(_ token: UInt64) -> Bool { true }
}
