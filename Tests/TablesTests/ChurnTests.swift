import TestSupport
import Testing
import Wire

@testable import Tables

/// Several tables with overlapping prefixes under random inserts, replacements and removals, compared with naive
/// tables. The thresholds make tables exchange their roots both ways several times.
@Suite struct ChurnTests {
  static let seeds: [UInt64] = [1, 2]

  @Test(arguments: seeds) func ipv4(seed: UInt64) throws {
    try Churn<FIB4>(seed: seed, threshold: 40, tableIndexes: [0, 9]).run(steps: 400, checkEvery: 50)
  }

  @Test(arguments: seeds) func ipv6(seed: UInt64) throws {
    try Churn<FIB6>(seed: seed, threshold: 60, tableIndexes: [0, 7, 65_535]).run(steps: 800, checkEvery: 100)
  }
}

/// One run of the above.
final class Churn<FIB: TestedFIB> {
  typealias Address = FIB.Address

  private let seed: UInt64
  private let tableIndexes: [UInt32]
  private var random: SeededRandom
  private let arena: CellArena
  private let gracePeriod = ManualGracePeriod()
  private let frees: DeferredFrees
  private let fib: FIB
  private let emptyBytes: Int
  private var naive: [UInt32: NaiveTable<Address>] = [:]

  init(seed: UInt64, threshold: Int, tableIndexes: [UInt32]) throws {
    self.seed = seed
    self.tableIndexes = tableIndexes
    random = SeededRandom(seed: seed)
    arena = try CellArena()
    frees = DeferredFrees(gracePeriod: gracePeriod)
    fib = try FIB(arena: arena, frees: frees, threshold: threshold)
    for table in tableIndexes {
      try fib.createTable(table)
      naive[table] = NaiveTable()
    }
    emptyBytes = arena.bytesInUse
  }

  func run(steps: Int, checkEvery: Int) throws {
    for step in 1...steps {
      // Grow for the first half, shrink for the second.
      let removes = Int.random(in: 0..<10, using: &random) < (step * 2 < steps ? 2 : 8)
      let table = tableIndexes.randomElement(using: &random)!
      if removes { try removeOne(from: table) } else { try insertOne(into: table) }
      if step % 7 == 0 {
        gracePeriod.endAll()
        frees.reclaim()
      }
      if step % checkEvery == 0 { check(step) }
    }
    for table in tableIndexes {
      while !naive[table]!.routes.isEmpty { try removeOne(from: table) }
    }
    check(steps)
    gracePeriod.endAll()
    frees.reclaim()
    #expect(arena.bytesInUse == emptyBytes, "seed \(seed)")
  }

  private func insertOne(into table: UInt32) throws {
    let known = Int.random(in: 0..<5, using: &random) == 0 ? naive[table]!.routes.keys.min(by: lower) : nil
    let prefix = known ?? random.prefix()
    let value = UInt32.random(in: 1...0x7fff_ffff, using: &random)
    let replaced = try fib.insert(
      table: table, address: Address(bits: prefix.bits), length: prefix.length, value: value)
    #expect(replaced == naive[table]!.routes.updateValue(value, forKey: prefix), "seed \(seed)")
  }

  private func removeOne(from table: UInt32) throws {
    let sorted = naive[table]!.routes.keys.sorted(by: lower)
    let prefix = sorted.randomElement(using: &random) ?? random.prefix()
    let removed = try fib.remove(table: table, address: Address(bits: prefix.bits), length: prefix.length)
    #expect(removed == naive[table]!.routes.removeValue(forKey: prefix), "seed \(seed)")
  }

  private func lower(_ left: Prefix<Address>, _ right: Prefix<Address>) -> Bool {
    (left.bits, left.length) < (right.bits, right.length)
  }

  private func check(_ step: Int) {
    var tables: [UInt32] = []
    var addresses: [Address] = []
    let known = naive.mapValues { $0.routes.keys.sorted(by: lower) }
    for _ in 0..<300 {
      let table = tableIndexes.randomElement(using: &random)!
      let neighbour = known[table]!.randomElement(using: &random)
      tables.append(table)
      addresses.append(random.address(near: neighbour ?? random.prefix()))
    }
    let answers = fib.lookup(tables, addresses)
    for (position, answer) in answers.enumerated() {
      let (table, address) = (tables[position], addresses[position])
      let expected = naive[table]!.lookup(address)
      #expect(answer == expected, "seed \(seed) step \(step) table \(table) address \(address)")
      #expect(
        fib.longestMatch(table: table, address: address, atMost: 128)?.value ?? 0 == expected,
        "seed \(seed) step \(step)")
    }
    for table in tableIndexes {
      let listed = fib.routes(table: table)
      let expected = naive[table]!.routes.sorted { lower($0.key, $1.key) }
      #expect(listed.map(\.value) == expected.map(\.value), "seed \(seed) step \(step)")
      #expect(listed.map(\.address.bits) == expected.map(\.key.bits), "seed \(seed) step \(step)")
      #expect(listed.map(\.length) == expected.map(\.key.length), "seed \(seed) step \(step)")
    }
  }
}
