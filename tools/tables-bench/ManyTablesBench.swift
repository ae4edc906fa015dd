import Foundation
import Tables
import TestSupport

/// 4,096 tables of 1,000 routes each, which every batch mixes at random.
struct ManyTablesBench {
  let settings: Settings

  /// Bytes of all tables, and ticks per lookup beside those in the one table of `single`.
  func run(beside single: OneTableBench<FIB4>) throws {
    var random = settings.random(4096)
    let tables = settings.scaled(4096)
    let routes = (0..<tables).map { _ in RouteSpace.tenant.routes(1000, &random) }
    let destinations = Destinations(amongRoutesOf: routes, &random)
    let residentBefore = try residentBytes()
    let many = try OurTables<FIB4>(count: tables)
    for (table, routes) in routes.enumerated() { try many.load(table: table, routes) }
    let resident = try residentBytes() - residentBefore
    try check(many, destinations, routes)
    Report.measured(Side(name: "ipv4-4096vrf-bytes", runs: [Double(many.bytes)]), unit: "bytes")
    Report.measured(Side(name: "ipv4-4096vrf-arena-bytes", runs: [Double(many.arenaBytes)]), unit: "bytes")
    Report.measured(Side(name: "ipv4-4096vrf-resident-bytes", runs: [Double(resident)]), unit: "bytes")
    let runs = settings.windows.alternate(
      many.lookups(destinations).advance, single.ours.lookups(single.destinations).advance)
    Report.measured(
      Side(name: "ipv4-4096vrf-ticks", runs: settings.ticks(runs.ours)), unit: "TSC ticks per lookup",
      beside: Side(name: "ipv4-1vrf-ticks", runs: settings.ticks(runs.theirs)), ratio: "ipv4-4096vrf-vs-1vrf",
      variant: "one table of \(single.routes.count) routes")
  }

  private func check(
    _ many: OurTables<FIB4>, _ destinations: Destinations<UInt32>, _ routes: [[NumberedRoute<UInt32>]]
  ) throws {
    let oracles = routes.map { Oracle($0) }
    try many.check(destinations, against: "the oracle") { table, index in
      oracles[table].answer(destinations.numbers[index])
    }
  }

  /// The memory of this process that the kernel counts as resident: tables, what the allocator keeps, and huge pages
  /// that are used in part.
  private func residentBytes() throws -> Int {
    let line = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let fields = line.split(separator: " ")
    return Int(fields[1])! * Int(getpagesize())
  }
}
