import CDPDKShim
import CPeers
import DPDK

/// A table of DPDK's, with the lookup functions that it offers.
protocol PeerTable: BatchedLookup where Answer == UInt64 {
  associatedtype Number: FixedWidthInteger & UnsignedInteger

  /// The name as it is part of figures' names.
  static var name: String { get }
  /// The address bits that the first level consumes.
  static var rootBits: Int { get }
  /// Groups that the table may lose for good with a random change.
  static var groupsLostByChange: Int { get }
  /// The lookup functions, by name.
  static var functions: [String] { get }

  /// An empty table; `entryBytes` is the size of a table's entry, of which one bit is not the next hop's.
  init(routes: Int, groups: Int, entryBytes: Int) throws
  /// Makes lookups use a function; false if this processor or EAL's --force-max-simd-bitwidth has it not.
  func select(_ function: String) -> Bool
  /// Adds or removes a route; a negative errno if that fails.
  func apply(_ change: Change<Number>) -> Int32
  func free()
  static func destination(_ number: Number) -> Destination
}

extension PeerTable {
  /// A table with these routes, and room for `changes` random changes that leave their number about the same.
  static func make(routes: [NumberedRoute<Number>], changes: Int, entryBytes: Int) throws -> Self {
    let room = routes.count + routes.count / 8 + 1024
    let peer = try Self(routes: room, groups: groups(for: routes, changes: changes), entryBytes: entryBytes)
    for route in routes { try peer.applying(.set(route)) }
    return peer
  }

  /// Enough extension groups for such routes, one for each byte of a prefix beyond the first level, and their changes.
  static func groups(for routes: [NumberedRoute<Number>], changes: Int) -> Int {
    let needed = routes.reduce(0) { $0 + max(0, $1.length - rootBits + 7) / 8 }
    return needed + needed / 8 + changes * groupsLostByChange + 1024
  }

  /// The sizes of an entry in bytes that may be the fastest: the small ones that hold all next hops and groups. At a
  /// million routes entries of 8 bytes are no faster than those of 4.
  static func entrySizes(for routes: [NumberedRoute<Number>], changes: Int) -> [Int] {
    let largest = max(Int(routes.map(\.value).max() ?? 0), groups(for: routes, changes: changes))
    return largest < 1 << 15 ? [2, 4] : [4]
  }

  /// Adds or removes a route.
  func applying(_ change: Change<Number>) throws {
    let result = apply(change)
    guard result == 0 else { throw DPDKError("\(Self.name): \(change)", code: result) }
  }
}

/// `rte_fib` of type DIR24_8.
struct RteFIB: PeerTable {
  static let name = "rte-fib"
  static let rootBits = 24
  static let groupsLostByChange = 0
  private static let types = [
    ("scalar macro", RTE_FIB_LOOKUP_DIR24_8_SCALAR_MACRO), ("scalar inline", RTE_FIB_LOOKUP_DIR24_8_SCALAR_INLINE),
    ("scalar uni", RTE_FIB_LOOKUP_DIR24_8_SCALAR_UNI), ("AVX-512", RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512),
  ]
  static let functions = types.map(\.0)

  private let fib: OpaquePointer

  init(routes: Int, groups: Int, entryBytes: Int) throws {
    let size = rte_fib_dir24_8_nh_sz(rawValue: UInt32(entryBytes.trailingZeroBitCount))
    guard let fib = peers_fib("bench-\(entryBytes)", UInt32(routes), UInt32(groups), size) else {
      throw DPDKError("rte_fib_create for \(routes) routes", code: ntl_errno())
    }
    self.fib = fib
  }

  func select(_ function: String) -> Bool {
    Self.types.contains { $0.0 == function && rte_fib_select_lookup(fib, $0.1) == 0 }
  }

  func apply(_ change: Change<UInt32>) -> Int32 {
    switch change {
    case .set(let route): rte_fib_add(fib, route.number, UInt8(route.length), UInt64(route.value))
    case .remove(let route): rte_fib_delete(fib, route.number, UInt8(route.length))
    }
  }

  func free() { rte_fib_free(fib) }

  static func destination(_ number: UInt32) -> UInt32 { number }

  func lookup(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<UInt32>,
    results: UnsafeMutablePointer<UInt64>
  ) {
    rte_fib_lookup_bulk(fib, UnsafeMutablePointer(mutating: destinations), results, Int32(count))
  }
}

/// `rte_fib6` of type TRIE.
struct RteFIB6: PeerTable {
  static let name = "rte-fib6"
  static let rootBits = 24
  /// rte_fib6 of DPDK 22.11 never takes back all groups that it reserved for a route that goes.
  static let groupsLostByChange = 2
  private static let types = [
    ("scalar", RTE_FIB6_LOOKUP_TRIE_SCALAR), ("AVX-512", RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512),
  ]
  static let functions = types.map(\.0)
  /// 16 bytes in network byte order.
  typealias Destination = (UInt64, UInt64)
  private typealias Bytes = (
    UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
  )

  private let fib: OpaquePointer

  init(routes: Int, groups: Int, entryBytes: Int) throws {
    let size = rte_fib_trie_nh_sz(rawValue: UInt32(entryBytes.trailingZeroBitCount))
    guard let fib = peers_fib6("bench-\(entryBytes)", UInt32(routes), UInt32(groups), size) else {
      throw DPDKError("rte_fib6_create for \(routes) routes with \(groups) groups", code: ntl_errno())
    }
    self.fib = fib
  }

  func select(_ function: String) -> Bool {
    Self.types.contains { $0.0 == function && rte_fib6_select_lookup(fib, $0.1) == 0 }
  }

  func apply(_ change: Change<UInt128>) -> Int32 {
    switch change {
    case .set(let route):
      Self.withBytes(route.number) { rte_fib6_add(fib, $0, UInt8(route.length), UInt64(route.value)) }
    case .remove(let route):
      Self.withBytes(route.number) { rte_fib6_delete(fib, $0, UInt8(route.length)) }
    }
  }

  private static func withBytes(_ number: UInt128, _ body: (UnsafePointer<UInt8>) -> Int32) -> Int32 {
    withUnsafeBytes(of: number.bigEndian) { body($0.assumingMemoryBound(to: UInt8.self).baseAddress!) }
  }

  func free() { rte_fib6_free(fib) }

  static func destination(_ number: UInt128) -> (UInt64, UInt64) {
    (UInt64(truncatingIfNeeded: number >> 64).bigEndian, UInt64(truncatingIfNeeded: number).bigEndian)
  }

  func lookup(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<(UInt64, UInt64)>,
    results: UnsafeMutablePointer<UInt64>
  ) {
    let bytes = UnsafeMutableRawPointer(mutating: destinations).assumingMemoryBound(to: Bytes.self)
    rte_fib6_lookup_bulk(fib, bytes, results, Int32(count))
  }
}
