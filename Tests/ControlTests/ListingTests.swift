import Foundation
import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Control

/// Listings in pages, while what they list changes.
@Suite struct ListingTests {
  private let sources: StatisticsSources
  private let router: APIRouter

  init() throws {
    let sources = try makeStatisticsSources()
    self.sources = sources
    router = APIHandlers(sources: { sources }, pools: { [] }, changes: makeChanges()).router
  }

  private func text(_ uri: String) throws -> Data {
    let response = router.respond(to: try APIRequest(method: .GET, uri: uri))
    guard case .pieces(var pieces) = response.body else { throw APIProblem(response.status, uri) }
    var data = Data()
    while !pieces.isFinished { data += Data(try pieces.next().readableBytesView) }
    return data
  }

  private func page(_ query: String) throws -> ListingPage<ListedRoute> {
    try JSONDecoder().decode(ListingPage<ListedRoute>.self, from: text("/v1/routes?\(query)"))
  }

  private var whole: [ListedRoute] {
    get throws { try JSONDecoder().decode([ListedRoute].self, from: text("/v1/routes")) }
  }

  /// A route of `red` or of main, of either family, or a second one for a prefix that has one.
  private func change(_ number: Int, isThere: Bool) throws {
    let prefix: IPPrefix =
      number % 3 == 0
      ? IPPrefix.v6(
        IPv6Prefix(address: IPv6Address(high: UInt64(number) << 20, low: 0), length: number % 2 == 0 ? 48 : 128))
      : .v4(IPv4Prefix(address: IPv4Address(0x0b00_0000 + UInt32(number) << 8), length: 24))
    let candidate = RouteCandidate(number % 5 == 0 ? .api : .static, .nextHop(0), metric: number % 7 == 0 ? 9 : 0)
    let table = number % 2
    if isThere {
      _ = try sources.state.rib.add(table: table, prefix, candidate)
      // As a better one beside it.
      if number % 4 == 0 { _ = try sources.state.rib.add(table: table, prefix, RouteCandidate(.kernel, .nextHop(0))) }
    } else {
      _ = try sources.state.rib.remove(table: table, prefix, candidate.source, metric: candidate.metric)
    }
  }

  private func place(_ row: ListedRoute) -> String { "\(row.vrf) \(row.prefix) \(row.source) \(row.metric)" }

  @Test(arguments: [1, 2, 3, 7, 255, 256, 257, 5000]) func pagesTogetherAreTheListing(_ limit: Int) throws {
    for number in 0..<600 { try change(number, isThere: true) }
    let all = try whole.map(place)
    #expect(Set(all).count == all.count && all.count > 700)
    var rows: [String] = []
    var after: String?
    repeat {
      let page = try page("limit=\(limit)" + (after.map { "&after=\($0)" } ?? ""))
      #expect(page.items.count <= limit && page.total == all.count && page.offset == 0)
      #expect(page.items.count == limit || page.next == nil)
      rows += page.items.map(place)
      after = page.next
    } while after != nil
    #expect(rows == all)
  }

  @Test func rowsCanBeSkipped() throws {
    // More than are skipped at once.
    for number in 0..<9000 { try change(number, isThere: true) }
    let all = try whole.map(place)
    for offset in [0, 1, 255, 4095, 4096, 4097, 8192, all.count - 1, all.count, all.count + 1, .max] {
      let page = try page("offset=\(offset)&limit=3")
      #expect(page.items.map(place) == Array(all.dropFirst(offset).prefix(3)), "\(offset)")
      #expect(page.offset == offset && page.total == all.count)
    }
    let second = try page("limit=2&after=\(try #require(try page("limit=5").next))&offset=1")
    #expect(second.items.map(place) == Array(all[6..<8]))
    #expect(try page("limit=0").items.isEmpty)
  }

  @Test func whatStaysIsShownOnceWhateverElseChanges() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    for number in 0..<1000 { try change(number, isThere: true) }
    let before = Set(try whole.map(place))
    var gone: Set<Int> = []
    var rows: [String] = []
    var after: String?
    repeat {
      let page = try page("limit=37" + (after.map { "&after=\($0)" } ?? ""))
      rows += page.items.map(place)
      after = page.next
      for _ in 0..<20 {
        let number = random.below(2000)
        // What goes stays away, or it would be one that comes.
        if number >= 1000 || gone.insert(number).inserted { try change(number, isThere: number >= 1000) }
      }
    } while after != nil
    #expect(Set(rows).count == rows.count, "seed \(seed)")
    let left = before.intersection(try whole.map(place))
    #expect(left.count > 300 && left.isSubset(of: rows), "seed \(seed)")
  }

  @Test func countsIncludeWhatIsNotTheBest() throws {
    for number in 0..<500 { try change(number, isThere: true) }
    for number in stride(from: 0, to: 500, by: 3) { try change(number, isThere: false) }
    #expect(RouteListing(sources: sources, table: nil).total == (try whole).count)
    for table in sources.state.tables.indices {
      #expect(sources.state.rowCount(table: table) == sources.state.routes(table: table).count)
    }
  }

  @Test(arguments: ["routes", "sids", "neighbors"]) func badPlacesAreRefused(_ name: String) throws {
    for after in ["", "x", "1,2", "0,10.0.0.0/99,1,1,1", "-1", "99999999999999999999,1"] {
      let response = router.respond(to: try APIRequest(method: .GET, uri: "/v1/\(name)?after=\(after)"))
      #expect(response.status == .badRequest, "\(after)")
    }
    // Places that are read and are none.
    for (name, after) in [("routes", "77,10.9.9.9/8,1,0,200"), ("sids", "999999"), ("neighbors", "zz,10.0.0.1")] {
      #expect(try String(decoding: text("/v1/\(name)?after=\(after)"), as: UTF8.self).hasPrefix("{\"items\":[]"))
    }
  }

  @Test func neighborsAndSIDsComeInPagesToo() throws {
    var cache = NeighborCache()
    for number in 0..<5000 {
      let address = IPAddress.v4(IPv4Address(UInt32(number &* 2_654_435_761 & 0xffff) + 0x0a01_0000))
      _ = cache.want(.init(interface: number % 3, address: address), now: 0)
    }
    let listing = NeighborListing(
      sources: StatisticsSources(state: sources.state, workers: [], neighbors: cache, ports: [:]))
    let all = listing.items(after: nil, count: .max)
    #expect(all == all.sorted() && all.count == cache.entries.count && listing.total == all.count)
    for limit in [1, 100, 1500, 4999, 5000, 6000] {
      var found: [NeighborListing.Place] = []
      while true {
        let page = listing.items(after: found.last, count: limit)
        found += page
        if page.count < limit || found.count > all.count { break }
        if limit == 1, found.count == 50 { break }
      }
      #expect(found == Array(all.prefix(found.count)) && (limit == 1 || found.count == all.count), "\(limit)")
      #expect(found.map(\.description).allSatisfy { NeighborListing.Place($0)?.description == $0 })
    }
    let sids = SIDListing(sources: sources)
    #expect(sids.items(after: nil, count: 1) == [0] && sids.total == 2)
    #expect(sids.items(after: .init(index: 0), count: 9) == [1])
    #expect(sids.items(after: .init(index: 1), count: 9) == [])
  }
}
