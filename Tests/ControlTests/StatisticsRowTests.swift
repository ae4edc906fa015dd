import Dataplane
import Foundation
import Testing

@testable import Control

/// The keys of an object as JSON has them.
private func keys(_ value: some Encodable) throws -> Set<String> {
  let object = try JSONSerialization.jsonObject(with: JSONText.encode(value))
  return Set(try #require(object as? [String: Any]).keys)
}

@Suite struct StatisticsRowTests {
  @Test func keysAreTheInterfacesNames() throws {
    let sources = try makeStatisticsSources()
    #expect(
      try keys(sources.portRows()[0]) == [
        "name", "device", "driver", "link", "speed-mbps", "mac", "mtu", "vrf", "rx-packets", "rx-bytes", "rx-missed",
        "rx-errors", "rx-no-mbuf", "tx-packets", "tx-bytes",
      ])
    #expect(
      try keys(sources.lcoreRows()[0]) == [
        "lcore", "queues", "packets", "polls", "empty-polls", "busy-cycles", "cycles-per-packet",
      ])
    #expect(
      try keys(sources.vrfRows()[0]) == ["name", "table", "rx-packets", "rx-bytes", "routes", "sids", "ports"])
    #expect(try keys(sources.sidRows()[0]) == ["sid", "behavior", "vrf", "source", "packets", "bytes", "errors"])
    #expect(
      try keys(sources.sidRows()[1]) == [
        "sid", "behavior", "nexthop", "port", "source", "packets", "bytes", "errors",
      ])
    #expect(try keys(sources.routeRows()[0]) == ["vrf", "prefix", "best", "source", "preference", "metric", "action"])
    #expect(
      try keys(sources.routeRows().first { $0.packets != nil }!) == [
        "vrf", "prefix", "best", "source", "preference", "metric", "action", "packets", "bytes", "errors",
      ])
    #expect(try keys(sources.neighborRows()[0]) == ["port", "address", "mac", "state", "source"])
    let tap = TwinRow(
      name: "red0", toHostPackets: 0, toHostBytes: 0, toHostDrops: 0, fromHostPackets: 0, fromHostBytes: 0,
      fromHostDrops: 0)
    #expect(
      try keys(tap) == [
        "name", "to-host-packets", "to-host-bytes", "to-host-drops", "from-host-packets", "from-host-bytes",
        "from-host-drops",
      ])
    #expect(try keys(sources.dropReport()) == ["received", "generated", "transmitted", "punted", "drops", "punts"])
    #expect(
      Set(sources.dropReport().punts.keys) == [
        "neighbor", "arp", "neighbor-discovery", "local", "multicast", "link",
      ])
    #expect(try keys(PuntCount()) == ["punted", "limited"])
    #expect(
      try keys(sources.summary()) == [
        "received", "generated", "transmitted", "punted", "drops", "punts", "ports", "lcores", "vrfs", "sids", "tsc-hz",
      ])
    #expect(try keys(PoolRow(pool: "p", size: 1, inUse: 0, bytes: 2)) == ["pool", "size", "in-use", "bytes"])
    #expect(try keys(sources.memoryReport(pools: [])) == ["vrfs", "tables", "total", "limit", "pools"])
    #expect(
      try keys(sources.memoryReport(pools: []).vrfs[0]) == [
        "vrf", "lookup", "ipv4-routes", "ipv4-root-bits", "ipv4-bytes", "ipv6-routes", "ipv6-root-bits", "ipv6-bytes",
        "bytes",
      ])
    #expect(try keys(VersionReport.current).isSuperset(of: ["needletail", "dpdk"]))
  }

  @Test func portsSayWhatTheyAreAndSumTheirWorkers() throws {
    let sources = try makeStatisticsSources()
    for (worker, count) in zip(sources.workers, [3, 4] as [UInt64]) {
      worker.counters.interfaces[1].received.packets = count
      worker.counters.interfaces[1].received.bytes = count * 100
      worker.counters.interfaces[1].transmitted.packets = count * 10
      worker.counters.interfaces[1].transmitted.bytes = count * 1000
    }
    let rows = sources.portRows()
    #expect(rows.map(\.device) == ["0000:3b:00.0", "net_af_xdp0,iface=ce0", "core vlan 20"])
    #expect(rows.map(\.vrf) == ["main", "red", "blue"])
    #expect(rows.map(\.mtu) == [9000, 1500, 9000])
    #expect(rows[1].mac == "02:00:00:00:00:01")
    #expect((rows[1].rxPackets, rows[1].rxBytes) == (7, 700))
    #expect((rows[1].txPackets, rows[1].txBytes) == (70, 7000))
    #expect(rows[0].rxPackets == 0)
  }

  @Test func deviceCountersBelongToTheInterfaceThatOwnsTheDevice() throws {
    let interfaces = try makeStatisticsSources().state.interfaces
    var device = DeviceReading()
    (device.driver, device.isUp, device.speed) = ("net_ixgbe", false, 10_000)
    (device.missed, device.errors, device.noMbuf) = (5, 6, 7)
    let owner = PortRow(interfaces[0], InterfaceTally(), device)
    #expect((owner.rxMissed, owner.rxErrors, owner.rxNoMbuf) == (5, 6, 7))
    #expect((owner.driver, owner.link, owner.speed) == ("net_ixgbe", .down, 10_000))
    let subinterface = PortRow(interfaces[2], InterfaceTally(), device)
    #expect((subinterface.rxMissed, subinterface.rxErrors, subinterface.rxNoMbuf) == (0, 0, 0))
    #expect(subinterface.link == .down)
  }

  @Test func aNumberReadBetweenTwoStoresIsNotShownBelowZero() throws {
    let sources = try makeStatisticsSources()
    sources.workers[0].counters.interfaces[0].received.packets = UInt64.max
    sources.workers[0].counters.interfaces[0].received.bytes = UInt64.max - 59
    let row = sources.portRows()[0]
    #expect((row.rxPackets, row.rxBytes) == (0, 0))
  }

  @Test func lcoresHaveCyclesPerPacketToOnePlace() throws {
    let sources = try makeStatisticsSources()
    sources.workers[0].counters.loop.pointee.packets = 3
    sources.workers[0].counters.loop.pointee.busyCycles = 200
    sources.workers[0].counters.loop.pointee.polls = 9
    sources.workers[0].counters.loop.pointee.emptyPolls = 8
    let rows = sources.lcoreRows()
    #expect(rows.map(\.lcore) == [1, 2])
    #expect(rows[0].queues == ["core/0"])
    #expect((rows[0].packets, rows[0].polls, rows[0].emptyPolls, rows[0].busyCycles) == (3, 9, 8, 200))
    #expect(rows[0].cyclesPerPacket == 66.7)
    #expect(rows[1].cyclesPerPacket == 0)
  }

  @Test func vrfsBeginWithMain() throws {
    let sources = try makeStatisticsSources()
    sources.workers[1].counters.tables[1].packets = 11
    sources.workers[1].counters.tables[1].bytes = 1100
    let rows = sources.vrfRows()
    #expect(rows.map(\.name) == ["main", "red", "blue"])
    #expect(rows.map(\.table) == [254, 100, 200])
    #expect(rows.map(\.ports) == [1, 1, 1])
    #expect(rows.map(\.sids) == [0, 1, 0])
    #expect(rows.map(\.routes).reduce(0, +) == sources.state.routes().filter(\.isBest).count)
    // Own address, broadcast, on-link prefix, two static routes, the neighbour.
    #expect(rows[1].routes == 6)
    #expect((rows[1].rxPackets, rows[1].rxBytes) == (11, 1100))
  }

  @Test func sidsRoutesAndNeighborsAreAsConfigured() throws {
    let sources = try makeStatisticsSources()
    for worker in sources.workers { worker.counters.sids[1].packets = 21 }
    let sids = sources.sidRows()
    #expect(sids.map(\.sid) == ["fc00:0:1:d4::", "fc00:0:1:14::"])
    #expect(sids.map(\.behavior) == ["End.DT4", "End.DX4"])
    #expect(sids.map(\.vrf) == ["red", nil])
    #expect(sids.map(\.nexthop) == [nil, "10.1.0.2"])
    #expect(sids.map(\.port) == [nil, "ce-red"])
    #expect(sids.map(\.packets) == [0, 42])
    let route = try #require(sources.routeRows().first { $0.prefix == "192.0.2.0/24" })
    #expect((route.vrf, route.source, route.action) == ("red", "static", "blackhole"))
    for worker in sources.workers {
      worker.counters.headends[1] = Tally(packets: 4, bytes: 400)
      worker.counters.headendErrors[0] = 3
    }
    let headends = sources.routeRows().filter { $0.packets != nil }
    // Both go the same way; each has counters of its own.
    #expect(headends.map(\.action) == ["mode encap segs fc00:0:2:d4::", "mode encap segs fc00:0:2:d4::"])
    #expect(headends.map(\.packets) == [0, 8] && headends.map(\.bytes) == [0, 800])
    #expect(headends.map(\.errors) == [6, 0])
    let neighbor = try #require(sources.neighborRows().first)
    #expect((neighbor.port, neighbor.address) == ("ce-red", "10.1.0.2"))
    #expect((neighbor.mac, neighbor.state) == ("02:00:00:00:01:02", "permanent"))
  }

  @Test func dropsNameOnlyReasonsThatCounted() throws {
    let sources = try makeStatisticsSources()
    sources.workers[0].counters.interfaces[0].received.packets = 10
    sources.workers[1].counters.interfaces[2].transmitted.packets = 7
    sources.workers[0].counters.drops[Int(DropReason.noRoute.rawValue)] = 1
    sources.workers[1].counters.drops[Int(DropReason.noRoute.rawValue)] = 1
    sources.workers[1].counters.drops[Int(DropReason.linkDown.rawValue)] = 1
    let report = sources.dropReport()
    #expect((report.received, report.transmitted, report.punted) == (10, 7, 0))
    #expect(report.drops == ["no-route": 2, "link-down": 1])
  }
}
