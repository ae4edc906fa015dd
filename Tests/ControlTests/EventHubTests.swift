import Foundation
import NIOCore
import Testing
import Wire

@testable import Control

/// What listeners are told, and what becomes of one that does not listen.
@Suite struct EventHubTests {
  /// Everything that waits, as JSON.
  private func lines(_ queue: EventQueue) throws -> [NSDictionary] {
    var text = ""
    while let chunk = queue.take() { text += String(buffer: chunk) }
    return try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)
    }
  }

  private func link(_ port: String) -> LinkEvent { LinkEvent(port: port, link: .up, revision: 0) }

  @Test func aStreamBeginsWithItsRevisionAndHasWhatWasAskedFor() throws {
    let hub = EventHub()
    hub.commit(StateChanges(), revision: 7)
    let links = try hub.listen(to: [.link])
    let routes = try hub.listen(to: [.route, .vrf])
    hub.emit(.link, link("core \"\\\n"))
    #expect(
      try lines(links) == [
        ["event": "begin", "revision": 7],
        ["event": "link", "port": "core \"\\\n", "link": "up", "revision": 0],
      ])
    #expect(try lines(routes) == [["event": "begin", "revision": 7]])
  }

  @Test func nothingIsMadeThatNobodyHears() throws {
    let hub = EventHub()
    var made = 0
    func event() -> LinkEvent {
      made += 1
      return link("core")
    }
    hub.emit(.link, event())
    let queue = try hub.listen(to: [.route])
    hub.emit(.link, event())
    #expect(made == 0)
    let others = [try hub.listen(to: [.link]), try hub.listen(to: [.link])]
    hub.emit(.link, event())
    #expect(made == 1, "once for all")
    for other in [queue] + others { other.cancel() }
    hub.emit(.link, event())
    #expect(made == 1 && !hub.wants(.link) && !hub.wants(.route))
  }

  @Test func whoIsSlowLosesAndIsTold() throws {
    var limits = EventHub.Limits()
    limits.queuedBytes = 1000
    let hub = EventHub(limits: limits)
    let (slow, fast) = (try hub.listen(to: [.link]), try hub.listen(to: [.link]))
    var heard: [NSDictionary] = []
    for number in 0..<100 {
      hub.emit(.link, link("p\(number)"))
      heard += try lines(fast)
    }
    #expect(heard.count == 101)
    let late = try lines(slow)
    let kept = late.count - 2
    #expect((10..<30).contains(kept), "\(kept)")
    #expect(Array(late[...kept]) == Array(heard[...kept]), "the first ones are there, and none is missing between")
    #expect(late.last == ["event": "lost", "count": 100 - kept])
    hub.emit(.link, link("again"))
    #expect(try lines(slow).map { $0["port"] as? String } == ["again"])
  }

  @Test func manyEventsWaitInPiecesAndInOrder() throws {
    let hub = EventHub()
    let queue = try hub.listen(to: [.link])
    for number in 0..<5000 { hub.emit(.link, link("port-\(number)")) }
    #expect(try lines(queue).dropFirst().map { $0["port"] as? String } == (0..<5000).map { "port-\($0)" })
  }

  @Test func aSignOfLifeIsNoEventThatIsLost() throws {
    var limits = EventHub.Limits()
    limits.queuedBytes = 100
    let hub = EventHub(limits: limits)
    let queue = try hub.listen(to: [.link])
    for _ in 0..<10 { queue.beat(hub.mark(.heartbeat)) }
    #expect(try lines(queue) == [["event": "begin", "revision": 0]])
    queue.beat(hub.mark(.heartbeat))
    #expect(try lines(queue) == [["event": "heartbeat", "revision": 0]])
  }

  @Test func listenersAreFewerThanConnections() throws {
    let hub = EventHub()
    #expect(EventHub.Limits().listeners < APIServer.Limits().remoteConnections)
    var queues = try (0..<EventHub.Limits().listeners).map { _ in try hub.listen(to: [.link]) }
    let problem = #expect(throws: APIProblem.self) { try hub.listen(to: [.link]) }
    #expect(problem?.status == .serviceUnavailable)
    queues.removeLast().cancel()
    _ = try hub.listen(to: [.link])
  }

  @Test func typesAreNamed() throws {
    #expect(try EventKind.set(named: nil) == Set(EventKind.allCases))
    #expect(try EventKind.set(named: "route,sid") == [.route, .sid])
    for text in ["", "route,", "routes", "route sid"] {
      let problem = #expect(throws: APIProblem.self) { try EventKind.set(named: text) }
      #expect(problem?.message.contains("the types are route, neighbor, link, sid, vrf") == true)
    }
  }

  @Test mutating func neighborsTellTheirTransitions() throws {
    let sources = try makeStatisticsSources()
    let hub = EventHub()
    let queue = try hub.listen(to: [.neighbor])
    var cache = NeighborCache()
    cache.tell(hub, of: sources.state)
    let key = NeighborCache.Key(interface: 1, address: try #require(IPAddress(parsing: "10.1.0.9")))
    let mac = try #require(MACAddress(parsing: "02:00:00:00:00:09"))
    _ = cache.want(key, now: 0)
    _ = cache.want(key, now: 1)
    _ = cache.answers(key, mac, isSolicited: true, overrides: true, now: 5)
    _ = cache.hears(key, mac, now: 6)
    _ = cache.remove(key)
    cache.tell(hub, of: sources.state)
    let common: [String: AnyHashable] = ["event": "neighbor", "port": "ce-red", "address": "10.1.0.9", "revision": 0]
    let known: [String: AnyHashable] = ["state": "reachable", "mac": "02:00:00:00:00:09"]
    func event(_ fields: [String: AnyHashable]) -> NSDictionary {
      common.merging(fields) { $1 } as NSDictionary
    }
    #expect(
      try lines(queue).dropFirst() == [
        event(["change": "added", "state": "incomplete"]),
        event(known.merging(["change": "replaced"]) { $1 }),
        event(known.merging(["change": "deleted"]) { $1 }),
      ])
    queue.cancel()
    cache.tell(hub, of: sources.state)
    _ = cache.want(key, now: 10)
    #expect(cache.takeTransitions().isEmpty, "nobody listens")
  }

  @Test(arguments: [
    (
      #"{"event":"route","change":"deleted","vrf":"red","prefix":"10.0.0.0/8","action":"via 10.1.0.2 port ce","source":"api","metric":5,"revision":1}"#,
      "[ROUTE] Deleted 10.0.0.0/8 vrf red via 10.1.0.2 port ce source api metric 5"
    ),
    (
      #"{"event":"sid","change":"replaced","sid":"fc00::1","action":"End.DT4 vrf red","revision":1}"#,
      "[SID] Replaced fc00::1 End.DT4 vrf red"
    ),
    (#"{"event":"vrf","change":"added","vrf":"red","table":100,"revision":1}"#, "[VRF] red table 100"),
    (
      #"{"event":"neighbor","change":"added","port":"ce","address":"10.1.0.2","state":"incomplete","revision":1}"#,
      "[NEIGHBOR] 10.1.0.2 port ce incomplete"
    ),
    (#"{"event":"link","port":"core","link":"down","revision":1}"#, "[LINK] core down"),
    (#"{"event":"lost","count":3}"#, "[LOST] 3 events: this client is too slow; read the state again"),
    (#"{"event":"heartbeat","revision":3}"#, nil),
  ]) func eventsAreReadAndWorded(_ json: String, _ text: String?) throws {
    #expect(try ReceivedEvent(json: Data(json.utf8)).text == text)
  }
}
