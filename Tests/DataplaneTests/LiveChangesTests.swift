import TestSupport
import Testing
import Wire

@testable import Control
@testable import Dataplane

extension WorkerTests {
  /// Transactions on a node that runs: what packets meet after each is what a node started with the same entries does.
  @Suite struct LiveChangesTests {
    let node: Node
    let live: LiveChanges

    init() throws {
      node = try Node()
      live = node.changes()
    }

    /// A tenant's packet out of red's tunnel.
    private func red(_ destination: String) -> [UInt8] {
      tunnel(redDT4, 4, ipv4("10.250.0.1", destination, payload: pattern(20)))
    }

    private func sent(_ destination: String, to port: String, _ peer: String, _ own: String) -> Node.Outcome {
      .sent(port, ethernet(peer, own, 0x0800, routed4(ipv4("10.250.0.1", destination, payload: pattern(20)))))
    }

    private func apply(_ lines: String) throws -> ChangeReport { try live.apply(batch: lines, file: "batch") }

    private func refusal(_ lines: String) -> [String] {
      do throws(ChangeError) {
        _ = try live.apply(batch: lines, file: "batch")
        return []
      } catch {
        return error.messages
      }
    }

    private var routes: [String] {
      node.state.routes().map { route in
        "\(route.table) \(route.prefix) \(route.candidate.source.name) \(route.metric) \(node.state.action(of: route)) \(route.isBest)"
      }
    }

    @Test func aRouteComesGoesAndIsReplaced() throws {
      #expect(try node.send(red("172.16.0.1")) == .drop(.noRoute))
      let added = try apply("route add 172.16.0.0/12 vrf red via 10.254.0.2 dev ce-red")
      #expect((added.added, added.replaced, added.deleted, added.revision) == (1, 0, 0, 1))
      #expect(try node.send(red("172.16.0.1")) == sent("172.16.0.1", to: "ce-red", redPeer, redMAC))
      #expect(try apply("route replace blackhole 172.16.0.0/12 vrf red").replaced == 1)
      #expect(try node.send(red("172.16.0.1")) == .drop(.blackhole))
      #expect(try apply("route del 172.16.0.0/12 vrf red").deleted == 1)
      #expect(try node.send(red("172.16.0.1")) == .drop(.noRoute))
      #expect(try node.send(red("10.1.1.1")) == sent("10.1.1.1", to: "ce-red", redPeer, redMAC))
    }

    @Test func aLongTransactionLetsOtherWorkIn() throws {
      var (pauses, before) = (0, 0)
      live.pause = { pauses += 1 }
      let prefixes = (0..<5000).map { "10.\(100 + $0 >> 8).\($0 & 255).0/24 vrf red" }
      for (verb, hop) in [("add", " via 10.254.0.2 dev ce-red"), ("replace", " blackhole"), ("del", "")] {
        let type = hop == " blackhole" ? hop : ""
        _ = try apply(prefixes.map { "route \(verb)\(type) \($0)\(type.isEmpty ? hop : "")\n" }.joined())
        #expect(pauses - before >= 2 * 5000 / 256, "\(verb)")
        before = pauses
      }
      #expect(try node.send(red("10.1.1.1")) == sent("10.1.1.1", to: "ce-red", redPeer, redMAC))
    }

    @Test func aSIDComesGoesAndIsReplaced() throws {
      let sid = "fc00:0:1:9999::"
      let frame = tunnel(sid, 4, ipv4("10.250.0.1", "10.1.1.1", payload: pattern(20)))
      let before = try node.send(frame)
      _ = try apply("-6 route add \(sid)/128 encap seg6local action End.DT4 vrftable 200 dev blue")
      #expect(try node.send(frame) == sent("10.1.1.1", to: "ce-blue", bluePeer, blueMAC))
      _ = try apply("-6 route replace \(sid)/128 encap seg6local action End.DT4 vrftable 100 dev red")
      #expect(try node.send(frame) == sent("10.1.1.1", to: "ce-red", redPeer, redMAC))
      _ = try apply("-6 route del \(sid)/128")
      #expect(try node.send(frame) == before)
    }

    @Test func aBatchWithOneBadEntryChangesNothing() throws {
      let before = routes
      var lines = (0..<2000).map { "route add 172.\(16 + $0 / 256).\($0 % 256).0/24 vrf red via 10.254.0.2 dev ce-red" }
      lines[1500] = "route add 172.31.0.0/24 vrf grey via 10.254.0.2 dev ce-red"
      let messages = refusal(lines.joined(separator: "\n"))
      #expect(messages.count == 1)
      #expect(messages.first?.hasPrefix("batch:1501:29: there is no VRF 'grey'") == true, "\(messages)")
      #expect(routes == before)
      #expect(refusal("route add 10.0.0.0/8 vrf red dev ce-red").first?.contains("is there already") == true)
      #expect(refusal("route del 10.1.2.0/24 vrf red").first?.contains("nothing to delete") == true)
      #expect(refusal("-6 route add fc00:0:1:98::/128 encap seg6local action End.DT4 vrftable 300 dev red").count == 1)
      #expect(routes == before)
    }

    @Test func aNextHopMayComeLater() throws {
      _ = try apply("route add 172.16.0.0/12 vrf red via 172.20.0.1")
      #expect(try node.send(red("172.16.0.1")) == .drop(.noRoute), "nothing leads there")
      _ = try apply("route add 172.20.0.0/24 vrf red via 10.254.0.2 dev ce-red")
      #expect(try node.send(red("172.16.0.1")) == sent("172.16.0.1", to: "ce-red", redPeer, redMAC))
      _ = try apply("route replace 172.20.0.0/24 vrf red via 10.253.0.2 dev red-site")
      let tagged = ethernet(
        sitePeer, blueMAC, 0x0800, routed4(ipv4("10.250.0.1", "172.16.0.1", payload: pattern(20))), tag: 20)
      #expect(try node.send(red("172.16.0.1")) == .sent("red-site", tagged))
      _ = try apply("route del 172.20.0.0/24 vrf red")
      #expect(try node.send(red("172.16.0.1")) == .drop(.noRoute))
    }

    @Test func routesBehindOneAnotherInACircleLeadNowhere() throws {
      _ = try apply(
        """
        route add 172.16.0.0/16 vrf red via 172.17.0.1
        route add 172.17.0.0/16 vrf red via 172.16.0.1
        route add 172.18.0.0/16 vrf red via 172.18.0.1
        """)
      for destination in ["172.16.0.9", "172.17.0.9", "172.18.0.9"] {
        #expect(try node.send(red(destination)) == .drop(.noRoute), "\(destination)")
      }
      _ = try apply("route add 172.17.0.1/32 vrf red via 10.254.0.2 dev ce-red")
      for destination in ["172.16.0.9", "172.17.0.9"] {
        #expect(try node.send(red(destination)) == sent(destination, to: "ce-red", redPeer, redMAC))
      }
      _ = try apply("route del 172.17.0.1/32 vrf red")
      #expect(try node.send(red("172.16.0.9")) == .drop(.noRoute))
    }

    @Test func aNeighbourComesAndGoes() throws {
      let frame = red("10.77.0.1")
      #expect(try node.send(frame) == .drop(.neighborUnresolved))
      _ = try apply("neigh add 10.254.0.99 lladdr 02:00:00:00:99:99 dev ce-red")
      #expect(try node.send(frame) == sent("10.77.0.1", to: "ce-red", "02:00:00:00:99:99", redMAC))
      _ = try apply("neigh replace 10.254.0.99 lladdr 02:00:00:00:99:98 dev ce-red")
      #expect(try node.send(frame) == sent("10.77.0.1", to: "ce-red", "02:00:00:00:99:98", redMAC))
      _ = try apply("neigh del 10.254.0.99 dev ce-red")
      #expect(try node.send(frame) == .drop(.neighborUnresolved))
    }

    @Test func aFileIsAppliedWholeOrNotAtAll() throws {
      let before = routes
      let wanted = nodeConfiguration.replacing(
        "10.9.0.0/16, via: 10.253.0.2, port: red-site", with: "10.8.0.0/16, type: blackhole")
      let dry = try live.apply(configuration: wanted, file: "node.yaml", batch: nil, dryRun: true)
      #expect(
        dry.changes == [
          "+ route vrf red 10.8.0.0/16 blackhole", "- route vrf red 10.9.0.0/16 via 10.253.0.2 port red-site",
        ])
      #expect(routes == before)
      let report = try live.apply(configuration: wanted, file: "node.yaml", batch: nil, dryRun: false)
      #expect((report.added, report.replaced, report.deleted) == (1, 0, 1))
      #expect(try node.send(red("10.8.0.1")) == .drop(.blackhole))
      let again = try live.apply(configuration: wanted, file: "node.yaml", batch: nil, dryRun: false)
      #expect((again.added, again.replaced, again.deleted, again.revision) == (0, 0, 0, report.revision))
      let back = try live.apply(configuration: nodeConfiguration, file: "node.yaml", batch: nil, dryRun: false)
      #expect((back.added, back.deleted) == (1, 1))
      #expect(routes == before)
    }

    @Test func whatNeedsARestartIsRefused() throws {
      for (old, new, path) in [
        ("mtu: 9200", "mtu: 9000", "ports.core"), ("red: {table: 100}", "red: {table: 101}", "vrfs.red"),
        ("vrfs:", "srv6: {compat: linux}\nvrfs:", "srv6.compat"),
      ] {
        let text = nodeConfiguration.replacing(old, with: new)
        do throws(ChangeError) {
          _ = try live.apply(configuration: text, file: "node.yaml", batch: nil, dryRun: false)
          Issue.record("\(path) was not refused")
        } catch {
          #expect(error.messages.contains { $0.hasPrefix("node.yaml: \(path) cannot change") }, "\(error.messages)")
        }
      }
    }

    @Test func aVRFComesWithWhatRefersToItAndGoes() throws {
      let before = routes
      let grey = nodeConfiguration.replacing("blue: {table: 200}}", with: "blue: {table: 200}, grey: {table: 300}}")
        .replacing("sids:", with: "sids:\n  - {sid: \"fc00:0:1:97::\", behavior: End.DT4, vrf: grey}")
        .replacing("routes:", with: "routes:\n  - {vrf: grey, prefix: 0.0.0.0/0, via: 10.254.0.2, port: ce-blue}")
      let report = try live.apply(configuration: grey, file: "node.yaml", batch: nil, dryRun: false)
      #expect(report.added == 3)
      let frame = tunnel("fc00:0:1:97::", 4, ipv4("10.250.0.1", "198.51.100.9", payload: pattern(20)))
      #expect(try node.send(frame) == sent("198.51.100.9", to: "ce-blue", bluePeer, blueMAC))
      _ = try apply("route add unreachable 198.51.100.0/24 vrf grey")
      #expect(try node.send(frame) == .drop(.unreachable))
      let missing = nodeConfiguration.replacing("blue: {table: 200}}", with: "blue: {table: 200}, grey: {table: 300}}")
        .replacing("sids:", with: "sids:\n  - {sid: \"fc00:0:1:97::\", behavior: End.DT4, vrf: gray}")
      #expect(throws: ChangeError.self) {
        try live.apply(configuration: missing, file: "node.yaml", batch: nil, dryRun: false)
      }
      #expect(try node.send(frame) == .drop(.unreachable))
      let back = try live.apply(configuration: nodeConfiguration, file: "node.yaml", batch: nil, dryRun: false)
      #expect(back.deleted == 4)
      #expect(routes == before)
    }

    /// Any order of the same lines, in transactions of any size, ends in the state of a node that was started with them.
    @Test func orderDoesNotMatter() throws {
      var random = SeededRandom(seed: 20_26)
      for _ in 0..<20 {
        let lines = (0..<60).map { Self.line($0, &random) }
        let expected = try fresh(lines)
        #expect(try fresh(lines.shuffled(using: &random)) == expected)
        let node = try Node()
        let live = node.changes()
        var left = lines.shuffled(using: &random)[...]
        while !left.isEmpty {
          let some = left.prefix(1 + random.below(30))
          _ = try live.apply(batch: some.joined(separator: "\n"), file: "batch")
          left = left.dropFirst(some.count)
        }
        #expect(Self.rows(node) == expected)
      }
    }

    private func fresh(_ lines: [String]) throws -> [String] {
      let node = try Node()
      _ = try node.changes().apply(batch: lines.joined(separator: "\n"), file: "batch")
      return Self.rows(node)
    }

    private static func rows(_ node: Node) -> [String] {
      node.state.routes().map { route in
        "\(node.state.tables[route.table]!.name) \(route.prefix) \(route.metric) \(node.state.action(of: route)) \(route.isBest)"
      }
        + node.state.sids.indices.map { node.state.sids.entries[$0]!.name + node.state.sids.entries[$0]!.action }
        .sorted()
    }

    private static func line(_ number: Int, _ random: inout SeededRandom) -> String {
      let vrf = ["", " vrf red", " vrf blue", " table 777"][random.below(4)]
      let prefix = "172.16.\(number).0/24"
      switch random.below(6) {
      case 0: return "route add blackhole \(prefix)\(vrf)"
      // One of the others' prefixes, or none: next hops behind routes that may come later, or never.
      case 1, 2: return "route add \(prefix)\(vrf) via 172.16.\(random.below(70)).1"
      case 3: return "route add \(prefix)\(vrf) encap seg6 mode encap segs 2001:db8:5::\(number + 1)"
      case 4: return "-6 route add fc00:0:77:\(number)::/64 encap seg6local action End.DT4 vrftable 200 dev blue"
      default:
        return "route add \(prefix)\(vrf) metric \(random.below(3)) via 10.254.0.\(random.below(2) + 2) dev ce-red"
      }
    }
  }
}
