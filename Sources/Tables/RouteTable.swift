import Synchronization
import Wire

/// How large a table's root is. It starts with `smallBits`, has 8 bits more from `threshold` routes on, and is small
/// again below a quarter of that, so that a table near the threshold does not exchange its root at every change.
struct RootSizing {
  let smallBits: Int
  let threshold: Int
}

/// What all tables of one address family share.
struct TableContext {
  let memory: TrieMemory
  let sizing: RootSizing
  /// Holds the routes whose prefix is a whole address; nil to hold them in the trie like others.
  let hosts: HostTable?
}

/// One routing table: its routes, and the cells that show them to readers.
final class RouteTable<Address: RoutableAddress> {
  private let index: UInt32
  private let context: TableContext
  private var trie: Trie<Address>
  private(set) var routes = RouteSet<Address>()

  init(index: UInt32, context: TableContext, rootWord: UnsafeMutablePointer<Atomic<UInt64>>) throws(TableError) {
    self.index = index
    self.context = context
    trie = try Trie(memory: context.memory, rootWord: rootWord, rootBits: context.sizing.smallBits)
  }

  /// Adds a route or replaces its value, and returns the value that it had.
  func insert(_ prefix: Prefix<Address>, value: UInt32) throws(TableError) -> UInt32? {
    let old = routes[prefix]
    if let hosts = hosts(for: prefix) {
      hosts.set(table: index, address: Self.hostAddress(prefix), value: value)
    } else {
      try trie.insert(prefix, value: value)
    }
    routes[prefix] = value
    resizeRoot()
    return old
  }

  /// Removes a route and returns the value that it had; nil if there is none.
  func remove(_ prefix: Prefix<Address>) -> UInt32? {
    guard let old = routes[prefix] else { return nil }
    routes[prefix] = nil
    if let hosts = hosts(for: prefix) {
      hosts.remove(table: index, address: Self.hostAddress(prefix))
    } else {
      trie.remove(prefix, covering: routes.longestMatch(prefix.bits, atMost: prefix.length - 1))
    }
    resizeRoot()
    return old
  }

  /// Takes the table away from readers and gives its memory back.
  func destroy() {
    trie.destroy()
    for prefix in routes.prefixes(length: Address.Bits.bitWidth) {
      hosts(for: prefix)?.remove(table: index, address: Self.hostAddress(prefix))
    }
  }

  private func hosts(for prefix: Prefix<Address>) -> HostTable? {
    prefix.length == Address.Bits.bitWidth ? context.hosts : nil
  }

  private static func hostAddress(_ prefix: Prefix<Address>) -> IPv6Address { IPv6Address(bits: UInt128(prefix.bits)) }

  private func resizeRoot() {
    let hostRoutes = context.hosts == nil ? 0 : routes.count(length: Address.Bits.bitWidth)
    let count = routes.count - hostRoutes
    let isSmall = trie.rootBits == context.sizing.smallBits
    // The other size only serves speed or thrift: without the memory for it, the table stays right as it is.
    if isSmall && count >= context.sizing.threshold {
      try? trie.widenRoot()
    } else if !isSmall && count < context.sizing.threshold / 4 {
      try? trie.narrowRoot()
    }
  }
}

/// The tables of one address family.
final class TableSet<Address: RoutableAddress> {
  private let context: TableContext
  private var tables: [UInt32: RouteTable<Address>] = [:]
  let roots: RootArray

  init(context: TableContext) throws(TableError) {
    self.context = context
    roots = try RootArray()
  }

  func create(_ index: UInt32) throws(TableError) {
    guard index < RootArray.capacity else { throw .tableIndexOutOfRange(index) }
    guard tables[index] == nil else { throw .tableExists(index) }
    tables[index] = try RouteTable(index: index, context: context, rootWord: roots.words + Int(index))
  }

  func destroy(_ index: UInt32) throws(TableError) {
    try table(index).destroy()
    tables[index] = nil
  }

  func insert(_ index: UInt32, _ address: Address, _ length: Int, _ value: UInt32) throws(TableError) -> UInt32? {
    let prefix = try Prefix(address, length)
    guard (1...Cell.maximumValue).contains(value) else { throw .valueOutOfRange(value) }
    return try table(index).insert(prefix, value: value)
  }

  func remove(_ index: UInt32, _ address: Address, _ length: Int) throws(TableError) -> UInt32? {
    try table(index).remove(Prefix(address, length))
  }

  func route(_ index: UInt32, _ address: Address, _ length: Int) -> UInt32? {
    guard let prefix = try? Prefix(address, length) else { return nil }
    return tables[index]?.routes[prefix]
  }

  func longestMatch(_ index: UInt32, _ address: Address) -> (length: Int, value: UInt32)? {
    tables[index]?.routes.longestMatch(address.bits, atMost: Address.Bits.bitWidth)
  }

  func routes(_ index: UInt32) -> [(address: Address, length: Int, value: UInt32)] {
    (tables[index]?.routes.sorted() ?? []).map { (Address(bits: $0.prefix.bits), $0.prefix.length, $0.value) }
  }

  private func table(_ index: UInt32) throws(TableError) -> RouteTable<Address> {
    guard let table = tables[index] else { throw .noSuchTable(index) }
    return table
  }
}
