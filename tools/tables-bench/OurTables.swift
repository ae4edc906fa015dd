import Tables

/// A grace period without readers: the bench looks up and changes in one thread, never at once.
struct NoReaders: GracePeriod {
  func start() -> UInt64 { 0 }
  func isOver(_ token: UInt64) -> Bool { true }
}

/// A set of tables with an arena of its own.
final class OurTables<F: FIB> {
  typealias Number = F.Address.Number

  private let arena: CellArena
  private let frees = DeferredFrees(gracePeriod: NoReaders())
  private let fib: F
  private var changes = 0

  /// Makes tables 0 ..< `count`, empty.
  init(count: Int = 1) throws {
    arena = try CellArena.largest()
    fib = try F.make(arena: arena, frees: frees)
    for table in 0..<count { try fib.createTable(UInt32(table), form: .automatic) }
  }

  /// Table 0 with these routes.
  convenience init(routes: [NumberedRoute<Number>]) throws {
    try self.init()
    try load(routes)
  }

  var view: F.View { fib.view }

  /// Every byte that the tables hold.
  var bytes: Int { arena.totalBytes }

  /// The bytes among those that are for lookups, without the lists of routes.
  var arenaBytes: Int { arena.bytesInUse }

  /// Routes as the tables take them.
  static func loadable(_ routes: [NumberedRoute<Number>]) -> [Route<F.Address>] {
    routes.map { Route(address: F.Address(number: $0.number), length: $0.length, value: $0.value) }
  }

  /// Adds many routes at once.
  func load(table: Int = 0, _ routes: [Route<F.Address>]) throws {
    try fib.load(table: UInt32(table), routes: routes)
    reclaim()
  }

  /// Adds many routes at once.
  func load(table: Int = 0, _ routes: [NumberedRoute<Number>]) throws {
    try load(table: table, Self.loadable(routes))
  }

  /// Makes a change, and frees now and then what earlier ones left behind, as a control thread does.
  func apply(_ change: Change<Number>, table: Int = 0) throws {
    switch change {
    case .set(let route):
      _ = try fib.insert(
        table: UInt32(table), address: F.Address(number: route.number), length: route.length, value: route.value)
    case .remove(let route):
      _ = try fib.remove(table: UInt32(table), address: F.Address(number: route.number), length: route.length)
    }
    changes += 1
    if changes % 256 == 0 { reclaim() }
  }

  /// Frees what no reader holds any more.
  func reclaim() { frees.reclaim() }
}
