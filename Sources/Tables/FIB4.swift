import Wire

/// IPv4 longest-prefix match for many tables (VRFs). The control thread changes them here; workers look addresses up
/// through ``view`` meanwhile, without locks.
///
/// A table's root is indexed by 8, 16, 18 or 24 bits (24: DIR-24-8). It has 18 bits from 65,536 routes on, and 16 from
/// 2,048 on. While such roots for all tables would take no more than 256 MiB, it has 18 bits from 32,768 on (204 tables),
/// 24 from 256 up to there (3 tables), and 16 from 64 on (819 tables). Below the root are compressed nodes, lists of a few
/// routes most of them. All addresses are in host byte order.
public final class FIB4 {
  private let set: TableSet<IPv4Address>
  private let arena: CellArena

  /// Makes an empty set of tables in `arena`. Memory that readers may still hold is freed through `frees`. Tables with
  /// few routes share `rootBudget` bytes for wide roots.
  /// - Throws: ``TableError/reservationFailed(bytes:errno:)``.
  public convenience init(
    arena: CellArena, frees: DeferredFrees, rootBudget: Int = 256 << 20
  ) throws(TableError) {
    try self.init(
      arena: arena, frees: frees, sizing: RootSizing(widths: RootSizing.ipv4, budget: rootBudget, skipsSharedBits: true)
    )
  }

  init(arena: CellArena, frees: DeferredFrees, sizing: RootSizing) throws(TableError) {
    self.arena = arena
    let shared = try TrieShared<UInt32>(arena: arena, frees: frees)
    set = try TableSet(context: TableContext(shared: shared, sizing: sizing, hosts: nil))
  }

  /// What workers look up in. It stays valid through every change, as long as this object lives.
  public var view: FIB4View {
    FIB4View(cells: arena.cells, roots: set.roots.words, isLarge: set.isLarge)
  }

  /// Makes an empty table. Table indexes are dense numbers of the caller's choice, below 65,536.
  /// - Throws: ``TableError/tableIndexOutOfRange(_:)``, ``TableError/tableExists(_:)``,
  ///   ``TableError/memoryLimit(bytes:)``.
  public func createTable(_ index: UInt32, form: RootForm = .automatic) throws(TableError) {
    try set.create(index, form: form)
  }

  /// Removes a table with its routes; from then on each lookup in it gives 0.
  /// - Throws: ``TableError/noSuchTable(_:)``.
  public func destroyTable(_ index: UInt32) throws(TableError) { try set.destroy(index) }

  /// Adds a route or replaces its value (1 to 0x7fffffff), and returns the value that it had. `length` is in bits.
  /// - Throws: ``TableError``: no such table, a bad length or value, bits set beyond the length, or the memory limit.
  @discardableResult public func insert(
    table: UInt32, address: IPv4Address, length: Int, value: UInt32
  ) throws(TableError) -> UInt32? {
    try set.insert(table, address, length, value)
  }

  /// Removes a route and returns the value that it had; nil if there is no such route.
  /// - Throws: ``TableError``: no such table, a bad length, or bits set beyond the length.
  @discardableResult public func remove(
    table: UInt32, address: IPv4Address, length: Int
  ) throws(TableError) -> UInt32? {
    try set.remove(table, address, length)
  }

  /// Adds routes or replaces their values; later ones of the same prefix win. Readers see all at once if the table has
  /// less than eight times as many routes, and else one after the other.
  /// - Throws: ``TableError``: as ``insert(table:address:length:value:)``; nothing has changed then.
  public func load(table: UInt32, routes: some Sequence<Route4>) throws(TableError) {
    try set.load(table, Array(routes))
  }

  /// The value of exactly this prefix, or nil.
  public func route(table: UInt32, address: IPv4Address, length: Int) -> UInt32? { set.route(table, address, length) }

  /// The longest prefix that covers an address, and its value; nil if none does.
  ///
  /// - Parameter limit: The longest prefixes that count, in bits.
  public func longestMatch(
    table: UInt32, address: IPv4Address, atMost limit: Int = 32
  ) -> (length: Int, value: UInt32)? {
    set.longestMatch(table, address, atMost: limit)
  }

  /// All routes of a table by address, shorter prefixes first; empty if there is no such table.
  public func routes(table: UInt32) -> [(address: IPv4Address, length: Int, value: UInt32)] { set.routes(table) }

  /// The number of a table's routes; 0 if there is no such table.
  public func routeCount(table: UInt32) -> Int { set.routeCount(table) }

  /// The leading address bits that index a table's root; 0 if there is no such table.
  public func rootBits(table: UInt32) -> Int { set.rootBits(table) }

  /// Bytes that a table costs: its root, nodes and their depths in the arena, and its list of routes. What waits in a
  /// ``DeferredFrees`` counts no longer. 0 if there is no such table.
  public func bytesInUse(table: UInt32) -> Int { set.bytesInUse(table) }

  /// Bytes of all tables' lists of routes, which are not in the arena.
  public var routeBytesInUse: Int { self.set.routeBytesInUse }
}
