import Glibc
import Tables
import TestSupport

/// Millions of random changes of many tables, then their bytes beside those of the same routes loaded afresh, and
/// their answers beside the oracle's.
struct ChurnBench<F: FIB> {
  typealias Number = F.Address.Number

  let settings: Settings
  /// The first part of the figures' names.
  let name: String
  let space: RouteSpace<Number>
  let tables: Int
  let changes: Int
  /// The routes that the largest table starts with; the smallest starts with 16.
  let largest: Int

  func run() throws {
    var random = settings.random(UInt64(changes + tables))
    let churned = try OurTables<F>(count: tables)
    var models: [ChangingRoutes<Number>] = []
    for (table, size) in sizes.enumerated() {
      let routes = space.routes(size, &random)
      try churned.load(table: table, routes)
      models.append(ChangingRoutes(routes, space: space))
    }
    for index in 0..<changes {
      let table = random.below(tables)
      // Tables grow for a while and then shrink, so that they change their form again and again.
      let adding = (index / (changes / 16 + 1) + table) % 2 == 0 ? 3 : 1
      try churned.apply(models[table].change(&random, adding: adding), table: table)
    }
    churned.reclaim()
    let fresh = try OurTables<F>(count: tables)
    for (table, model) in models.enumerated() { try fresh.load(table: table, model.routes) }
    Report.measured(
      Side(name: "\(name)-bytes", runs: [Double(churned.bytes)]), unit: "bytes",
      beside: Side(name: "\(name)-fresh-bytes", runs: [Double(fresh.bytes)]), ratio: "\(name)-bytes-vs-fresh",
      variant: "the same routes loaded afresh, after \(changes) changes of \(tables) tables")
    try check(churned, models.map(\.routes), &random)
  }

  /// Sizes in a geometric row, so that every form of table is among them.
  private var sizes: [Int] {
    let steps = Double(tables - 1)
    return (0..<tables).map { Int(16 * exp(log(Double(max(16, largest)) / 16) * Double($0) / steps)) }
  }

  private func check(
    _ churned: OurTables<F>, _ routes: [[NumberedRoute<Number>]], _ random: inout SeededRandom
  ) throws {
    let oracles = routes.map { Oracle($0) }
    // A table without routes is asked for something too.
    let asked = routes.map { $0.isEmpty ? [space.route(&random, value: 1)] : $0 }
    var destinations = Destinations(amongRoutesOf: asked, &random)
    destinations.mixInEdges(of: routes, &random)
    try churned.check(destinations, against: "the oracle") { table, index in
      oracles[table].answer(destinations.numbers[index])
    }
    Report.measured(
      Side(name: "\(name)-checked-lookups", runs: [Double(Destinations<Number>.count)]), unit: "lookups",
      better: "higher")
  }
}
