import Wire

/// IPv6 longest-prefix match for many tables (VRFs). The control thread changes them here; workers look addresses up
/// through ``view`` meanwhile, without locks.
///
/// Most SIDs are /128, so those are found by their exact address in one hash table of all tables; shorter prefixes
/// are in tries with strides of 8 bits, whose root has 2^8 cells, and 2^16 from `wideThreshold` shorter prefixes on.
/// All addresses are in host byte order.
public final class FIB6 {
  private let set: TableSet<IPv6Address>
  private let arena: CellArena
  private let hosts: HostTable

  /// Makes an empty set of tables in `arena`. Memory that readers may still hold is freed through `frees`.
  /// - Throws: ``TableError/reservationFailed(bytes:errno:)``.
  public init(arena: CellArena, frees: DeferredFrees, wideThreshold: Int = 1024) throws(TableError) {
    self.arena = arena
    hosts = HostTable(frees: frees)
    set = try TableSet(
      context: TableContext(
        memory: TrieMemory(arena: arena, frees: frees),
        sizing: RootSizing(smallBits: 8, threshold: wideThreshold), hosts: hosts))
  }

  /// What workers look up in. It stays valid through every change, as long as this object lives.
  public var view: FIB6View { FIB6View(cells: arena.cells, roots: set.roots.words, hosts: hosts.published) }

  /// Bytes of the hash table of /128 routes, which is not in the arena.
  public var hostBytesInUse: Int { hosts.bytesInUse }

  /// Makes an empty table. Table indexes are dense numbers of the caller's choice, below 65,536.
  /// - Throws: ``TableError/tableIndexOutOfRange(_:)``, ``TableError/tableExists(_:)``,
  ///   ``TableError/memoryLimit(bytes:)``.
  public func createTable(_ index: UInt32) throws(TableError) { try set.create(index) }

  /// Removes a table with its routes; from then on each lookup in it gives 0.
  /// - Throws: ``TableError/noSuchTable(_:)``.
  public func destroyTable(_ index: UInt32) throws(TableError) { try set.destroy(index) }

  /// Adds a route or replaces its value (1 to 0x7fffffff), and returns the value that it had. `length` is in bits.
  /// - Throws: ``TableError``: no such table, a bad length or value, bits set beyond the length, or the memory limit.
  @discardableResult public func insert(
    table: UInt32, address: IPv6Address, length: Int, value: UInt32
  ) throws(TableError) -> UInt32? {
    try set.insert(table, address, length, value)
  }

  /// Removes a route and returns the value that it had; nil if there is no such route.
  /// - Throws: ``TableError``: no such table, a bad length, or bits set beyond the length.
  @discardableResult public func remove(
    table: UInt32, address: IPv6Address, length: Int
  ) throws(TableError) -> UInt32? {
    try set.remove(table, address, length)
  }

  /// The value of exactly this prefix, or nil.
  public func route(table: UInt32, address: IPv6Address, length: Int) -> UInt32? { set.route(table, address, length) }

  /// The longest prefix that covers an address, and its value; nil if none does.
  public func longestMatch(table: UInt32, address: IPv6Address) -> (length: Int, value: UInt32)? {
    set.longestMatch(table, address)
  }

  /// All routes of a table by address, shorter prefixes first; empty if there is no such table.
  public func routes(table: UInt32) -> [(address: IPv6Address, length: Int, value: UInt32)] { set.routes(table) }
}
