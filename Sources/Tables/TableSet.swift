/// The tables of one address family.
final class TableSet<Address: RoutableAddress> {
  private let context: TableContext<Address.Bits>
  private var tables: [RouteTable<Address>?] = []
  private var count = 0
  let roots: RootArray

  init(context: TableContext<Address.Bits>) throws(TableError) {
    self.context = context
    roots = try RootArray()
  }

  /// Bytes of the nodes of all route trees.
  var routeBytesInUse: Int { context.shared.pool.bytesInUse }

  func create(_ index: UInt32, form: RootForm) throws(TableError) {
    guard index < RootArray.capacity else { throw .tableIndexOutOfRange(index) }
    guard self[index] == nil else { throw .tableExists(index) }
    let table = try RouteTable<Address>(
      index: index, form: form, context: context, rootWord: roots.words + Int(index))
    while tables.count <= index { tables.append(nil) }
    tables[Int(index)] = table
    count += 1
    if context.sizing.isTighter(tables: count) { for table in tables { table?.fitRoot(tables: count) } }
  }

  func destroy(_ index: UInt32) throws(TableError) {
    try table(index).destroy()
    tables[Int(index)] = nil
    count -= 1
  }

  func insert(_ index: UInt32, _ address: Address, _ length: Int, _ value: UInt32) throws(TableError) -> UInt32? {
    let prefix = try Self.validate(address, length, value)
    return try table(index).insert(prefix, value: value, tables: count)
  }

  func remove(_ index: UInt32, _ address: Address, _ length: Int) throws(TableError) -> UInt32? {
    try table(index).remove(Prefix(address, length), tables: count)
  }

  func load(_ index: UInt32, _ routes: [Route<Address>]) throws(TableError) {
    let table = try table(index)
    var entries: [RouteTable<Address>.Entry] = []
    entries.reserveCapacity(routes.count)
    for route in routes {
      entries.append((try Self.validate(route.address, route.length, route.value), route.value))
    }
    try table.load(entries, tables: count)
  }

  private static func validate(_ address: Address, _ length: Int, _ value: UInt32) throws(TableError) -> Prefix<Address>
  {
    let prefix = try Prefix(address, length)
    guard (1...Cell.maximumValue).contains(value) else { throw .valueOutOfRange(value) }
    return prefix
  }

  func route(_ index: UInt32, _ address: Address, _ length: Int) -> UInt32? {
    guard let prefix = try? Prefix(address, length) else { return nil }
    return self[index]?.value(of: prefix)
  }

  func longestMatch(_ index: UInt32, _ address: Address, atMost limit: Int) -> (length: Int, value: UInt32)? {
    self[index]?.longestMatch(address.bits, atMost: limit)
  }

  func routes(_ index: UInt32) -> [(address: Address, length: Int, value: UInt32)] {
    self[index]?.sortedRoutes() ?? []
  }

  func routeCount(_ index: UInt32) -> Int { self[index]?.routeCount ?? 0 }

  /// There are so many prefixes that no near cache can hold what lookups read.
  var isLarge: Bool { tables.reduce(0) { $0 + ($1?.prefixCount ?? 0) } > 50_000 }

  func rootBits(_ index: UInt32) -> Int { self[index]?.rootBits ?? 0 }

  func bytesInUse(_ index: UInt32) -> Int { self[index]?.bytesInUse ?? 0 }

  private subscript(index: UInt32) -> RouteTable<Address>? { index < tables.count ? tables[Int(index)] : nil }

  private func table(_ index: UInt32) throws(TableError) -> RouteTable<Address> {
    guard let table = self[index] else { throw .noSuchTable(index) }
    return table
  }
}
