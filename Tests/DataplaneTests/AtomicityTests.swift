import TestSupport
import Testing
import Wire

@testable import Control
@testable import Dataplane

extension WorkerTests {
  /// Packets in the middle of a transaction meet what was before, all of it, or what is after, all of it.
  @Suite struct AtomicityTests {
    private let node: Node
    private let live: LiveChanges

    init() throws {
      node = try Node()
      live = node.changes()
      live.pacer.stepsPerPause = 1
    }

    private static let tenant = [
      "0.0.0.0/0", "172.16.0.0/12", "172.16.0.0/16", "172.16.1.0/24", "172.16.1.7/32", "172.17.0.0/16",
    ]
    private static let core = [
      "2001:db8::/32", "2001:db8:77::/48", "2001:db8:77:1::/64", "2001:db8:77:1::9/128", "2001:db8:77:2::/64",
    ]
    private static let probes =
      ["172.16.1.7", "172.16.1.8", "172.16.2.1", "172.17.3.3", "172.20.0.1", "198.51.100.1"].map {
        tunnel(redDT4, 4, tenant4($0))
      }
      + ["77:1::9", "77:1::8", "77:2::1", "77:3::1", "99::1"].map { tunnel("2001:db8:\($0)", 4, tenant4()) }

    private func outcomes() throws -> [Node.Outcome] { try Self.probes.map { try node.send($0) } }

    /// Applies lines, and tells what every probe met at each step.
    private func apply(_ lines: [String]) throws -> [[Node.Outcome]] {
      var met: [[Node.Outcome]] = []
      live.pause = { met.append((try? outcomes()) ?? []) }
      _ = try live.apply(batch: lines.joined(separator: "\n"), file: "batch")
      live.pause = {}
      return met
    }

    @Test func noPacketSeesHalfOfATransaction() throws {
      let seed = UInt64.random(in: 0 ... .max)
      print("atomicity: seed \(seed)")
      var random = SeededRandom(seed: seed)
      var there: Set<String> = []
      var (steps, changed) = (0, 0)
      for round in 0..<400 {
        let lines = (0..<1 + random.below(8)).compactMap { _ in Self.line(&there, &random) }
        let before = try outcomes()
        let met = try apply(lines)
        let after = try outcomes()
        let turn = met.firstIndex { $0 != before } ?? met.count
        let isWhole = met[..<turn].allSatisfy { $0 == before } && met[turn...].allSatisfy { $0 == after }
        #expect(isWhole, "seed \(seed), round \(round): \(lines.joined(separator: "; "))")
        steps += met.count
        changed += before == after ? 0 : 1
      }
      #expect(steps > 1000 && changed > 200, "\(steps) steps, \(changed) transactions that changed anything")
    }

    /// A line that fits what is there, which it changes.
    private static func line(_ there: inout Set<String>, _ random: inout SeededRandom) -> String? {
      if random.below(3) == 0 {
        let sid = core[1 + random.below(core.count - 1)]
        if random.below(2) == 0 { return there.remove("sid \(sid)").map { "del \($0)" }.map(Self.ordered) }
        there.insert("sid \(sid)")
        return "sid replace \(sid) behavior \(["End.DT4 vrf red", "End.DT4 vrf blue", "End"][random.below(3)])"
      }
      let isCore = random.below(2) == 0
      let prefix = isCore ? core[random.below(core.count)] : "\(tenant[random.below(tenant.count)]) vrf red"
      if random.below(3) == 0 { return there.remove("route \(prefix)").map { "del \($0)" }.map(Self.ordered) }
      there.insert("route \(prefix)")
      let hops =
        isCore
        ? ["via 2001:db8:2::2 dev core-100", "via 2001:db8:1::2 dev core", "via 2001:db8:77:9::1", ""]
        : [
          "via 10.254.0.2 dev ce-red", "via 10.253.0.2 dev red-site", "via 172.16.1.9", "",
          "encap seg6 mode encap segs 2001:db8:5::7", "encap seg6 mode encap segs 2001:db8:77:2::5",
          "nexthop via 10.254.0.2 dev ce-red nexthop via 10.253.0.2 dev red-site",
        ]
      let hop = hops[random.below(hops.count)]
      return "route replace \(hop.isEmpty ? "blackhole " : "")\(prefix) \(hop)"
    }

    /// `del sid X` as `sid del X`.
    private static func ordered(_ words: String) -> String {
      let parts = words.split(separator: " ", maxSplits: 2)
      return "\(parts[1]) \(parts[0]) \(parts[2])"
    }

    @Test func twoRoutesChangePlaces() throws {
      _ = try live.apply(
        batch: """
          route add 172.16.0.0/16 vrf red via 10.254.0.2 dev ce-red
          route add 172.17.0.0/16 vrf red via 10.253.0.2 dev red-site
          """, file: "batch")
      let before = try outcomes()
      let met = try apply([
        "route replace 172.16.0.0/16 vrf red via 10.253.0.2 dev red-site",
        "route replace 172.17.0.0/16 vrf red via 10.254.0.2 dev ce-red",
      ])
      let after = try outcomes()
      #expect(before != after && met.contains(before) && met.contains(after))
      #expect(met.allSatisfy { $0 == before || $0 == after })
    }

    @Test func theOuterSourceChangesWithTheRest() throws {
      let add = "route add 172.16.0.0/16 vrf red encap seg6 mode encap segs 2001:db8:5::7"
      _ = try live.apply(batch: "sr tunsrc set 2001:db8:ffff::2\n\(add)", file: "batch")
      let before = try outcomes()
      let met = try apply(["sr tunsrc set 2001:db8:ffff::3", "route add blackhole 172.17.0.0/16 vrf red"])
      let after = try outcomes()
      #expect(before[0] != after[0] && before[3] != after[3])
      #expect(met.allSatisfy { $0 == before || $0 == after })
    }
  }
}
