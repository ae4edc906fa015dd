import TestSupport
import Testing
import Wire

@testable import Control
@testable import Dataplane

extension WorkerTests {
  /// What sources may say, how, and before what it needs is there.
  @Suite final class SourceEntryTests: SourceSuite {
    @Test func whatIsNotThereYetIsParked() throws {
      try give(
        """
        route add 172.16.0.0/16 vrf red via 172.20.0.1
        route add 172.17.0.0/16 vrf red via 10.254.0.2 dev tomorrow
        route add 172.18.0.0/16 vrf grey via 10.254.0.2 dev ce-red
        sid add fc00:0:1:77:: behavior End.DT4 vrf grey
        neighbor add 10.254.0.9 lladdr 02:00:00:00:00:09 dev tomorrow
        """)
      #expect(try row(bgp).parked == 5)
      #expect(try row(bgp).routes == 3)
      _ = try live.apply(batch: "route add 172.20.0.0/24 vrf red via 10.254.0.2 dev ce-red", file: "batch")
      #expect(try row(bgp).parked == 4)
      #expect(try node.send(red("172.16.0.1")) == toPeer("172.16.0.1"))
      let frame = tunnel("fc00:0:1:77::", 4, ipv4("10.250.0.1", "172.18.0.1", payload: pattern(20)))
      let before = try node.send(frame)
      let grey = nodeConfiguration.replacing("blue: {table: 200}}", with: "blue: {table: 200}, grey: {table: 300}}")
      _ = try live.apply(configuration: grey, file: "node.yaml", batch: nil, dryRun: false)
      #expect(try node.send(frame) == toPeer("172.18.0.1"))
      // The next hop's route was the users', and is not in the file.
      #expect(try row(bgp).parked == 3)
      #expect(try node.send(red("172.16.0.1")) == .drop(.noRoute))
      _ = try live.apply(configuration: nodeConfiguration, file: "node.yaml", batch: nil, dryRun: false)
      #expect(try node.send(frame) == before)
      #expect(try row(bgp).parked == 5)
      // The number of the table that has gone means the VRF.
      #expect(try give("route add 172.19.0.0/16 table 300 via 10.254.0.2 dev ce-red").added == 1)
      #expect(try give("route del 172.18.0.0/16 table 300").deleted == 1)
      _ = try live.apply(configuration: grey, file: "node.yaml", batch: nil, dryRun: false)
      #expect(try node.send(frame) == .drop(.noRoute))
      #expect(try row(bgp).parked == 3)
      try live.begin(bgp)
      #expect(try live.sweep(bgp).deleted == 5)
      #expect(try row(bgp).parked == 0)
      // Users name what is there.
      let refused = refusal { () throws(ChangeError) in
        _ = try live.apply(batch: "route add 172.17.0.0/16 vrf red via 10.254.0.2 dev tomorrow", file: "batch")
      }
      #expect(refused.first?.contains("there is no port 'tomorrow'") == true)
    }

    @Test func theNumberOfATableWaitsForItsVRF() throws {
      try give("route add 172.18.0.0/16 table 300 via 10.254.0.2 dev ce-red")
      #expect(try row(bgp).parked == 1)
      let grey = nodeConfiguration.replacing("blue: {table: 200}}", with: "blue: {table: 200}, grey: {table: 300}}")
        .replacing("sids:", with: "sids:\n  - {sid: \"fc00:0:1:77::\", behavior: End.DT4, vrf: grey}")
      _ = try live.apply(configuration: grey, file: "node.yaml", batch: nil, dryRun: false)
      let frame = tunnel("fc00:0:1:77::", 4, ipv4("10.250.0.1", "172.18.0.1", payload: pattern(20)))
      #expect(try node.send(frame) == toPeer("172.18.0.1"))
      // Whatever it is called, it is one route.
      try live.begin(bgp)
      #expect(try give("route add 172.18.0.0/16 vrf grey via 10.254.0.2 dev ce-red").added == 0)
      #expect(try live.sweep(bgp).deleted == 0)
      #expect(try node.send(frame) == toPeer("172.18.0.1"))
    }

    @Test func aVerbSaysWhatIsSo() throws {
      try give("route del 172.16.0.0/12 vrf red\nsid del fc00::77\nneigh del 10.254.0.9 dev ce-red")
      for verb in ["add", "add", "append", "change", "replace"] {
        try give(route.replacing("add", with: verb))
        #expect(try node.send(red("172.16.0.1")) == toPeer("172.16.0.1"), "\(verb)")
      }
      try give("route add 172.17.0.0/16 vrf red metric 7 via 10.254.0.2 dev ce-red")
      #expect(try give("route del 172.17.0.0/16 vrf red").deleted == 1, "its metric is not named")
      let messages = refusal { () throws(ChangeError) in
        _ = try live.apply(batch: "\(route)\nsr tunsrc set fc00::1", file: "batch", from: bgp)
      }
      #expect(messages.first?.hasPrefix("batch:2:1: ") == true, "\(messages)")
    }

    @Test func whatIsRefusedSaysWhy() throws {
      func refused(_ change: () throws(ChangeError) -> Void, _ part: String) {
        let messages = refusal(change)
        #expect(messages.count == 1 && messages[0].contains(part), "\(messages)")
      }
      refused({ () throws(ChangeError) in _ = try SourceName(source: "static", name: nil) }, "kernel and protocol")
      refused({ () throws(ChangeError) in _ = try SourceName(source: "protocol", name: nil) }, "add 'name'")
      refused(
        { () throws(ChangeError) in _ = try SourceName(source: "protocol", name: "a b") }, "no name for a protocol")
      refused({ () throws(ChangeError) in _ = try SourceName(source: "protocol", name: "kernel") }, "a source itself")
      refused({ () throws(ChangeError) in _ = try SourceName(source: "kernel", name: "x") }, "has no name")
      refused({ () throws(ChangeError) in _ = try live.sweep(bgp) }, "there are: none")
      refused({ () throws(ChangeError) in try live.begin(bgp, hold: 100_000) }, "0 to 86400")
      refused({ () throws(ChangeError) in try live.begin(bgp, preference: 2) }, "3 to 249")
      refused({ () throws(ChangeError) in _ = try live.apply(batch: "route frob", file: "b", from: bgp) }, "b:1:")
      #expect(live.sourceRow(bgp) == nil, "what has given nothing is not there")
      try live.begin(bgp)
      try give(route)
      refused({ () throws(ChangeError) in try live.begin(bgp, preference: 30) }, "entries of preference 20")
      for number in 0..<245 { try live.begin(.protocol("p\(number)")) }
      refused({ () throws(ChangeError) in try live.begin(.protocol("more")) }, "246 protocols already")
      try live.lost(.protocol("p7"))
      try live.begin(.protocol("more"))
      #expect(try live.sourceRow(.protocol("p7")) == nil)
    }

    @Test func entriesComeWithoutLines() throws {
      let prefix = try #require(IPPrefix(parsing: "172.16.0.0/12"))
      let hop = RouteAction.unicast(RouteNextHop(via: IPAddress(parsing: "10.254.0.2"), port: "ce-red"))
      let sid = try #require(IPv6Prefix(parsing: "fc00:0:1:55::/128"))
      var entry = SIDEntry(sid, .endDT4)
      let flaw = refusal { () throws(ChangeError) in _ = try live.apply([.sid(entry)], from: bgp) }
      #expect(flaw == ["SID fc00:0:1:55::: End.DT4 needs vrf or table"])
      entry.table = .vrf("red")
      let report = try live.apply(
        [
          .route(RouteEntry(prefix, in: .number(100), hop)), .sid(entry),
          .neighbor(
            NeighborEntry(
              try #require(IPAddress(parsing: "10.254.0.99")), port: "ce-red",
              mac: MACAddress(parsing: "02:00:00:00:99:01")!)),
        ], from: bgp)
      #expect(report.added == 3)
      #expect(try node.send(red("172.16.0.1")) == toPeer("172.16.0.1"))
      #expect(try node.send(red("10.77.0.1")) == toPeer("10.77.0.1", "02:00:00:00:99:01"))
      #expect(try live.apply([.route(RouteEntry(prefix, in: .vrf("red"), hop))], from: bgp).replaced == 0)
      let gone = try live.apply(
        [
          .noRoute(.number(100), prefix, metric: nil), .noSID(sid),
          .noNeighbor(port: "ce-red", try #require(IPAddress(parsing: "10.254.0.99"))), .noSID(sid),
        ], from: bgp)
      #expect(gone.deleted == 3)
      #expect(try node.send(red("172.16.0.1")) == .drop(.noRoute))
      for (action, part) in [
        (RouteAction.multipath([]), "no next hop"), (.unicast(RouteNextHop(via: nil, port: nil)), "neither via"),
        (.unicast(RouteNextHop(via: IPAddress(parsing: "fd00::1"), port: "ce-red")), "another family"),
      ] {
        let flaws = refusal { () throws(ChangeError) in
          _ = try live.apply([.route(RouteEntry(prefix, action))], from: bgp)
        }
        #expect(flaws.count == 1 && flaws[0].contains(part), "\(flaws)")
      }
    }
  }
}
