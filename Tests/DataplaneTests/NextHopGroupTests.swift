import Dataplane
import TestSupport
import Testing
import Wire

@testable import Control

/// The neighbours that packets of the groups' tests go to, by the last byte of their Ethernet address.
private func neighborMAC(_ index: Int) -> String { "02:00:00:00:aa:0\(index)" }

/// Two tenants' routes by groups of three neighbours, weights 1, 2 and 5, and others.
private let groupConfiguration = """
  ports:
    core: {device: a, mac: "\(coreMAC)", mtu: 9200, addresses: ["2001:db8:1::1/64"]}
    ce-red: {device: b, mac: "\(redMAC)", vrf: red, mtu: 9000, addresses: ["10.254.0.1/24", "fd00:fffe::1/64"]}
    ce-blue: {device: c, mac: "\(blueMAC)", vrf: red, addresses: ["10.253.0.1/24", "fd00:fffd::1/64"]}
  vrfs: {red: {table: 100}}
  sids:
    - {sid: "\(redDT4)", behavior: End.DT4, vrf: red}
    - {sid: "\(redDT6)", behavior: End.DT6, vrf: red}
  routes:
    - vrf: red
      prefix: 10.0.0.0/8
      nexthops: [{via: 10.254.0.2}, {via: 10.254.0.3, weight: 2}, {via: 10.253.0.4, port: ce-blue, weight: 5}]
    - vrf: red
      prefix: "fd00::/16"
      nexthops:
        - {via: "fd00:fffe::2", weight: 1}
        - {via: "fd00:fffe::3", weight: 2}
        - {via: "fd00:fffd::4", weight: 5}
    - {vrf: red, prefix: 10.1.0.0/16, nexthops: [{via: 10.254.0.99}, {via: 10.254.0.3}]}
    - {vrf: red, prefix: 10.2.0.0/16, nexthops: [{via: 10.254.0.98}, {via: 10.254.0.99}]}
    - {vrf: red, prefix: 10.3.0.0/16, nexthops: [{via: 10.254.0.3, weight: 7}]}
    - {vrf: red, prefix: 11.0.0.0/8, nexthops: [{via: 10.253.0.4, weight: 5}, {via: 10.254.0.3, weight: 2}, {via: 10.254.0.2}]}
  neighbors:
    - {port: ce-red, address: 10.254.0.2, mac: "\(neighborMAC(2))"}
    - {port: ce-red, address: 10.254.0.3, mac: "\(neighborMAC(3))"}
    - {port: ce-blue, address: 10.253.0.4, mac: "\(neighborMAC(4))"}
    - {port: ce-red, address: "fd00:fffe::2", mac: "\(neighborMAC(2))"}
    - {port: ce-red, address: "fd00:fffe::3", mac: "\(neighborMAC(3))"}
    - {port: ce-blue, address: "fd00:fffd::4", mac: "\(neighborMAC(4))"}
  """

extension WorkerTests {
  /// Routes with several next hops.
  @Suite struct NextHopGroupTests {
    let node: Node

    init() throws { node = try Node(groupConfiguration) }

    /// The neighbour that one frame was sent to, by the last byte of its address; it must be that packet, routed.
    private func neighbor(_ outcome: Node.Outcome, _ routed: [UInt8], _ place: SourceLocation) -> Int {
      guard outcome.sent.count == 1, let frame = outcome.sent.first?.frame, Array(frame[14...]) == routed else {
        Issue.record("\(outcome)", sourceLocation: place)
        return -1
      }
      let index = Int(frame[5])
      #expect(outcome.sent[0].port == (index == 4 ? "ce-blue" : "ce-red"), sourceLocation: place)
      return index
    }

    /// Where an inner IPv4 packet goes.
    private func neighbor4(_ inner: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws -> Int {
      neighbor(try node.send(tunnel(redDT4, 4, inner, segments: [redDT4])), routed4(inner), sourceLocation)
    }

    /// Where an inner IPv6 packet goes.
    private func neighbor6(_ inner: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws -> Int {
      neighbor(try node.send(tunnel(redDT6, 41, inner, segments: [redDT6])), routed6(inner), sourceLocation)
    }

    /// `total` flows that went by weights 1, 2 and 5, within four standard deviations of what chance allows.
    private func checkWeights(_ counts: [Int: Int], _ total: Int, sourceLocation: SourceLocation = #_sourceLocation) {
      for (index, weight) in [2: 1, 3: 2, 4: 5] {
        let share = Double(weight) / 8
        let expected = Double(total) * share
        let deviation = (expected * (1 - share)).squareRoot()
        let count = Double(counts[index, default: 0])
        #expect(abs(count - expected) < 4 * deviation, "\(counts)", sourceLocation: sourceLocation)
      }
      #expect(counts.values.reduce(0, +) == total, sourceLocation: sourceLocation)
    }

    /// Flows that differ in one place only, so that each part of the hash is looked at by itself.
    @Test func flowsSpreadByWeight() throws {
      var random = SeededRandom(seed: 1)
      let total = 1000
      let ports = be16(5000) + be16(53) + pattern(8)
      let makers: [[() -> [UInt8]]] = [
        [
          { ipv4("10.250.0.1", "10.9.9.9", payload: random.bytes(4) + pattern(8)) },
          { ipv4("10.250.\(random.below(256)).\(random.below(256))", "10.9.9.9", payload: ports) },
          { ipv4("10.250.0.1", "10.99.\(random.below(256)).\(random.below(256))", payload: ports) },
        ],
        [
          { ipv6("fd00:250::1", "fd00:9::9", next: 6, payload: random.bytes(4) + pattern(8)) },
          { ipv6("fd00:250::\(random.below(9999))", "fd00:9::9", next: 17, payload: ports) },
          { ipv6("fd00:250::1", "fd00:9:\(random.below(9999))::", next: 132, payload: ports) },
          { labelled(ipv6("fd00:250::1", "fd00:9::9", next: 4, payload: pattern(24)), random.below(1 << 20)) },
        ],
      ]
      for (family, makers) in makers.enumerated() {
        for make in makers {
          var counts: [Int: Int] = [:]
          for _ in 0..<total {
            counts[family == 0 ? try neighbor4(make()) : try neighbor6(make()), default: 0] += 1
          }
          checkWeights(counts, total)
        }
      }
    }

    /// All packets of a flow go one way, whatever else differs in them.
    @Test func aFlowStaysTogether() throws {
      var random = SeededRandom(seed: 2)
      for _ in 0..<64 {
        let ports = random.bytes(4)
        let (host, label) = (random.below(250), random.below(1 << 20))
        func four(ttl: Int, size: Int, options: [UInt8] = []) -> [UInt8] {
          ipv4("10.250.0.\(host)", "10.9.9.9", ttl: UInt8(ttl), options: options, payload: ports + random.bytes(size))
        }
        let first = try neighbor4(four(ttl: 64, size: 8))
        #expect(try neighbor4(four(ttl: 2, size: 900)) == first)
        #expect(try neighbor4(four(ttl: 255, size: 1, options: [1, 1, 1, 0])) == first)
        func six(hopLimit: Int, size: Int, headers: Bool = false) -> [UInt8] {
          let payload = ports + random.bytes(size)
          let options: [UInt8] = headers ? [17, 0, 1, 4, 0, 0, 0, 0] : []
          return labelled(
            ipv6(
              "fd00:250::\(host)", "fd00:9::9", next: headers ? 60 : 17, hopLimit: UInt8(hopLimit),
              payload: options + payload), label)
        }
        let second = try neighbor6(six(hopLimit: 64, size: 8))
        #expect(try neighbor6(six(hopLimit: 2, size: 900)) == second)
        #expect(try neighbor6(six(hopLimit: 9, size: 30, headers: true)) == second, "behind an extension header")
      }
    }

    /// Only a packet's first fragment has its ports: all go by the rest.
    @Test func fragmentsStayTogether() throws {
      var random = SeededRandom(seed: 3)
      for _ in 0..<64 {
        let host = random.below(250)
        let ways4 = try [0x2000, 0x2001, 0x0002].map { fragment in
          try neighbor4(fragment4("10.250.0.\(host)", "10.9.9.9", fragment, random.bytes(16)))
        }
        #expect(Set(ways4).count == 1)
        let ways6 = try [0x0001, 0x0009, 0x0010].map { fragment in
          let header = [17, 0] + be16(fragment) + [0, 0, 0, 9]
          return try neighbor6(
            ipv6("fd00:250::\(host)", "fd00:9::9", next: 44, payload: header + random.bytes(16)))
        }
        #expect(Set(ways6).count == 1)
      }
    }

    /// Ports that lie in a later buffer are the same ports.
    @Test func packetsInSeveralBuffersGoTheSameWay() throws {
      var random = SeededRandom(seed: 4)
      for _ in 0..<16 {
        let ports = random.bytes(4)
        let four = tunnel(redDT4, 4, ipv4("10.250.0.1", "10.9.9.9", payload: ports + pattern(40)), segments: [redDT4])
        let six = tunnel(
          redDT6, 41, ipv6("fd00:250::1", "fd00:9::9", next: 6, payload: ports + pattern(40)), segments: [redDT6])
        for frame in [four, six] {
          let whole = try node.send(frame)
          #expect(whole.drops.isEmpty)
          for first in 54...frame.count - 40 {
            #expect(try node.send(frame, .init(first: first)) == whole, "\(first) bytes in the first buffer")
          }
        }
      }
    }

    @Test func membersThatDoNotAnswerAreLeftOut() throws {
      node.lose(IPAddress(parsing: "10.254.0.99")!, port: "ce-red")
      for port in 0..<32 {
        let payload = be16(port) + be16(53)
        #expect(try neighbor4(ipv4("10.250.0.1", "10.1.0.9", payload: payload)) == 3)
        #expect(try neighbor4(ipv4("10.250.0.1", "10.3.0.9", payload: payload)) == 3, "a single next hop")
        let none = ipv4("10.250.0.1", "10.2.0.9", payload: payload)
        #expect(try node.send(tunnel(redDT4, 4, none)) == .drop(.neighborUnresolved))
      }
    }

    @Test func theMembersLimitsHold() throws {
      for ttl in [0, 1] as [UInt8] {
        let inner = ipv4("10.250.0.1", "10.9.9.9", ttl: ttl, payload: pattern(8))
        #expect(try node.send(tunnel(redDT4, 4, inner)) == .drop(.hopLimitExceeded))
        let six = ipv6("fd00:250::1", "fd00:9::9", next: 17, hopLimit: ttl, payload: pattern(8))
        #expect(try node.send(tunnel(redDT6, 41, six)) == .drop(.hopLimitExceeded))
      }
      // ce-blue's MTU is 1,500, ce-red's 9,000.
      var fates: Set<String> = []
      for port in 0..<64 {
        let whole = ipv4("10.250.0.1", "10.9.9.9", payload: be16(port) + be16(1) + pattern(3000))
        let inner = checksummed(patched(whole, 6, 0x40))
        fates.insert(try node.send(tunnel(redDT4, 4, inner)).drops.first?.name ?? "sent")
      }
      #expect(fates == ["packet-too-big", "sent"])
      let local = ipv6("fe80::1", "fd00:9::9", next: 17, payload: pattern(8))
      #expect(try node.send(tunnel(redDT6, 41, local)).drops.count == 1)
    }

    /// The step names the member that the packet left by.
    @Test func stepsNameTheChosenMember() throws {
      let names = [2: "via 10.254.0.2 port ce-red", 3: "via 10.254.0.3 port ce-red", 4: "via 10.253.0.4 port ce-blue"]
      var seen: Set<Int> = []
      for port in 0..<64 {
        let inner = ipv4("10.250.0.1", "10.9.9.9", payload: be16(port) + be16(53))
        _ = node.steps()
        let index = try neighbor4(inner)
        seen.insert(index)
        #expect(node.steps().contains("route 10.0.0.0/8 \(names[index]!)"))
        let six = ipv6("fd00:250::1", "fd00:9::9", next: 17, payload: be16(port) + be16(53))
        let other = try neighbor6(six)
        let via = other == 4 ? "fd00:fffd::4 port ce-blue" : "fd00:fffe::\(other) port ce-red"
        #expect(node.steps().contains("route fd00::/16 via \(via)"))
      }
      #expect(seen == [2, 3, 4])
    }

    @Test func equalListsAreOneGroup() throws {
      let table = node.state.tableIndex("red")
      let targets = node.state.routes(table: table).filter {
        ["10.0.0.0/8", "11.0.0.0/8"].contains($0.prefix.description)
      }
      #expect(targets.count == 2 && Set(targets.map(\.candidate.target)).count == 1)
      #expect(
        node.state.action(of: targets[0])
          == "via 10.253.0.4 port ce-blue weight 5, via 10.254.0.2 port ce-red weight 1, via 10.254.0.3 port ce-red weight 2"
      )
    }

    /// Only the flows of a port that loses its link move, and they come back.
    @Test func flowsLeaveAPortWithoutALink() throws {
      func ways() throws -> [Int] {
        try (0..<200).map { try neighbor4(ipv4("10.250.0.1", "10.9.9.9", payload: be16($0) + be16(53))) }
      }
      let before = try ways()
      let blue = node.port("ce-blue").number
      #expect(try node.balance { $0 != blue })
      let without = try ways()
      #expect(!without.contains(4))
      #expect(zip(before, without).allSatisfy { $0 == $1 || $0 == 4 })
      #expect(try node.balance { _ in true })
      #expect(Set(try ways()) == [2, 3, 4])
      #expect(try !node.balance { _ in true })
    }
  }
}

/// An IPv6 packet with another flow label.
private func labelled(_ packet: [UInt8], _ label: Int) -> [UInt8] {
  [packet[0], UInt8(label >> 16)] + be16(label & 0xffff) + packet[4...]
}

/// A fragment of a UDP packet: flags and offset as the header has them.
private func fragment4(_ source: String, _ destination: String, _ fragment: Int, _ payload: [UInt8]) -> [UInt8] {
  let fixed = [0x45, 0] + be16(20 + payload.count) + [0x12, 0x34] + be16(fragment) + [64, 17, 0, 0]
  return checksummed(fixed + address(source) + address(destination) + payload)
}
