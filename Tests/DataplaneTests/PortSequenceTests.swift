import TestSupport
import Testing
import Wire

@testable import Control
@testable import Dataplane

/// Configurations of the same devices that differ in everything else.
private struct RandomPorts {
  var random: SeededRandom

  /// Why the next one cannot be had.
  var complaint: String {
    var copy = self
    do { _ = try ConfigurationLoader.load(text: copy.text(), file: "node.yaml") } catch { return "\(error)" }
    return ""
  }

  mutating func text() -> String {
    let vrfs = ["main", "red", "blue"]
    let (red, blue) = (vrfs[random.below(3)], vrfs[random.below(3)])
    var lines = [
      "srv6: {flow-label: \(["hash", "copy", "zero"][random.below(3)]), hop-limit: \(2 + random.below(3))}", "ports:",
    ]
    let core = some(["2001:db8:1::1/64", "2001:db8:1::5/64", "192.0.2.1/24", "192.0.2.9/28", "fe80::7/64"])
    lines.append(port("core", "device: a, mac: \"\(coreMAC)\", mtu: \(9000 + random.below(2))", "main", core))
    lines.append(
      port("ce-red", "device: b, mac: \"\(random.below(2) == 0 ? redMAC : sitePeer)\"", red, some(Self.addresses(1))))
    lines.append(port("ce-blue", "device: c, mac: \"\(blueMAC)\"", blue, some(Self.addresses(2))))
    var ports = ["core", "ce-red", "ce-blue"]
    for (name, number) in [("zero", 3), ("abc", 4)] where random.below(3) > 0 {
      ports.append(name)
      let link = "parent: \(["core", "ce-blue"][random.below(2)]), vlan: \(number * 10 + random.below(2)), mtu: 1500"
      lines.append(port(name, link, vrfs[random.below(3)], some(Self.addresses(number))))
    }
    let strict = random.below(3)
    let grey = random.below(2) == 0 ? ", grey: {table: 300, fallback: main}" : ""
    lines.append("vrfs: {red: {table: 100\(fallback())}, blue: {table: 200, rp-filter: \(strict)\(fallback())}\(grey)}")
    lines += sids(ports) + routes(ports) + neighbors(ports)
    return lines.joined(separator: "\n")
  }

  private mutating func fallback() -> String { random.below(2) == 0 ? ", fallback: main" : "" }

  private static func addresses(_ number: Int) -> [String] {
    ["10.\(number).0.1/24", "10.\(number).1.1/24", "10.\(number).0.17/28", "fd00:\(number)::1/64"]
  }

  private mutating func some(_ all: [String]) -> [String] {
    all.shuffled(using: &random).prefix(random.below(all.count + 1)).map { "\"\($0)\"" }
  }

  private mutating func port(_ name: String, _ link: String, _ vrf: String, _ addresses: [String]) -> String {
    let filter = random.below(3)
    return "  \(name): {\(link), vrf: \(vrf), rp-filter: \(filter), addresses: [\(addresses.joined(separator: ", "))]}"
  }

  private mutating func sids(_ ports: [String]) -> [String] {
    [
      "sids:", "  - {sid: \"fc00:0:1::d4\", behavior: End.DT4, vrf: red}",
      "  - {sid: \"fc00:0:2::d4\", behavior: End.DT4, vrf: blue}",
    ]
      + ports.indices.filter { _ in random.below(2) == 0 }.map { index in
        "  - {sid: \"fc00:0:3::\(index)\", behavior: End.DX4, nexthop: 10.\(index).0.2, port: \(ports[index])}"
      }
      + (random.below(2) == 0
        ? ["  - {sid: \"fc00:0:4::\", behavior: End.B6.Encaps, segments: [\"2001:db8:1::77\"]}"] : [])
  }

  private mutating func routes(_ ports: [String]) -> [String] {
    var lines = ["routes:", "  - {prefix: \"2001:db8:9::/48\", encap: {mode: encap, segments: [\"2001:db8:1::99\"]}}"]
    for number in 0..<12 where random.below(2) == 0 {
      let vrf = ["main", "red", "blue"][random.below(3)]
      let port = ports[random.below(ports.count)]
      let other = ports[random.below(ports.count)]
      let neighbor = "10.\(1 + random.below(4)).0.\(2 + random.below(2))"
      let action =
        switch random.below(5) {
        case 0: "type: blackhole"
        case 1: "port: \(port)"
        case 2: "nexthops: [{via: \(neighbor), port: \(port)}, {via: 10.8.0.2, port: \(other)}]"
        default: "via: \(neighbor), port: \(port)"
        }
      let prefix = number < 4 ? "10.\(1 + number).0.0/\(25 + random.below(2))" : "172.16.\(number).0/24"
      lines.append("  - {vrf: \(vrf), prefix: \(prefix), \(action)}")
      if number > 8 { lines.append("  - {vrf: \(vrf), prefix: 172.17.\(number).0/24, via: 172.16.\(number).1}") }
    }
    return lines
  }

  private mutating func neighbors(_ ports: [String]) -> [String] {
    var lines = ["neighbors:", "  - {port: core, address: \"2001:db8:1::2\", mac: \"\(peerMAC)\"}"]
    for port in ports {
      for number in 1...4 where random.below(2) == 0 {
        lines.append(
          "  - {port: \(port), address: 10.\(number).0.\(2 + random.below(2)), mac: \"02:00:00:00:00:\(random.below(90) + 10)\"}"
        )
      }
    }
    return lines
  }
}

extension WorkerTests {
  /// Any sequence of configurations ends in the state of a node that was started with the last one.
  @Suite struct PortSequenceTests {
    @Test(arguments: 0..<12) func aSequenceEndsAsItsLastFileBegins(seed: Int) throws {
      var source = RandomPorts(random: SeededRandom(seed: UInt64(4000 + seed)))
      var texts: [String] = []
      for _ in 0..<100 where texts.count < 12 {
        let text = source.text()
        // What a file may not say, such as a next hop on no link, is another test's.
        if (try? ConfigurationLoader.load(text: text, file: "node.yaml")) != nil { texts.append(text) }
      }
      try #require(texts.count == 12, "\(source.complaint)")
      let node = try Node(texts[0])
      let live = node.changes()
      for text in texts.dropFirst() {
        _ = try live.apply(configuration: text, file: "node.yaml", batch: nil, dryRun: false)
        let expected = try Node(text).state.rows
        let found = node.state.rows
        let (missing, extra) = (Set(expected).subtracting(found), Set(found).subtracting(expected))
        #expect(
          missing.isEmpty && extra.isEmpty && found.count == expected.count,
          "\(missing.sorted())\n\(extra.sorted())\n\(text)")
        if !missing.isEmpty { return }
      }
    }
  }
}
