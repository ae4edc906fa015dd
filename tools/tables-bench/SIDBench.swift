import Tables

/// 100,000 SIDs of one locator, beside a single one.
struct SIDBench {
  let settings: Settings

  func run() throws {
    var random = settings.random(100_000)
    let sids = RouteSpace.sids.routes(settings.scaled(100_000), &random)
    let all = Destinations(amongRoutesOf: [sids], &random)
    let one = Destinations(amongRoutesOf: [[sids[0]]], &random)
    let (many, single) = (try OurTables<FIB6>(routes: sids), try OurTables<FIB6>(routes: [sids[0]]))
    let oracle = Oracle(sids)
    try many.check(all, against: "the oracle") { _, index in oracle.answer(all.numbers[index]) }
    try single.check(one, against: "the route") { _, _ in sids[0].value }
    let runs = settings.windows.alternate(many.lookups(all).advance, single.lookups(one).advance)
    Report.measured(
      Side(name: "sids-100k-ticks", runs: settings.ticks(runs.ours)), unit: "TSC ticks per lookup",
      beside: Side(name: "sids-1-ticks", runs: settings.ticks(runs.theirs)), ratio: "sids-100k-vs-1",
      variant: "a single SID")
    Report.measured(Side(name: "sids-100k-bytes", runs: [Double(many.bytes)]), unit: "bytes")
  }
}
