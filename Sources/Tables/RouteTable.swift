import Synchronization
import Wire

/// What all tables of one address family share.
struct TableContext<Bits: FixedWidthInteger & UnsignedInteger> {
  let shared: TrieShared<Bits>
  let sizing: RootSizing
  /// Holds the routes whose prefix is a whole address; nil to hold them in the trie like others.
  let hosts: HostTable?
}

/// One routing table: its routes, and the cells that show them to readers.
final class RouteTable<Address: RoutableAddress> {
  typealias Entry = (prefix: Prefix<Address>, value: UInt32)

  private let index: UInt32
  private let form: RootForm
  private let context: TableContext<Address.Bits>
  private var trie: Trie<Address>
  private var routes: RouteTree<Address>
  /// The routes that the hash table of hosts holds.
  private var hostRoutes: RouteTree<Address>

  init(
    index: UInt32, form: RootForm, context: TableContext<Address.Bits>, rootWord: UnsafeMutablePointer<Atomic<UInt64>>
  ) throws(TableError) {
    (self.index, self.form, self.context) = (index, form, context)
    routes = RouteTree(pool: context.shared.pool)
    hostRoutes = RouteTree(pool: context.shared.pool)
    let bits = context.sizing.bits(form: form, routes: 0, tables: 1, current: 0)
    trie = try Trie(shared: context.shared, rootWord: rootWord, rootBits: bits)
  }

  deinit { routes.setIndex(false) }

  /// Bytes of cells, depths, route nodes and their index.
  var bytesInUse: Int { trie.units * CellArena.bytesPerUnit + routes.bytesInUse + hostRoutes.bytesInUse }

  /// The number of routes.
  var routeCount: Int { routes.count + hostRoutes.count }

  /// Those of them that lookups find in the trie.
  var prefixCount: Int { routes.count }

  /// The leading address bits that index the root.
  var rootBits: Int { trie.shape.bits }

  /// Adds a route or replaces its value, and returns the value that it had.
  func insert(_ prefix: Prefix<Address>, value: UInt32, tables: Int) throws(TableError) -> UInt32? {
    let shared = context.shared
    try shared.reserveRoutes(1)
    if let hosts = hosts(for: prefix) {
      try hosts.set(table: index, address: Self.hostAddress(prefix), value: value)
      let old = hostRoutes.insert(prefix, value: value, path: shared.path)
      return old == 0 ? nil : old
    }
    trie.prefetch(prefix)
    let old = routes.insert(prefix, value: value, path: shared.path)
    do {
      let change = old == 0 ? Change(adding: prefix, value: value) : Change(replacing: prefix, value: value)
      if trie.holds(prefix) {
        try trie.apply(change, limited: true)
      } else {
        // As wide as it is: there may be no room for the root that the table should have.
        try trie.rebuild(top: routes.root, shape: shape(bits: trie.shape.bits))
      }
    } catch {
      undo(prefix, old)
      throw error
    }
    if old != 0 { return old }
    fitRoot(tables: tables)
    return nil
  }

  private func undo(_ prefix: Prefix<Address>, _ old: UInt32) {
    if old == 0 {
      _ = routes.remove(prefix, path: context.shared.path)
    } else {
      _ = routes.insert(prefix, value: old, path: context.shared.path)
    }
  }

  /// Removes a route and returns the value that it had; nil if there is none.
  func remove(_ prefix: Prefix<Address>, tables: Int) throws(TableError) -> UInt32? {
    let shared = context.shared
    if let hosts = hosts(for: prefix) {
      let old = hostRoutes.remove(prefix, path: shared.path)
      if old == 0 { return nil }
      hosts.remove(table: index, address: Self.hostAddress(prefix))
      return old
    }
    trie.prefetch(prefix)
    let old = routes.remove(prefix, path: shared.path)
    if old == 0 { return nil }
    do {
      try trie.apply(Change(removing: prefix), limited: false)
    } catch {
      _ = routes.insert(prefix, value: old, path: shared.path)
      throw error
    }
    fitRoot(tables: tables)
    return old
  }

  /// Adds routes or replaces their values, as if one after the other. All or nothing; readers see the routes that are
  /// not a whole address all at once if they are many beside those that are there, and one after the other if few.
  func load(_ entries: [Entry], tables: Int) throws(TableError) {
    guard entries.count < (routes.count + hostRoutes.count) / 8 else { return try loadMany(entries, tables: tables) }
    var replaced: [UInt32] = []
    replaced.reserveCapacity(entries.count)
    do {
      for entry in entries {
        replaced.append(try insert(entry.prefix, value: entry.value, tables: tables) ?? 0)
      }
    } catch {
      for (entry, old) in zip(entries, replaced).reversed() { takeBack(entry.prefix, old, tables: tables) }
      throw error
    }
  }

  /// Undoes what readers have seen already.
  private func takeBack(_ prefix: Prefix<Address>, _ old: UInt32, tables: Int) {
    // Neither needs memory that the limit could refuse.
    if old == 0 {
      _ = try? remove(prefix, tables: tables)
    } else {
      undoLoad(prefix, old)
      if hosts(for: prefix) == nil { try? trie.apply(Change(replacing: prefix, value: old), limited: false) }
    }
  }

  /// Loads by building the cells anew.
  private func loadMany(_ entries: [Entry], tables: Int) throws(TableError) {
    let isSorted = zip(entries, entries.dropFirst()).allSatisfy { !Self.precedes($1, $0) }
    let sorted = isSorted ? entries : entries.sorted { Self.precedes($0, $1) }
    let shared = context.shared
    var replaced: [UInt32] = []
    replaced.reserveCapacity(sorted.count)
    shared.path.clear()
    shared.hostPath.clear()
    do {
      for entry in sorted {
        try shared.reserveRoutes(1)
        if let hosts = hosts(for: entry.prefix) {
          replaced.append(hostRoutes.insertNext(entry.prefix, value: entry.value, path: shared.hostPath))
          try hosts.set(table: index, address: Self.hostAddress(entry.prefix), value: entry.value)
        } else {
          replaced.append(routes.insertNext(entry.prefix, value: entry.value, path: shared.path))
        }
      }
      try trie.rebuild(top: routes.root, shape: rootShape(tables: tables))
      fitIndex()
    } catch {
      for (entry, old) in zip(sorted, replaced).reversed() { undoLoad(entry.prefix, old) }
      throw error
    }
  }

  private func undoLoad(_ prefix: Prefix<Address>, _ old: UInt32) {
    guard let hosts = hosts(for: prefix) else { return undo(prefix, old) }
    if old == 0 {
      _ = hostRoutes.remove(prefix, path: context.shared.path)
      hosts.remove(table: index, address: Self.hostAddress(prefix))
    } else {
      _ = hostRoutes.insert(prefix, value: old, path: context.shared.path)
      hosts.replace(table: index, address: Self.hostAddress(prefix), value: old)
    }
  }

  @inline(__always) private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    left.prefix.bits == right.prefix.bits
      ? left.prefix.length < right.prefix.length : left.prefix.bits < right.prefix.bits
  }

  /// Takes the table away from readers and gives its memory back.
  func destroy() {
    trie.destroy()
    hostRoutes.forEach { bits, _, _ in
      context.hosts?.remove(table: index, address: IPv6Address(bits: UInt128(bits)))
    }
    routes.removeAll()
    hostRoutes.removeAll()
  }

  /// The value of exactly this prefix, or nil.
  func value(of prefix: Prefix<Address>) -> UInt32? {
    (hosts(for: prefix) == nil ? routes : hostRoutes).value(of: prefix)
  }

  /// The longest route of at most `limit` bits that covers an address.
  func longestMatch(_ bits: Address.Bits, atMost limit: Int) -> (length: Int, value: UInt32)? {
    hostRoutes.longestMatch(bits, atMost: limit) ?? routes.longestMatch(bits, atMost: limit)
  }

  /// All routes by address, shorter prefixes of the same address first.
  func sortedRoutes() -> [(address: Address, length: Int, value: UInt32)] {
    var all: [(address: Address, length: Int, value: UInt32)] = []
    all.reserveCapacity(routes.count + hostRoutes.count)
    var hosts: [(Address.Bits, UInt32)] = []
    hostRoutes.forEach { bits, _, value in hosts.append((bits, value)) }
    var rest = hosts[...]
    func appendHosts(while condition: (Address.Bits) -> Bool) {
      while let (bits, value) = rest.first, condition(bits) {
        all.append((Address(bits: bits), Address.Bits.bitWidth, value))
        rest.removeFirst()
      }
    }
    routes.forEach { bits, length, value in
      appendHosts { $0 < bits }
      all.append((Address(bits: bits), length, value))
    }
    appendHosts { _ in true }
    return all
  }

  /// Gives the root the shape that it should have. That only serves speed or thrift: without the memory for it, the
  /// table stays right as it is.
  func fitRoot(tables: Int) {
    let shape = rootShape(tables: tables)
    if shape != trie.shape { try? trie.rebuild(top: routes.root, shape: shape) }
    fitIndex()
  }

  /// A root of fewer bits asks for parts of the way to a route that the index leaves out.
  private func fitIndex() {
    routes.setIndex(trie.shape.end >= RouteIndex.bits && routes.deservesIndex(from: context.sizing.indexedRoutes))
  }

  private func rootShape(tables: Int) -> RootShape {
    let bits = context.sizing.bits(form: form, routes: routes.count, tables: tables, current: trie.shape.bits)
    return shape(bits: bits)
  }

  private func shape(bits: Int) -> RootShape { context.sizing.shape(bits: bits, shared: routes.sharedBits) }

  private func hosts(for prefix: Prefix<Address>) -> HostTable? {
    prefix.length == Address.Bits.bitWidth ? context.hosts : nil
  }

  private static func hostAddress(_ prefix: Prefix<Address>) -> IPv6Address { IPv6Address(bits: UInt128(prefix.bits)) }
}
