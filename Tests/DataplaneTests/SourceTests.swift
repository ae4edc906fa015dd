import TestSupport
import Testing
import Wire

@testable import Control
@testable import Dataplane

extension WorkerTests {
  /// Sources besides the users: they begin, give entries, vanish, come back and sweep, while packets flow.
  @Suite final class SourceTests: SourceSuite {
    private var publications = 0

    @Test func theLowestPreferenceWinsAndTheNextTakesOver() throws {
      let frame = red("172.16.0.1")
      try live.begin(ospf, preference: 110)
      try give("route add prohibit 172.16.0.0/12 vrf red", ospf)
      #expect(try node.send(frame) == .drop(.prohibit))
      try give(route)
      #expect(try node.send(frame) == toPeer("172.16.0.1"))
      try give("route add unreachable 172.16.0.0/12 vrf red", .kernel)
      #expect(try node.send(frame) == .drop(.unreachable))
      _ = try live.apply(batch: "route add blackhole 172.16.0.0/12 vrf red", file: "batch")
      #expect(try node.send(frame) == .drop(.blackhole))
      // Each goes by itself.
      _ = try live.apply(batch: "route del 172.16.0.0/12 vrf red", file: "batch")
      #expect(try node.send(frame) == .drop(.unreachable))
      try give("route del 172.16.0.0/12 vrf red", .kernel)
      #expect(try node.send(frame) == toPeer("172.16.0.1"))
      try give("route del 172.16.0.0/12 vrf red")
      #expect(try node.send(frame) == .drop(.prohibit))
      try give("route del 172.16.0.0/12 vrf red", ospf)
      #expect(try node.send(frame) == .drop(.noRoute))
    }

    @Test func aFileNeverTouchesWhatOthersGave() throws {
      try give(route)
      let whole = try live.apply(configuration: nodeConfiguration, file: "node.yaml", batch: nil, dryRun: false)
      #expect((whole.added, whole.replaced, whole.deleted) == (0, 0, 0))
      #expect(try node.send(red("172.16.0.1")) == toPeer("172.16.0.1"))
      // The same prefix of the users' own is another route.
      _ = try live.apply(batch: route, file: "batch")
      let back = try live.apply(configuration: nodeConfiguration, file: "node.yaml", batch: nil, dryRun: false)
      #expect((back.added, back.replaced, back.deleted) == (0, 0, 1))
      #expect(try node.send(red("172.16.0.1")) == toPeer("172.16.0.1"))
      #expect(
        refusal { () throws(ChangeError) in _ = try live.apply(batch: "route del 172.16.0.0/12 vrf red", file: "b") }
          .count == 1)
    }

    @Test func whatIsGivenAgainIsOnlyRefreshed() throws {
      let live = node.changes { [unowned self] in publications += 1 }
      let lines = """
        \(route)
        route add 172.32.0.0/16 vrf red via 172.16.0.1
        sid add fc00:0:1:55:: behavior End.DT4 vrf red
        neighbor add 10.254.0.77 lladdr 02:00:00:00:00:77 dev ce-red
        """
      let first = try live.apply(batch: lines, file: "batch", from: bgp)
      #expect((first.added, first.replaced) == (4, 0))
      try live.begin(bgp)
      #expect(live.sourceRow(bgp)?.stale == 4)
      publications = 0
      let again = try live.apply(batch: lines, file: "batch", from: bgp)
      #expect((again.added, again.replaced, again.deleted, again.revision) == (0, 0, 0, first.revision))
      #expect(publications == 0)
      #expect(live.sourceRow(bgp)?.stale == 0 && live.sourceRow(bgp)?.epoch == 2)
      let swept = try live.sweep(bgp)
      #expect(swept.deleted == 0)
      #expect(publications == 0)
    }

    /// The source dies and comes back with some of its routes: what both epochs have loses no packet, at no step.
    @Test func nothingIsLostWhileASourceVanishesAndReturns() throws {
      let kept = (0..<50).map { "route add 172.16.\($0).0/24 vrf red via 10.254.0.2 dev ce-red" }
      let gone = (50..<60).map { "route add 172.16.\($0).0/24 vrf red via 10.254.0.2 dev ce-red" }
      var sent = 0
      func flows() {
        for number in 0..<50 {
          let destination = "172.16.\(number).9"
          let outcome = try? node.send(red(destination))
          #expect(outcome == toPeer(destination))
          sent += 1
        }
      }
      var isGiven = false
      let live = node.changes { if isGiven { flows() } }
      live.clock = { [unowned self] in now }
      try live.begin(bgp, hold: 30)
      _ = try live.apply(batch: (kept + gone).joined(separator: "\n"), file: "batch", from: bgp)
      isGiven = true
      flows()
      try live.lost(bgp)
      flows()
      now += 29_000
      #expect(live.sweepDue().isEmpty)
      flows()
      #expect(live.sourceRow(bgp)?.sweep == 1 && live.sourceRow(bgp)?.stale == 60)
      #expect(
        refusal { () throws(ChangeError) in _ = try live.apply(batch: kept[0], file: "b", from: bgp) } == [
          "protocol bgp is lost; it has to begin anew before it gives entries"
        ])
      try live.begin(bgp)
      now += 3_600_000
      #expect(live.sweepDue().isEmpty)
      for lines in [kept.prefix(20), kept.dropFirst(20)] {
        _ = try live.apply(batch: lines.joined(separator: "\n"), file: "batch", from: bgp)
        flows()
      }
      #expect(try node.send(red("172.16.55.9")) == toPeer("172.16.55.9"))
      // A new SID has the state published in the middle of things.
      _ = try live.apply(batch: "sid add fc00:0:1:55:: behavior End.DT4 vrf red", file: "batch", from: bgp)
      #expect(try live.sweep(bgp).deleted == 10)
      flows()
      #expect(try node.send(red("172.16.55.9")) == .drop(.noRoute))
      #expect(sent > 300, "there are publications in the middle of things")
      isGiven = false
      try live.lost(bgp)
      now += 30_000
      #expect(live.sweepDue().isEmpty)
      #expect(
        live.sourceRow(bgp)?.routes == 0 && live.sourceRow(bgp)?.sweep == nil && live.sourceRow(bgp)?.lost == true)
      #expect(try node.send(red("172.16.1.9")) == .drop(.noRoute))
    }

    @Test func withoutHoldALostSourceIsSweptAtOnce() throws {
      try live.begin(bgp, hold: 0)
      try give(route)
      try live.lost(bgp)
      #expect(try node.send(red("172.16.0.1")) == .drop(.noRoute))
      try live.lost(bgp)
      #expect(try row(bgp).routes == 0)
    }

    @Test func aSIDOfSeveralSourcesIsThatOfTheLowestPreference() throws {
      let sid = "fc00:0:1:9999::"
      let frame = tunnel(sid, 4, ipv4("10.250.0.1", "10.1.1.1", payload: pattern(20)))
      let routed = routed4(ipv4("10.250.0.1", "10.1.1.1", payload: pattern(20)))
      let (blue, red) = (
        Node.Outcome.sent("ce-blue", ethernet(bluePeer, blueMAC, 0x0800, routed)),
        Node.Outcome.sent("ce-red", ethernet(redPeer, redMAC, 0x0800, routed))
      )
      let before = try node.send(frame)
      try give("sid add \(sid) behavior End.DT4 vrf blue")
      #expect(try node.send(frame) == blue)
      _ = try live.apply(batch: "sid add \(sid) behavior End.DT4 vrf red", file: "batch")
      #expect(try node.send(frame) == red)
      try live.begin(bgp)
      _ = try live.apply(batch: "sid del \(sid)", file: "batch")
      #expect(try node.send(frame) == blue)
      _ = try live.sweep(bgp)
      #expect(try node.send(frame) == before)
    }

    @Test func aNeighbourOfSeveralSourcesIsThatOfTheLowestPreference() throws {
      let frame = red("10.77.0.1")
      func lines(_ end: String) -> String { "neigh add 10.254.0.99 lladdr 02:00:00:00:99:\(end) dev ce-red" }
      try give(lines("01"))
      #expect(try node.send(frame) == toPeer("10.77.0.1", "02:00:00:00:99:01"))
      try give(lines("02"), .kernel)
      #expect(try node.send(frame) == toPeer("10.77.0.1", "02:00:00:00:99:02"))
      _ = try live.apply(batch: lines("03"), file: "batch")
      #expect(try node.send(frame) == toPeer("10.77.0.1", "02:00:00:00:99:03"))
      try give("neigh del 10.254.0.99 dev ce-red", .kernel)
      _ = try live.apply(batch: "neigh del 10.254.0.99 dev ce-red", file: "batch")
      #expect(try node.send(frame) == toPeer("10.77.0.1", "02:00:00:00:99:01"))
      try give("neigh del 10.254.0.99 dev ce-red")
      #expect(try node.send(frame) == .drop(.neighborUnresolved))
    }

  }
}
