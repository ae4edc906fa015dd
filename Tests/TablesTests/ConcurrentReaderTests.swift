import TestSupport
import Testing
import Wire

@testable import Tables

/// A reader looks addresses up while the writer adds and removes routes over a stable one: each answer must be the
/// stable route's or that of a route which covers the address, and never none.
@Suite struct ConcurrentReaderTests {
  @Test func ipv4() throws { try run(FIB4.self, seed: 11) }

  @Test func ipv6() throws { try run(FIB6.self, seed: 12) }

  private func run<FIB: TestedFIB>(_: FIB.Type, seed: UInt64) throws {
    typealias Address = FIB.Address
    var random = SeededRandom(seed: seed)
    let state = ReaderState()
    let frees = DeferredFrees(gracePeriod: state)
    // The threshold is crossed both ways, so that roots are exchanged under the reader too.
    let fib = try FIB(arena: CellArena(), frees: frees, threshold: 40)
    try fib.createTable(0)
    _ = try fib.insert(table: 0, address: Address(bits: 0), length: 0, value: 1)

    // Without the shortest, each of which rewrites millions of cells of a large root.
    let prefixes = (0..<120).map { _ in random.prefix(Address.self) }.filter { $0.length >= 8 }
    let addresses = prefixes.map { random.address(near: $0) }
    let (expected, lookup) = (Expected(prefixes: prefixes, addresses: addresses), fib.lookup)
    let tables = Array(repeating: UInt32(0), count: addresses.count)
    var checked: [UInt32] = []
    state.startReader {
      let answers = lookup(tables, addresses)
      // Looking up again and again, rather than checking the same answers, is what meets the states between.
      defer { checked = answers }
      return answers == checked || expected.allows(answers)
    }

    for step in 0..<1200 {
      let position = Int.random(in: 0..<prefixes.count, using: &random)
      let address = Address(bits: prefixes[position].bits)
      if step / 300 % 2 == 0 {
        _ = try fib.insert(table: 0, address: address, length: prefixes[position].length, value: UInt32(position + 2))
      } else {
        _ = try fib.remove(table: 0, address: address, length: prefixes[position].length)
      }
      frees.reclaim()
      // Let the reader see a good part of the states between.
      if step % 10 == 0 { state.awaitPasses(2) }
    }
    state.stopReader()
    #expect(state.wrongAnswers.load(ordering: .relaxed) == 0, "seed \(seed)")
    #expect(state.passes.load(ordering: .relaxed) >= 240)
    frees.reclaim()
    #expect(frees.count == 0)
  }
}

/// Which answers an address may get: 1 from the stable route, or n + 2 from prefix n if that covers the address.
private struct Expected<Address: RoutableAddress & Sendable>: Sendable {
  private let allowed: [Set<UInt32>]

  init(prefixes: [Prefix<Address>], addresses: [Address]) {
    allowed = addresses.map { address in
      Set(
        [1]
          + prefixes.indices.filter { position in
            Prefix(covering: address.bits, length: prefixes[position].length) == prefixes[position]
          }.map { UInt32($0 + 2) })
    }
  }

  func allows(_ answers: [UInt32]) -> Bool { zip(allowed, answers).allSatisfy { $0.contains($1) } }
}
