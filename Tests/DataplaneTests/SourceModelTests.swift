import TestSupport
import Testing
import Wire

@testable import Control

extension WorkerTests {
  /// Users and three sources do anything in any order; a model of a few lines says what the data plane must have.
  @Suite final class SourceModelTests {
    /// What one of them has given, by what it is for.
    private struct Space {
      var preference: Int
      /// Among equals, as the RIB has it.
      var order: Int
      var epoch = 1
      var isLost = false
      var sweepsAt: UInt64?
      var entries: [String: (what: String, epoch: Int)] = [:]

      mutating func sweep() {
        entries = isLost ? [:] : entries.filter { $0.value.epoch == epoch }
        sweepsAt = nil
      }
    }

    private static let drops = ["blackhole", "unreachable", "prohibit"]
    private static let hold = 10
    private var now: UInt64 = 0

    @Test func theDataPlaneHasTheBestOfTheModel() throws {
      let seed = UInt64.random(in: 0 ... .max)
      print("sources: seed \(seed)")
      var random = SeededRandom(seed: seed)
      for _ in 0..<10 { try run(&random, "seed \(seed)") }
    }

    private func run(_ random: inout SeededRandom, _ seed: String) throws {
      let node = try Node()
      let live = node.changes()
      live.clock = { [unowned self] in now }
      let names: [SourceName] = [.kernel, try .protocol("bgp"), try .protocol("ospf")]
      let preferences = [15, 20, random.below(2) == 0 ? 5 : 110]
      var spaces = zip(preferences, 1...).map { Space(preference: $0, order: $1) }
      var users = Space(preference: 8, order: 0)
      for (name, preference) in zip(names, preferences) {
        try live.begin(name, hold: Self.hold, preference: preference)
      }
      for step in 0..<300 {
        let who = random.below(4)
        if who == 3 {
          let (key, what) = (Self.key(&random), Self.what(&random))
          let isRemoved = users.entries[key] != nil && random.below(3) == 0
          users.entries[key] = isRemoved ? nil : (what, 0)
          _ = try live.apply(batch: Self.line(isRemoved ? "del" : "replace", key, what), file: "batch")
        } else {
          try act(&spaces[who], names[who], live, &random)
        }
        now += UInt64(random.below(3000))
        #expect(live.sweepDue().isEmpty)
        for index in spaces.indices where spaces[index].sweepsAt ?? .max <= now { spaces[index].sweep() }
        try check(node, live, names, spaces, users, "\(seed), step \(step)")
      }
    }

    private func act(
      _ space: inout Space, _ name: SourceName, _ live: LiveChanges, _ random: inout SeededRandom
    ) throws {
      switch random.below(space.isLost ? 30 : 60) {
      case 0, 1:
        try live.begin(name)
        (space.epoch, space.isLost, space.sweepsAt) = (space.epoch + 1, false, nil)
      case 2, 3:
        _ = try live.sweep(name)
        space.sweep()
      case 4, 5:
        try live.lost(name)
        if !space.isLost { (space.isLost, space.sweepsAt) = (true, now + UInt64(Self.hold) * 1000) }
      default:
        if space.isLost { return }
        var lines = ""
        for _ in 0...random.below(6) {
          let (key, what) = (Self.key(&random), Self.what(&random))
          let isRemoved = random.below(3) == 0
          space.entries[key] = isRemoved ? nil : (what, space.epoch)
          lines += Self.line(isRemoved ? "del" : "add", key, what) + "\n"
        }
        _ = try live.apply(batch: lines, file: "batch", from: name)
      }
    }

    /// A prefix with its metric, or a SID.
    private static func key(_ random: inout SeededRandom) -> String {
      if random.below(4) == 0 { return "sid fc00:0:1:77::\(1 + random.below(3))" }
      let prefix = ["172.16.0.0/12", "172.16.1.0/24", "fd77::/16"][random.below(3)]
      return "route \(prefix) metric \(prefix.hasPrefix("fd") ? 1024 : 0 + random.below(2) * 5)"
    }

    private static func what(_ random: inout SeededRandom) -> String { "\(random.below(3))" }

    private static func line(_ verb: String, _ key: String, _ what: String) -> String {
      let words = key.split(separator: " ", maxSplits: 1)
      guard words[0] == "sid" else {
        let drop = verb == "del" ? "" : drops[Int(what)!] + " "
        return "route \(verb) \(drop)\(words[1]) vrf red"
      }
      return "sid \(verb) \(words[1])"
        + (verb == "del" ? "" : " behavior End.DT4 \(["vrf red", "vrf blue", "table main"][Int(what)!])")
    }

    private func check(
      _ node: Node, _ live: LiveChanges, _ names: [SourceName], _ spaces: [Space], _ users: Space, _ place: String
    ) throws {
      var best: [String: (rank: (Int, Int, Int), what: String)] = [:]
      for space in spaces + [users] {
        for (key, entry) in space.entries {
          let words = key.split(separator: " ")
          let rank = (space.preference, words[0] == "sid" || words[1].hasPrefix("fd") ? 0 : Int(words[3])!, space.order)
          let target = "\(words[0]) \(words[1])"
          if let other = best[target], other.rank < rank { continue }
          best[target] = (rank, entry.what)
        }
      }
      let wanted = best.map { "\($0.key) \($0.value.what)" }.sorted()
      var found = node.state.routes(table: node.state.tableIndex("red")).filter(\.isBest).compactMap { row -> String? in
        guard let drop = Self.drops.firstIndex(of: node.state.action(of: row)) else { return nil }
        let prefix = row.prefix.description
        return prefix.hasPrefix("172.") || prefix.hasPrefix("fd77::/") ? "route \(prefix) \(drop)" : nil
      }
      for index in node.state.sids.indices {
        let entry = node.state.sids.entries[index]!
        guard entry.name.hasPrefix("fc00:0:1:77::") else { continue }
        let table = [TableReference.vrf("red"), .vrf("blue"), .main].firstIndex(of: entry.table!)!
        found.append("sid \(entry.name) \(table)")
      }
      #expect(found.sorted() == wanted, "\(place)")
      for (name, space) in zip(names, spaces) {
        let row = try #require(live.sourceRow(name))
        let stale = space.isLost ? space.entries.count : space.entries.count { $0.value.epoch != space.epoch }
        #expect(row.routes + row.sids == space.entries.count && row.stale == stale, "\(place)")
        #expect(row.epoch.map(Int.init) == space.epoch && row.lost == space.isLost, "\(place)")
      }
    }

    /// What sources give in any order, in transactions of any size and between each other's, ends in one state.
    @Test func orderDoesNotMatter() throws {
      var random = SeededRandom(seed: 8)
      for _ in 0..<10 {
        var lines: [(Int, String)] = []
        for number in 0..<40 {
          let via = ["via 172.16.\(random.below(45)).1", "via 10.254.0.2 dev ce-red"][random.below(2)]
          for who in 0..<3 where random.below(2) == 0 {
            lines.append((who, "route add 172.16.\(number).0/24 vrf red \(via)"))
            lines.append(
              (who, "sid add fc00:0:1:78::\(number) behavior End.DT4 vrf \(["red", "blue"][random.below(2)])"))
          }
        }
        let expected = try state(after: lines, &random)
        for _ in 0..<3 { #expect(try state(after: lines.shuffled(using: &random), &random) == expected) }
      }
    }

    private func state(after lines: [(who: Int, line: String)], _ random: inout SeededRandom) throws -> [String] {
      let node = try Node()
      let live = node.changes()
      let names: [SourceName?] = [nil, .kernel, try .protocol("bgp")]
      var left = lines[...]
      while let first = left.first {
        let some = left.prefix(1 + random.below(20)).prefix { $0.who == first.who }
        let text = some.map(\.line).joined(separator: "\n")
        if let name = names[first.who] {
          _ = try live.apply(batch: text, file: "batch", from: name)
        } else {
          _ = try live.apply(batch: text, file: "batch")
        }
        left = left.dropFirst(some.count)
      }
      let sids = node.state.sids.indices.map { node.state.sids.entries[$0]! }
      return node.state.routes().map { row in
        "\(row.table) \(row.prefix) \(row.candidate.source) \(row.candidate.feed) \(node.state.action(of: row)) \(row.isBest)"
      } + sids.map { "\($0.name) \($0.action) \($0.source)" }.sorted()
    }
  }
}
