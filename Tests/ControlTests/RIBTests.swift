import Dataplane
import Tables
import TestSupport
import Testing
import Wire

@testable import Control

/// The best route of each prefix is in the tables, and a removed one uncovers the next.
@Suite struct RIBTests {

  private let fib4: FIB4
  private let fib6: FIB6
  private var rib: RIB

  init() throws {
    let arena = try CellArena(reservedBytes: 1 << 28)
    let frees = DeferredFrees(gracePeriod: NoReaders())
    (fib4, fib6) = (try FIB4(arena: arena, frees: frees), try FIB6(arena: arena, frees: frees))
    for table in 0..<3 as Range<UInt32> {
      try fib4.createTable(table)
      try fib6.createTable(table)
    }
    rib = RIB(fib4, fib6)
  }

  private let four = IPPrefix(parsing: "10.1.0.0/16")!
  private let six = IPPrefix(parsing: "2001:db8::/32")!
  private let host = IPPrefix(parsing: "2001:db8::1/128")!

  /// The next hop that packets to the first address of a prefix take, or nil.
  private func found(_ table: Int, _ prefix: IPPrefix) -> Int? {
    let cell =
      switch prefix {
      case .v4(let prefix): fib4.longestMatch(table: UInt32(table), address: prefix.address)?.value
      case .v6(let prefix): fib6.longestMatch(table: UInt32(table), address: prefix.address)?.value
      }
    return cell.map { RouteTarget(cell: $0).index }
  }

  @Test mutating func removedRoutesUncoverTheNextInEveryOrder() throws {
    let sources: [RouteSource] = [.connected, .static, .neighbor, .api]
    let best: [RouteSource] = [.connected, .api, .static, .neighbor]
    for prefix in [four, six, host] {
      for (offset, _) in sources.enumerated() {
        for index in sources.indices {
          let source = sources[(index + offset) % sources.count]
          #expect(try rib.add(table: 1, prefix, RouteCandidate(source, .nextHop(Int(source.rawValue) + 1))))
        }
        #expect(rib.candidates(table: 1, prefix).map(\.source) == best)
        for source in best {
          #expect(found(1, prefix) == Int(source.rawValue) + 1, "\(source)")
          #expect(try rib.remove(table: 1, prefix, source)?.source == source)
        }
        #expect(found(1, prefix) == nil)
        #expect(try rib.remove(table: 1, prefix, .static) == nil)
      }
      #expect(found(0, prefix) == nil, "another table has none of them")
    }
  }

  @Test mutating func aWorseRouteChangesNothingInTheTable() throws {
    try rib.add(table: 0, four, RouteCandidate(.static, .nextHop(7)))
    try rib.add(table: 0, four, RouteCandidate(.protocol, .nextHop(8)))
    #expect(found(0, four) == 7)
    try rib.remove(table: 0, four, .protocol)
    #expect(found(0, four) == 7)
    #expect(rib.candidates(table: 0, four) == [RouteCandidate(.static, .nextHop(7))])
  }

  @Test mutating func addRefusesWhatIsThereAndReplaceTakesItsPlace() throws {
    #expect(try rib.add(table: 0, four, RouteCandidate(.static, .nextHop(1))))
    #expect(try !rib.add(table: 0, four, RouteCandidate(.static, .nextHop(2))))
    #expect(found(0, four) == 1)
    #expect(
      try rib.replace(table: 0, four, RouteCandidate(.static, .nextHop(2))) == RouteCandidate(.static, .nextHop(1)))
    #expect(found(0, four) == 2)
    #expect(try rib.replace(table: 0, six, RouteCandidate(.static, .nextHop(3))) == nil)
    #expect(rib.candidates(table: 0, four).count == 1)
  }

  @Test mutating func metricsAndPreferencesOrderRoutesOfOneSource() throws {
    try rib.add(table: 0, four, RouteCandidate(.kernel, .nextHop(1), metric: 20))
    try rib.add(table: 0, four, RouteCandidate(.kernel, .nextHop(2), metric: 10))
    try rib.add(table: 0, four, RouteCandidate(.protocol, .nextHop(3), preference: 200))
    try rib.add(table: 0, four, RouteCandidate(.api, .nextHop(4), preference: 100, metric: 5))
    #expect(rib.candidates(table: 0, four).map(\.target.index) == [2, 1, 4, 3])
    try rib.remove(table: 0, four, .kernel, metric: 10)
    #expect(found(0, four) == 1)
    #expect(try rib.remove(table: 0, four, .kernel) == nil, "its metric is 20")
    try rib.remove(table: 0, four, .kernel, metric: 20)
    try rib.remove(table: 0, four, .api, metric: 5)
    #expect(found(0, four) == 3)
    #expect(rib.candidates(table: 0, four) == [RouteCandidate(.protocol, .nextHop(3), preference: 200)])
  }

  @Test func preferencesAreInTheOrderOfTheListing() {
    let order: [RouteSource] = [.local, .sid, .connected, .api, .static, .kernel, .protocol, .neighbor]
    #expect(RouteSource.allCases.sorted() == order)
  }

  @Test mutating func loadingIsAddingOneByOne() throws {
    var random = SeededRandom(seed: 4)
    var batch = RIB.Batch(tables: 3)
    var expected: [String: Set<RouteCandidate>] = [:]
    // Some are there before, and many prefixes and sources come again.
    for round in 0..<3000 {
      let table = random.below(3)
      let length = 8 + random.below(5)
      let address = UInt32(truncatingIfNeeded: random.next())
      let prefix =
        random.below(2) == 0
        ? IPAddress.v4(IPv4Address(address)).prefix(length)
        : IPAddress.v6(IPv6Address(high: UInt64(address) << 32, low: 0)).prefix(length)
      let source = RouteSource.allCases[random.below(RouteSource.allCases.count)]
      let candidate = RouteCandidate(source, .nextHop(1 + random.below(99)))
      let key = "\(table) \(prefix)"
      let isNew = !expected[key, default: []].contains { $0.source == source }
      if isNew { expected[key, default: []].insert(candidate) }
      if round < 1000 {
        #expect(try rib.add(table: table, prefix, candidate) == isNew)
      } else {
        batch.add(table: table, prefix, candidate)
      }
    }
    try rib.load(batch)
    var listed: [String: [RouteCandidate]] = [:]
    for table in 0..<3 {
      for row in rib.routes(table: table) {
        let key = "\(table) \(row.prefix)"
        #expect(row.isBest == (listed[key] == nil))
        listed[key, default: []].append(row.candidate)
        #expect(!row.isBest || found(table, row.prefix) != nil)
      }
    }
    #expect(listed.mapValues(Set.init) == expected)
    for (_, candidates) in listed {
      #expect(candidates.map(\.source) == candidates.map(\.source).sorted())
    }
  }

  @Test func aLabelIsNoPartOfATargetsIndex() {
    for index in [1, 1 << 20, RouteTarget.indexLimit - 1] {
      for target in [RouteTarget.nextHop(index), .sid(index)] {
        let labelled = target.labelled(0xff)
        #expect(labelled.index == index && labelled.isSID == target.isSID && labelled.label == 0xff)
        #expect(labelled.labelled(0) == target && labelled.value <= 0x7fff_ffff)
      }
    }
  }
}
