import Synchronization
import TestSupport
import Testing
import Wire

@testable import Tables

/// A reader looks addresses up while the writer adds, replaces and removes routes of all lengths and loads some, large
/// and small; the thresholds are such that roots are exchanged. Each answer must have been right before, during or after
/// the changes in flight.
@Suite struct ChangesUnderReaderTests {
  @Test func ipv4() throws { try run(FIB4.self, seed: 31) { $0.prefix() } }

  @Test func ipv6() throws { try run(FIB6.self, seed: 32) { $0.prefix() } }

  /// Most routes share their first bits, which the root skips until a route elsewhere comes.
  @Test func sharedBits() throws {
    try run(FIB4.self, seed: 33) { random in
      let within: UInt32 = random.clusteredBits(IPv4Address.self) >> 8 | 10 << 24
      let length = random.below(50) == 0 ? 0 : Int.random(in: 8...32, using: &random)
      return Prefix(covering: within, length: length)
    }
  }

  private func run<FIB: TestedFIB>(
    _: FIB.Type, seed: UInt64, prefix: (inout SeededRandom) -> Prefix<FIB.Address>
  ) throws {
    typealias Address = FIB.Address
    var random = SeededRandom(seed: seed)
    let history = History<Address>(requests: 600, prefixes: (0..<100).map { _ in prefix(&random) }, &random)
    let state = ReaderState()
    let frees = DeferredFrees(gracePeriod: state)
    let widths = [RootSizing.Width(bits: 16, fewRoutes: 50, routes: 50)]
    let sizing = RootSizing(
      widths: widths, budget: 0, skipsSharedBits: FIB.self == FIB4.self, indexedRoutes: 60)
    let fib = try FIB(arena: CellArena(), frees: frees, sizing: sizing)
    try fib.createTable(0)

    let progress = Progress()
    let lookup = fib.lookup
    let tables = Array(repeating: UInt32(0), count: history.addresses.count)
    state.startReader {
      let first = progress.ended.load(ordering: .acquiring)
      let answers = lookup(tables, history.addresses)
      return history.allows(answers, states: first...progress.begun.load(ordering: .acquiring))
    }
    var changes = 0
    for (step, request) in history.requests.enumerated() {
      changes += request.changes.count
      progress.begun.store(changes, ordering: .sequentiallyConsistent)
      try request.apply(to: fib)
      progress.ended.store(changes, ordering: .releasing)
      frees.reclaim()
      if step % 4 == 0 { state.awaitPasses(1) }
    }
    state.stopReader()
    #expect(state.wrongAnswers.load(ordering: .relaxed) == 0, "seed \(seed)")
    #expect(history.allows(lookup(tables, history.addresses), states: changes...changes), "seed \(seed)")
    frees.reclaim()
    #expect(frees.count == 0)
  }
}

/// The number of changes that the writer has begun at most, and that it has ended.
private final class Progress: Sendable {
  let begun = Atomic(0)
  let ended = Atomic(0)
}

/// What the writer asks for at once: one change, or a load of several.
private struct Request<Address: RoutableAddress & Sendable>: Sendable {
  /// Prefixes and their new values; 0 removes the route.
  var changes: [Route<Address>]
  let isLoad: Bool

  func apply<FIB: TestedFIB>(to fib: FIB) throws where FIB.Address == Address {
    if isLoad { return try fib.load(table: 0, routes: changes) }
    for change in changes {
      if change.value == 0 {
        _ = try fib.remove(table: 0, address: change.address, length: change.length)
      } else {
        _ = try fib.insert(table: 0, address: change.address, length: change.length, value: change.value)
      }
    }
  }
}

/// Requests, and the right answers after each of their changes.
private struct History<Address: RoutableAddress & Sendable>: Sendable {
  let requests: [Request<Address>]
  let addresses: [Address]
  private let answers: [[UInt32]]

  init(requests count: Int, prefixes: [Prefix<Address>], _ random: inout SeededRandom) {
    let addresses = prefixes.map { random.address(near: $0) }
    var (requests, answers) = ([Request<Address>](), [Array(repeating: UInt32(0), count: addresses.count)])
    var table = NaiveTable<Address>()
    for step in 0..<count {
      // Grow for a while, then shrink.
      let removes = Int.random(in: 0..<10, using: &random) < (step / 100 % 2 == 0 ? 2 : 7)
      let loads = Int.random(in: 0..<12, using: &random) == 0
      var request = Request<Address>(changes: [], isLoad: loads)
      let number = loads ? [2, 4, 20].randomElement(using: &random)! : 1
      for _ in 0..<number {
        let prefix = prefixes.randomElement(using: &random)!
        let value = removes && !loads ? 0 : UInt32.random(in: 1...Cell.maximumValue, using: &random)
        request.changes.append(Route(address: Address(bits: prefix.bits), length: prefix.length, value: value))
        table.routes[prefix] = value == 0 ? nil : value
        var next = answers.last!
        for (position, address) in addresses.enumerated() where prefix.covers(address.bits) {
          next[position] = table.lookup(address)
        }
        answers.append(next)
      }
      requests.append(request)
    }
    (self.requests, self.addresses, self.answers) = (requests, addresses, answers)
  }

  /// Whether each answer was right in one of these states, which are numbered by the changes made.
  func allows(_ found: [UInt32], states: ClosedRange<Int>) -> Bool {
    found.indices.allSatisfy { position in states.contains { answers[$0][position] == found[position] } }
  }
}
