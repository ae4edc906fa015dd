import Synchronization
import TestSupport
import Wire

@testable import Tables

/// A grace period that is over when the test says so.
final class ManualGracePeriod: GracePeriod {
  private var started: UInt64 = 0
  private var over: UInt64 = 0
  var endsAtOnce = false

  func start() -> UInt64 {
    started += 1
    return started
  }

  func isOver(_ token: UInt64) -> Bool { endsAtOnce || token <= over }

  func endAll() { over = started }
}

/// Longest-prefix match by looking at every route.
struct NaiveTable<Address: RoutableAddress> {
  var routes: [Prefix<Address>: UInt32] = [:]

  func lookup(_ address: Address) -> UInt32 {
    let matches = routes.filter { Prefix<Address>(covering: address.bits, length: $0.key.length) == $0.key }
    return matches.max { $0.key.length < $1.key.length }?.value ?? 0
  }
}

/// What FIB4 and FIB6 have in common, so that one test serves both.
protocol TestedFIB {
  associatedtype Address: RoutableAddress & Sendable
  init(arena: CellArena, frees: DeferredFrees, threshold: Int) throws
  init(arena: CellArena, frees: DeferredFrees, sizing: RootSizing) throws(TableError)
  func createTable(_ index: UInt32, form: RootForm) throws(TableError)
  func destroyTable(_ index: UInt32) throws(TableError)
  func insert(table: UInt32, address: Address, length: Int, value: UInt32) throws(TableError) -> UInt32?
  func remove(table: UInt32, address: Address, length: Int) throws(TableError) -> UInt32?
  func load(table: UInt32, routes: some Sequence<Route<Address>>) throws(TableError)
  func route(table: UInt32, address: Address, length: Int) -> UInt32?
  func longestMatch(table: UInt32, address: Address, atMost limit: Int) -> (length: Int, value: UInt32)?
  func routes(table: UInt32) -> [(address: Address, length: Int, value: UInt32)]
  func bytesInUse(table: UInt32) -> Int
  /// Looks up as a worker does, on whatever thread.
  var lookup: @Sendable (_ tables: [UInt32], _ addresses: [Address]) -> [UInt32] { get }
}

extension TestedFIB {
  func createTable(_ index: UInt32) throws(TableError) { try createTable(index, form: .automatic) }
}

extension FIB4: TestedFIB {
  convenience init(arena: CellArena, frees: DeferredFrees, threshold: Int) throws {
    let widths = [
      RootSizing.Width(bits: 16, fewRoutes: threshold / 2, routes: threshold / 2),
      RootSizing.Width(bits: 18, fewRoutes: threshold, routes: threshold),
      RootSizing.Width(bits: 24, fewRoutes: threshold + threshold / 4, routes: threshold + threshold / 4),
    ]
    let sizing = RootSizing(widths: widths, budget: 0, skipsSharedBits: true, indexedRoutes: threshold)
    try self.init(arena: arena, frees: frees, sizing: sizing)
  }

  var lookup: @Sendable ([UInt32], [IPv4Address]) -> [UInt32] {
    { [view] tables, addresses in
      Array(unsafeUninitializedCapacity: tables.count) { results, count in
        view.lookup(
          count: tables.count, tables: tables, destinations: addresses.map(\.value), results: results.baseAddress!)
        count = tables.count
      }
    }
  }
}

extension FIB6: TestedFIB {
  convenience init(arena: CellArena, frees: DeferredFrees, threshold: Int) throws {
    let widths = [
      RootSizing.Width(bits: 16, fewRoutes: threshold, routes: threshold),
      RootSizing.Width(bits: 24, fewRoutes: threshold + threshold / 4, routes: threshold + threshold / 4),
    ]
    try self.init(arena: arena, frees: frees, sizing: RootSizing(widths: widths, budget: 0, indexedRoutes: threshold))
  }

  var lookup: @Sendable ([UInt32], [IPv6Address]) -> [UInt32] {
    { [view] tables, addresses in
      Array(unsafeUninitializedCapacity: tables.count) { results, count in
        view.lookup(count: tables.count, tables: tables, destinations: addresses, results: results.baseAddress!)
        count = tables.count
      }
    }
  }
}

extension SeededRandom {
  /// A prefix near a few others, so that prefixes nest and share groups: one of 4 tops and of 4 values in every byte.
  mutating func prefix<Address: RoutableAddress>(_ type: Address.Type = Address.self) -> Prefix<Address> {
    Prefix(covering: clusteredBits(type), length: Int.random(in: 0...Address.Bits.bitWidth, using: &self))
  }

  /// Bits of an address that many of the prefixes above cover.
  mutating func clusteredBits<Address: RoutableAddress>(_: Address.Type) -> Address.Bits {
    var bits: Address.Bits = 0
    for _ in 0..<Address.Bits.bitWidth / 8 {
      bits = bits << 8 | Address.Bits(truncatingIfNeeded: [0x00, 0x0a, 0x80, 0xff].randomElement(using: &self)!)
    }
    return bits
  }

  /// An address at the edge of a prefix or just beyond it.
  mutating func address<Address: RoutableAddress>(near prefix: Prefix<Address>) -> Address {
    let hostBits = Address.Bits.bitWidth - prefix.length
    let last = prefix.bits | ((1 << hostBits) &- 1)
    return Address(bits: [prefix.bits, last, prefix.bits &- 1, last &+ 1].randomElement(using: &self)!)
  }
}
