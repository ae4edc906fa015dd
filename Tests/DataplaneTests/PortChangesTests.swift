import Foundation
import TestSupport
import Testing
import Wire

@testable import Control
@testable import Dataplane

extension WorkerTests {
  /// Ports, addresses and settings that change while the node runs.
  @Suite struct PortChangesTests {
    let node: Node
    let live: LiveChanges

    init() throws {
      node = try Node()
      live = node.changes()
    }

    @discardableResult private func apply(_ text: String, dryRun: Bool = false) throws -> ChangeReport {
      try live.apply(configuration: text, file: "node.yaml", batch: nil, dryRun: dryRun)
    }

    /// The node's configuration with other text in places.
    private func changed(_ replacements: (String, String)...) -> String {
      replacements.reduce(nodeConfiguration) { $0.replacing($1.0, with: $1.1) }
    }

    private func red(_ destination: String, _ size: Int = 20) -> [UInt8] {
      tunnel(redDT4, 4, ipv4("10.250.0.1", destination, payload: pattern(size)))
    }

    private func toRed(_ destination: String, _ peer: String = redPeer) -> Node.Outcome {
      .sent("ce-red", ethernet(peer, redMAC, 0x0800, routed4(ipv4("10.250.0.1", destination, payload: pattern(20)))))
    }

    @Test func anAddressComesAndGoes() throws {
      let before = node.state.rows
      let frame = red("10.200.0.7")
      #expect(try node.send(frame) == toRed("10.200.0.7"), "by 10.0.0.0/8")
      let wanted = changed(
        (
          "\"10.254.0.1/24\", \"fd00:fffe::1/64\"]}\n  ce-blue", "\"10.254.0.1/24\", \"10.200.0.1/24\"]}\n  ce-blue"
        ),
        ("  - {vrf: red, prefix: \"fd00::/16\", via: \"fd00:fffe::2\", port: ce-red}\n", ""),
        (
          "  - {port: ce-red, address: \"fd00:fffe::2\", mac: \"\(redPeer)\"}",
          "  - {port: ce-red, address: 10.200.0.7, mac: \"\(sitePeer)\"}"
        ))
      #expect(
        try apply(wanted, dryRun: true).changes == [
          "~ port ce-red addresses -fd00:fffe::1/64 +10.200.0.1/24",
          "- route vrf red fd00::/16 via fd00:fffe::2 port ce-red",
          "+ neighbor 10.200.0.7 port ce-red mac \(sitePeer)", "- neighbor fd00:fffe::2 port ce-red mac \(redPeer)",
        ])
      #expect(node.state.rows == before)
      #expect(try apply(wanted).replaced == 1)
      #expect(try node.send(frame) == toRed("10.200.0.7", sitePeer), "now on-link")
      #expect(try node.send(red("10.200.0.9")) == .drop(.neighborUnresolved))
      #expect(try node.send(red("10.200.0.255")) == .drop(.multicast))
      #expect(try apply(nodeConfiguration).replaced == 1)
      #expect(try node.send(frame) == toRed("10.200.0.7"))
      #expect(node.state.rows == before)
    }

    @Test func addressesChangeByLinesAndAreFoundAgain() throws {
      let lines = """
        route add 172.30.0.0/16 vrf red via 10.200.0.7
        address add 10.200.0.1/24 dev ce-red
        neigh add 10.200.0.7 lladdr \(sitePeer) dev ce-red
        addr del fd00:fffe::1 dev ce-red
        sr tunsrc set 2001:db8:ffff::9
        """
      let report = try live.apply(batch: lines, file: "batch")
      #expect((report.added, report.replaced, report.deleted) == (2, 2, 0))
      #expect(try node.send(red("172.30.0.1")) == toRed("172.30.0.1", sitePeer))
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("ntl-ports-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try live.keep(in: path, base: StateFile.records(configuration: nodeConfiguration, lines: nil))
      let other = try Node()
      try other.changes().restore(try #require(try StateFile.read(path)))
      func ports(_ node: Node) -> [String] { node.state.rows.filter { $0.hasPrefix("i") } }
      #expect(ports(other) == ports(node))
      #expect(other.state.configuration.srv6.encapSource == node.state.configuration.srv6.encapSource)
      _ = try live.apply(batch: "address del 10.200.0.1/24 dev ce-red", file: "batch")
      #expect(try node.send(red("172.30.0.1")) == toRed("172.30.0.1"), "10.0.0.0/8 leads to its next hop then")
    }

    @Test func aPortMovesToAnotherVRF() throws {
      let inner = ipv4("10.250.0.1", "10.1.1.1", payload: pattern(20))
      let frame = ethernet(blueMAC, bluePeer, 0x0800, inner)
      let routed = ethernet(bluePeer, blueMAC, 0x0800, routed4(inner))
      #expect(try node.send(frame, to: "ce-blue") == .sent("ce-blue", routed))
      let moved = changed(
        (
          "mac: \"\(blueMAC)\", vrf: blue, addresses: [\"10.254.0.1/24\", \"fd00:fffe::1/64\"]",
          "mac: \"\(blueMAC)\", vrf: red, addresses: []"
        ))
      #expect(
        try apply(moved, dryRun: true).changes == [
          "~ port ce-blue addresses -10.254.0.1/24 -fd00:fffe::1/64 vrf blue -> red"
        ])
      try apply(moved)
      #expect(try node.send(frame, to: "ce-blue") == toRed("10.1.1.1"))
      try apply(nodeConfiguration)
      #expect(try node.send(frame, to: "ce-blue") == .sent("ce-blue", routed))
    }

    @Test func aSubinterfaceComesAndGoesWithCountersOfItsOwn() throws {
      let before = node.state.rows
      let site = "  red-site: {parent: ce-blue, vlan: 20, vrf: red, addresses: [\"10.253.0.1/24\"]}\n"
      let gone = nodeConfiguration.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.contains("red-site") && !$0.contains(siteDX4) }.joined(separator: "\n")
      let inner = ipv4("10.250.0.1", "10.1.1.1", payload: pattern(20))
      func tagged(_ tag: Int) -> [UInt8] { ethernet(blueMAC, sitePeer, 0x0800, inner, tag: tag) }
      for _ in 0..<3 { #expect(try node.send(tagged(20), to: "ce-blue") == toRed("10.1.1.1")) }
      try apply(gone)
      #expect(try node.send(tagged(20), to: "ce-blue") == .drop(.unknownVLAN))
      #expect(try node.send(red("10.9.0.1")) == toRed("10.9.0.1"))
      let other = gone.replacing(
        "vrfs: {", with: site.replacing("red-site", with: "new-site").replacing("20", with: "21") + "vrfs: {")
      try apply(other)
      #expect(node.state.interfaceIndex("new-site") == 4, "in the other's place")
      #expect(try node.send(tagged(21), to: "ce-blue") == toRed("10.1.1.1"))
      let tally = node.tally("new-site")
      let info = node.state.interfaces[4]
      #expect((tally - info.countedBefore).received.packets == 1)
      #expect((tally.received.packets, info.countedBefore.received.packets) == (4, 3))
      try apply(nodeConfiguration)
      #expect(try node.send(tagged(20), to: "ce-blue") == toRed("10.1.1.1"))
      #expect(node.state.rows == before)
    }

    @Test func settingsOfPortsFollow() throws {
      let frame = red("10.1.1.1", 1200)
      func passes() throws -> Bool { try node.send(frame).drops.isEmpty }
      #expect(try passes())
      let wanted = changed(
        ("mac: \"\(redMAC)\", vrf: red, mtu: 9000", "mac: \"02:00:00:00:00:99\", vrf: red, mtu: 1280"))
      #expect(
        try apply(wanted, dryRun: true).changes == [
          "~ port ce-red mtu 9000 -> 1280 mac 02:00:00:00:00:0a -> 02:00:00:00:00:99"
        ])
      try apply(wanted.replacing("mtu: 1280", with: "mtu: 1300"))
      #expect(try passes())
      try apply(wanted)
      let small = try node.send(red("10.1.1.1"))
      #expect(small.sent.first.map { Array($0.frame[6..<12]) } == [2, 0, 0, 0, 0, 0x99])
      #expect(try node.send(red("10.1.1.1", 1270)).sent.isEmpty, "larger than the MTU, and no buffers for fragments")
    }

    @Test func aDeviceThatRefusesChangesNothing() throws {
      let before = node.state.rows
      live.setDevices = { _ throws(ChangeError) in throw ChangeError(messages: ["ports.core.mtu: no"]) }
      let wanted = changed(("mtu: 9200", "mtu: 9000"), ("10.254.0.1/24", "10.254.1.1/24"))
      #expect(throws: ChangeError.self) { try apply(wanted) }
      #expect(node.state.rows == before)
      #expect(try node.send(red("10.1.1.1")) == toRed("10.1.1.1"))
    }

    @Test func addressesStandOnceInAVRF() throws {
      let before = node.state.rows
      let twice = changed(("addresses: [\"10.253.0.1/24\"]", "addresses: [\"10.254.0.1/24\"]"))
      do throws(ChangeError) {
        _ = try live.apply(configuration: twice, file: "node.yaml", batch: nil, dryRun: false)
        Issue.record("10.254.0.1 was taken twice")
      } catch {
        #expect(error.messages.contains { $0.contains("10.254.0.1 is on port ce-red already") }, "\(error.messages)")
      }
      #expect(node.state.rows == before)
    }

    @Test func whoFollowsInterfacesIsToldOnce() throws {
      var told: [[String]] = []
      live.interfacesDidChange = { told.append($0.filter { !$0.isGone }.map(\.name)) }
      try apply(changed(("mtu: 9200", "mtu: 9000")))
      try apply(changed(("mtu: 9200", "mtu: 9000")))
      #expect(told == [["core", "core-100", "ce-red", "ce-blue", "red-site"]])
    }

    /// What both states forward alike arrives whenever in between a packet comes.
    @Test func nothingIsLostInBetween() throws {
      let (redFrame, other) = (red("10.1.1.1"), red("10.9.0.1"))
      let inner = ipv4("10.250.0.1", "10.1.1.1", payload: pattern(20))
      let blue = ethernet(blueMAC, bluePeer, 0x0800, inner)
      var looks = 0
      var losses: [String] = []
      let live = node.changes()
      live.pacer.stepsPerPause = 1
      live.pause = { [node] in
        looks += 1
        let outcomes = try? [
          node.send(redFrame) == toRed("10.1.1.1"), node.send(other).drops.isEmpty,
          node.send(blue, to: "ce-blue").drops.isEmpty,
        ]
        if outcomes != [true, true, true] { losses.append("\(looks): \(outcomes ?? [])") }
      }
      let texts = [
        // More addresses, and routes that go by them.
        changed(
          (
            "\"10.254.0.1/24\", \"fd00:fffe::1/64\"]}\n  ce-blue",
            "\"10.254.0.1/24\", \"10.77.0.1/24\", \"fd00:fffe::1/64\"]}\n  ce-blue"
          )),
        // The connected prefix goes; what is behind it is routed by name.
        changed(("addresses: [\"10.253.0.1/24\"]", "addresses: [\"10.252.0.1/24\"]")),
        // Another VRF with a route of its own that comes with it.
        changed(
          ("mac: \"\(blueMAC)\", vrf: blue", "mac: \"\(blueMAC)\", vrf: green"),
          ("vrfs: {", "vrfs: {green: {table: 300}, "),
          ("routes:", "routes:\n  - {vrf: green, prefix: 10.0.0.0/8, via: 10.254.0.2, port: ce-blue}")),
        // Another tag, and another MTU.
        changed(("vlan: 20", "vlan: 22"), ("vrf: red, mtu: 9000", "vrf: red, mtu: 8000")),
        changed(("red: {table: 100}", "red: {table: 100, fallback: main, rp-filter: 2}")),
        nodeConfiguration,
      ]
      for text in texts {
        let before = looks
        _ = try live.apply(configuration: text, file: "node.yaml", batch: nil, dryRun: false)
        #expect(looks > before)
      }
      #expect(losses.isEmpty, "\(losses)")
    }

    /// A packet meets the ports, addresses and routes that were before, all of them, or those after.
    @Test func noPacketSeesHalfOfAChange() throws {
      let live = node.changes()
      live.pacer.stepsPerPause = 1
      let after = changed(
        ("mac: \"\(blueMAC)\", vrf: blue", "mac: \"\(blueMAC)\", vrf: green"),
        ("vrfs: {", "vrfs: {green: {table: 300}, "),
        (
          "  red-site: {parent: ce-blue, vlan: 20",
          "  new: {parent: ce-blue, vlan: 21, vrf: red}\n  red-site: {parent: ce-blue, vlan: 20"
        ),
        (
          "\"10.254.0.1/24\", \"fd00:fffe::1/64\"]}\n  ce-blue",
          "\"10.254.0.1/24\", \"10.99.0.1/24\", \"fd00:fffe::1/64\"]}\n  ce-blue"
        ),
        ("prefix: 10.66.1.0/24, type: blackhole", "prefix: 10.66.1.0/24, type: prohibit"),
        ("routes:", "routes:\n  - {vrf: green, prefix: 10.0.0.0/9, via: 10.254.0.2, port: ce-blue}"))
      let inner = ipv4("10.250.0.1", "10.200.1.1", payload: pattern(20))
      let probes = [
        ("core", red("10.66.1.1")), ("core", red("10.99.0.9")), ("core", red("10.99.0.1")),
        ("ce-blue", ethernet(blueMAC, bluePeer, 0x0800, inner)),
        ("ce-blue", ethernet(blueMAC, bluePeer, 0x0800, inner, tag: 21)),
      ]
      func outcomes() -> [Node.Outcome?] { probes.map { try? node.send($1, to: $0) } }
      for (text, name) in [(after, "there"), (nodeConfiguration, "back")] {
        let old = outcomes()
        var met: [[Node.Outcome?]] = []
        live.pause = { met.append(outcomes()) }
        _ = try live.apply(configuration: text, file: "node.yaml", batch: nil, dryRun: false)
        live.pause = {}
        let new = outcomes()
        #expect(zip(old, new).allSatisfy { $0 != $1 }, "every probe tells them apart, \(name)")
        let turn = met.firstIndex { $0 != old } ?? met.count
        #expect(
          met.count > 5 && met[turn...].allSatisfy { $0 == new },
          "\(name), step \(turn): \(met[turn...].first { $0 != new } ?? [])")
      }
    }
  }
}
