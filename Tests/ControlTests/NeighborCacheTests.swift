import Testing
import Wire

@testable import Control

/// The states of RFC 4861, section 7.3, as far as a router without upper-layer hints goes.
@Suite struct NeighborCacheTests {
  typealias Key = NeighborCache.Key
  typealias Action = NeighborCache.Action

  let key = Key(interface: 1, address: .v4(IPv4Address(0x0a01_0002)))
  let mac = MACAddress(0x0200_0000_0001)
  let other = MACAddress(0x0200_0000_0002)
  var cache = NeighborCache()

  @Test mutating func aFirstPacketAsksEverybodyAndTheRestWaits() {
    #expect(cache.want(key, now: 0) == [.ask(key, nil)])
    #expect(cache.want(key, now: 10) == [])
    #expect(cache.advance(now: 999) == [])
    #expect(cache.advance(now: 1000) == [.ask(key, nil)])
    #expect(cache.advance(now: 2000) == [.ask(key, nil)])
    #expect(cache.advance(now: 3000) == [.lost(key)])
    #expect(cache.entries[key]?.state == .failed)
    #expect(cache.want(key, now: 3001) == [.ask(key, nil)], "the next packet begins anew")
  }

  @Test mutating func anAnswerResolvesAndIsLookedAfter() {
    _ = cache.want(key, now: 0)
    #expect(cache.answers(key, mac, isSolicited: true, overrides: true, now: 5) == [.resolved(key, mac)])
    #expect(cache.entries[key]?.state == .reachable)
    #expect(cache.want(key, now: 6) == [])
    #expect(cache.advance(now: 30_004) == [])
    #expect(cache.advance(now: 30_005) == [.ask(key, mac)], "that neighbour alone")
    #expect(cache.entries[key]?.mac == mac, "packets go on meanwhile")
    #expect(cache.answers(key, mac, isSolicited: true, overrides: true, now: 30_010) == [], "nothing has changed")
    #expect(cache.entries[key]?.state == .reachable)
  }

  @Test mutating func oneThatFallsSilentIsLost() {
    _ = cache.want(key, now: 0)
    _ = cache.answers(key, mac, isSolicited: true, overrides: true, now: 0)
    var actions: [Action] = []
    for now in stride(from: 30_000 as UInt64, through: 33_000, by: 100) { actions += cache.advance(now: now) }
    #expect(actions == [.ask(key, mac), .ask(key, mac), .ask(key, mac), .lost(key)])
    #expect(cache.advance(now: 43_000) == [.expired(key)])
    #expect(cache.retry(key, now: 43_000) == [.ask(key, nil)])
    #expect(cache.answers(key, mac, isSolicited: true, overrides: true, now: 43_001) == [.resolved(key, mac)])
  }

  @Test mutating func whoAsksIsLearnedAndThenAskedItself() {
    #expect(cache.hears(key, mac, now: 0) == [.resolved(key, mac)])
    #expect(cache.entries[key]?.state == .stale)
    #expect(cache.hears(key, mac, now: 1) == [])
    #expect(cache.hears(key, other, now: 2) == [.resolved(key, other)], "it has another card now")
    #expect(cache.advance(now: 5002) == [.ask(key, other)])
  }

  @Test mutating func announcementsChangeWhatIsKnownAndAddNothing() {
    #expect(cache.answers(key, mac, isSolicited: false, overrides: true, now: 0) == [])
    #expect(cache.entries.isEmpty)
    _ = cache.hears(key, mac, now: 0)
    #expect(cache.answers(key, other, isSolicited: false, overrides: true, now: 1) == [.resolved(key, other)])
    #expect(cache.answers(key, mac, isSolicited: false, overrides: false, now: 2) == [], "no override")
    #expect(cache.entries[key]?.mac == other)
    #expect(cache.answers(key, nil, isSolicited: true, overrides: false, now: 3) == [], "no address, but it is there")
    #expect(cache.entries[key]?.state == .reachable)
    #expect(cache.answers(key, mac, isSolicited: false, overrides: false, now: 4) == [])
    #expect(cache.entries[key]?.state == .stale, "RFC 4861, 7.2.5: believed enough to ask")
  }

  @Test mutating func configuredOnesNeverChange() {
    #expect(cache.setPermanent(key, mac) == [.resolved(key, mac)])
    #expect(cache.hears(key, other, now: 0) == [])
    #expect(cache.answers(key, other, isSolicited: true, overrides: true, now: 0) == [])
    #expect(cache.want(key, now: 0) == [])
    #expect(cache.advance(now: .max - 1) == [])
    #expect(cache.entries[key]?.mac == mac)
    #expect(cache.remove(key) == [.forgotten(key)])
    #expect(cache.remove(key) == [])
  }

  @Test mutating func aScanOfALinkEndsAtTheLimit() {
    for host in 0..<UInt32(NeighborCache.limit) {
      #expect(cache.want(Key(interface: 0, address: .v4(IPv4Address(0x0a00_0000 + host))), now: 0)?.count == 1)
    }
    #expect(cache.want(key, now: 0) == nil)
    #expect(cache.hears(key, mac, now: 0) == [])
    for now in [1000, 2000, 3000] as [UInt64] { _ = cache.advance(now: now) }
    #expect(cache.want(key, now: 3000) == [.ask(key, nil)], "one that does not answer makes room")
  }
}
