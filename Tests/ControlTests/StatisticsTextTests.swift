import Testing

@testable import Control

@Suite struct StatisticsTextTests {
  @Test func columnsAreAligned() {
    var table = TextTable([.words("name"), .number("packets"), .words("note")])
    table.append(["a", "5", ""])
    table.append(["longer", "1234567890", "x"])
    #expect(
      table.text == """
        NAME       PACKETS  NOTE
        a                5
        longer  1234567890  x

        """)
  }

  @Test func aTableWithoutRowsIsItsHeader() {
    #expect([NeighborRow]().text == "PORT  ADDRESS  MAC  STATE  SOURCE\n")
  }

  @Test func dropsStandTheMostFrequentFirstWithTheirMeaning() {
    let report = DropReport(
      received: 10, generated: 0, transmitted: 4, punted: 0, drops: ["multicast": 1, "no-route": 4, "blackhole": 1],
      punts: ["arp": PuntCount()])
    #expect(
      report.text == """
                     PACKETS
        received          10
        generated          0
        transmitted        4
        punted             0
        dropped            6

        DROP       PACKETS  MEANING
        no-route         4  no route in the table
        blackhole        1  a blackhole route
        multicast        1  multicast and broadcast are not routed

        """)
  }

  @Test func puntsStandByKindWithoutThoseThatNeverWere() {
    let report = DropReport(
      received: 10, generated: 0, transmitted: 0, punted: 10, drops: [:],
      punts: ["arp": PuntCount(), "local": PuntCount(punted: 8, limited: 30), "link": PuntCount(punted: 2)])
    let table = "PUNT   PACKETS  LIMITED\nlink         2        0\nlocal        8       30\n"
    #expect(report.text.hasSuffix("dropped            0\n\n" + table))
  }

  @Test func twinsHaveATableOfTheirOwn() throws {
    var rows = try makeStatisticsSources().portRows()
    #expect(!PortListing(rows).text.contains("NETNS"))
    rows[1].tap = TwinRow(
      name: "red0", namespace: "/run/netns/red", toHostPackets: 1, toHostBytes: 60, toHostDrops: 2, fromHostPackets: 3,
      fromHostBytes: 180, fromHostDrops: 4)
    let lines = PortListing(rows).text.split(separator: "\n").suffix(2).map { $0.split(separator: " ") }
    #expect(lines[0].prefix(4) == ["PORT", "TAP", "NETNS", "TO-PACKETS"])
    #expect(lines[1] == ["ce-red", "red0", "/run/netns/red", "1", "60", "2", "3", "180", "4"])
    #expect(TwinRow.columns.count == rows[1].tap?.cells.count)
  }

  @Test func everyRowHasACellAColumn() throws {
    func check<Row: TableRow>(_ rows: [Row]) {
      #expect(!rows.isEmpty)
      for row in rows { #expect(row.cells.count == Row.columns.count) }
    }
    let sources = try makeStatisticsSources()
    check(sources.portRows())
    check(sources.lcoreRows())
    check(sources.vrfRows())
    check(sources.sidRows())
    check(sources.routeRows())
    check(sources.neighborRows())
    check([SourceRow(source: "static", preference: 10, routes: 1, sids: 0, neighbors: 0, stale: 0, parked: 0)])
    check(sources.memoryReport(pools: []).tables)
    check([PoolRow(pool: "mbufs-0", size: 1, inUse: 0, bytes: 1)])
    #expect(sources.portRows()[0].settings.count == PortRow.settingsColumns.count)
  }

  @Test func theSummaryHasEveryTable() throws {
    let text = try makeStatisticsSources().summary().text
    for heading in ["received", "RX-NO-MBUF", "CYCLES/PACKET", "TABLE", "BEHAVIOR", "core vlan 20", "vrf red"] {
      #expect(text.contains(heading), "\(heading) is missing")
    }
  }

  @Test func theProcessorsModelIsTheFirstOne() {
    let text = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC 7763\nmodel name\t: other\n"
    #expect(VersionReport.processorModel(in: text) == "AMD EPYC 7763")
    #expect(VersionReport.processorModel(in: "CPU implementer : 0x41\n") == nil)
  }
}
