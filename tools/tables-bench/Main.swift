import ArgumentParser
import DPDK
import Tables

/// Measures the lookup tables beside DPDK's, and prints one line of JSON for each measurement.
@main struct TablesBench: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "tables-bench")

  @Flag(help: "Fewer runs, and 1 million random changes instead of 10.") var quick = false
  @Option(help: "The seed of all random numbers.") var seed: UInt64
  @Option(help: "Try the bench itself on that many times fewer routes.") var divide = 1
  @Argument(parsing: .postTerminator, help: "Words for EAL.") var eal: [String] = []

  mutating func run() throws {
    let eal = try EAL(arguments: eal)
    let settings = Settings(quick: quick, seed: seed, divisor: max(1, divide))
    try measureIPv4(settings)
    try measureIPv6(settings)
    try SIDBench(settings: settings).run()
    try measureChurn(settings)
    _ = consume eal
  }

  private func measureIPv4(_ settings: Settings) throws {
    let small = try OneTableBench<FIB4>(
      settings, name: "ipv4-1k", space: .unicast, routes: 1000, valueBits: 14)
    small.lookups()
    small.finish()
    let large = try OneTableBench<FIB4>(
      settings, name: "ipv4-1m", space: .unicast, routes: 1_000_000, changesPerRun: quick ? 50_000 : 200_000)
    large.lookups()
    try large.bulkLoad(figure: "ipv4-bulk-1m-seconds")
    try ManyTablesBench(settings: settings).run(beside: large)
    try large.updates(family: "ipv4")
    large.finish()
  }

  private func measureIPv6(_ settings: Settings) throws {
    let uniform = try OneTableBench<FIB6>(
      settings, name: "ipv6-200k", space: .uniform, routes: 200_000, changesPerRun: 20_000)
    uniform.lookups()
    try uniform.bulkLoad(figure: "ipv6-bulk-200k-seconds")
    try uniform.updates(family: "ipv6")
    uniform.finish()
    var random = settings.random(1)
    let space = RouteSpace.clustered(blocks: settings.scaled(40_000), &random)
    let clustered = try OneTableBench<FIB6>(settings, name: "ipv6-200k-clustered", space: space, routes: 200_000)
    clustered.lookups()
    clustered.finish()
  }

  private func measureChurn(_ settings: Settings) throws {
    try ChurnBench<FIB4>(
      settings: settings, name: "ipv4-churn", space: .unicast, tables: quick ? 16 : 64,
      changes: settings.scaled(quick ? 1_000_000 : 10_000_000), largest: settings.scaled(200_000)
    ).run()
    try ChurnBench<FIB6>(
      settings: settings, name: "ipv6-churn", space: .uniform, tables: 16,
      changes: settings.scaled(quick ? 200_000 : 2_000_000), largest: settings.scaled(50_000)
    ).run()
  }
}
