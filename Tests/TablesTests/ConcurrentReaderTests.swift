import Foundation
import Synchronization
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
    let reader = Thread {
      var checked: [UInt32] = []
      while !state.stop.load(ordering: .relaxed) {
        let answers = lookup(tables, addresses)
        // Looking up again and again, rather than checking the same answers, is what meets the states between.
        if answers != checked && !expected.allows(answers) { state.wrongAnswers.add(1, ordering: .relaxed) }
        checked = answers
        state.passes.add(1, ordering: .relaxed)
        state.reportQuiescence()
      }
      state.ended.store(true, ordering: .releasing)
    }
    reader.start()

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
      let passes = state.passes.load(ordering: .relaxed)
      while step % 10 == 0 && state.passes.load(ordering: .relaxed) < passes + 2 { sched_yield() }
    }
    state.stop.store(true, ordering: .relaxed)
    while !state.ended.load(ordering: .acquiring) { sched_yield() }
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

/// What reader and writer tell each other; quiescent states are counted as DPDK's QSBR does.
private final class ReaderState: GracePeriod, Sendable {
  let stop = Atomic(false)
  let ended = Atomic(false)
  let passes = Atomic(0)
  let wrongAnswers = Atomic(0)
  private let token = Atomic<UInt64>(0)
  private let seen = Atomic<UInt64>(0)

  func start() -> UInt64 { token.add(1, ordering: .sequentiallyConsistent).newValue }

  func isOver(_ token: UInt64) -> Bool { seen.load(ordering: .acquiring) >= token }

  func reportQuiescence() { seen.store(token.load(ordering: .acquiring), ordering: .releasing) }
}
