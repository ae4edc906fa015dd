import Tables
import Testing

@testable import Control

/// What `show memory` says of the tables, and what happens at their limit.
@Suite struct TableMemoryTests {
  private func sources(_ replacements: (String, String)...) throws -> StatisticsSources {
    let text = replacements.reduce(statisticsConfiguration) { $0.replacing($1.0, with: $1.1) }
    return try makeStatisticsSources(text: text)
  }

  @Test func partsAddUpToTheTotal() throws {
    let sources = try sources(("ports:\n", "tables: {memory-limit: 64M}\nports:\n"))
    let report = sources.memoryReport(pools: [])
    #expect(report.limit == 64 << 20)
    #expect(report.tables.map(\.table) == ["route-cells", "route-lists", "ipv6-hosts"])
    #expect(report.tables.map(\.bytes).reduce(0, +) == report.total)
    #expect(report.vrfs.map(\.vrf) == ["main", "red", "blue"])
    for (row, vrf) in zip(report.vrfs, sources.vrfRows()) {
      #expect(row.ipv4Routes + row.ipv6Routes == vrf.routes)
      #expect(row.ipv4Bytes + row.ipv6Bytes == row.bytes && row.ipv4Bytes > 0 && row.ipv6Bytes > 0)
      #expect((row.lookup, row.ipv4RootBits, row.ipv6RootBits) == ("auto", 8, 8))
    }
    // What no VRF has: the hash table of hosts, the unit of cells that stands for tables that are not there, and what
    // waits for being freed.
    let hosts = try #require(report.tables.last?.bytes)
    #expect(report.vrfs.map(\.bytes).reduce(0, +) + hosts + 40 <= report.total)
  }

  @Test func lookupFormsAreThoseOfTheConfiguration() throws {
    let report = try sources(("red: {table: 100}", "red: {table: 100, lookup: flat}\n  main: {lookup: compact}"))
      .memoryReport(pools: [])
    #expect(report.vrfs.map(\.lookup) == ["compact", "flat", "auto"])
    #expect(report.vrfs.map(\.ipv4RootBits) == [8, 24, 8])
    #expect(report.vrfs.map(\.ipv6RootBits) == [8, 24, 8])
    #expect(report.vrfs[1].ipv4Bytes > 5 << 24)
  }

  @Test func aConfigurationThatNeedsMoreIsRefused() throws {
    let error = #expect(throws: TableError.memoryLimit(bytes: 8 << 20)) {
      _ = try sources(
        ("red: {table: 100}", "red: {table: 100, lookup: flat}"), ("ports:\n", "tables: {memory-limit: 8M}\nports:\n"))
    }
    var configuration = Configuration()
    configuration.tables.memoryLimit = 8 << 20
    configuration.tables.memoryLimitMark = Mark(line: 1, column: 24)
    let start = StartError(building: configuration, try #require(error), in: "a.yaml")
    #expect(
      start.description
        == "a.yaml:1:24: tables.memory-limit: route tables would need more than their limit of 8388608 bytes;"
        + " raise the limit or remove routes")
    let unset = StartError(building: Configuration(), try #require(error), in: "a.yaml")
    #expect(unset.description.hasSuffix("remove routes, 3/4 of this machine's memory unless it is set"))
  }

  @Test func aRouteBehindABetterOneIsListed() throws {
    let sources = try sources(("prefix: 10.9.0.0/16", "prefix: 10.1.0.0/24"))
    let rows = sources.routeRows().filter { $0.prefix == "10.1.0.0/24" }
    #expect(rows.map(\.source) == ["connected", "static"])
    #expect(rows.map(\.best) == [true, false])
    #expect(rows.map(\.preference) == [2, 10])
    #expect(
      rows.map(\.cells) == [
        ["red", ">", "10.1.0.0/24", "connected", "2/0", "port ce-red", "", "", "", ""],
        ["red", "", "10.1.0.0/24", "static", "10/0", "via 10.1.0.2 port ce-red", "", "", "", ""],
      ])
    #expect(sources.vrfRows()[1].routes == 5)
  }
}
