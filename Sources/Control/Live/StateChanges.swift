import Dataplane
import Tables
import Wire

/// What a transaction changes, entry by entry.
struct StateChanges {
  /// One entry.
  enum Change<Entry> {
    case add(Entry)
    case remove(Entry)
    /// Boxed, as there are a million of the others at times.
    indirect case replace(Entry, by: Entry)

    /// What was there.
    var old: Entry? {
      switch self {
      case .add: nil
      case .remove(let old), .replace(let old, _): old
      }
    }

    /// What is there then.
    var new: Entry? {
      switch self {
      case .remove: nil
      case .add(let new), .replace(_, let new): new
      }
    }

    /// What takes it back.
    var reversed: Change {
      switch self {
      case .add(let new): .remove(new)
      case .remove(let old): .add(old)
      case .replace(let old, let new): .replace(new, by: old)
      }
    }
  }

  var vrfs: [Change<VRFEntry>] = []
  var sids: [Change<SIDEntry>] = []
  var routes: [Change<RouteEntry>] = []
  var neighbors: [Change<NeighborEntry>] = []
  var ports: [Change<PortEntry>] = []
  /// The ports after `ports`, in their order; nil leaves them.
  var newPorts: [PortEntry]?
  /// How packets are encapsulated; nil leaves it.
  var srv6: Change<SRv6Section>?

  var isEmpty: Bool {
    vrfs.isEmpty && sids.isEmpty && routes.isEmpty && neighbors.isEmpty && ports.isEmpty && srv6 == nil
  }
}

// What a transaction makes of the state. The tables' routes are staged meanwhile: workers see none of it before it is
// committed.

extension ForwardingState {
  /// Applies changes that have been validated: workers go from what was before to what is after by one publication.
  ///
  /// - Throws: ``TableError`` when memory or indexes end; everything is then as it was.
  func apply(_ changes: StateChanges, _ pacer: Pacer, _ workers: Workers) throws(TableError) {
    let published = (nextHops.entries.count, policies.count)
    var undo = UndoLog()
    let addresses = addressRoutes
    rib.stage()
    let plan: InterfacePlan?
    do throws(TableError) {
      try addTables(for: changes, &undo)
      plan = try addInterfaces(changes, &undo)
      try addRoutes(changes.routes, &undo, pacer)
      try addSIDs(changes.sids, &undo, pacer)
      try removeSIDs(changes.sids, &undo)
      try removeRoutes(changes.routes, pacer)
      try resolveRecursive()
      guard nextHops.entries.count <= RouteTarget.indexLimit else {
        throw .valueOutOfRange(UInt32(RouteTarget.indexLimit))
      }
      rebindSIDs(&undo)
      let isLarger = published != (nextHops.entries.count, policies.count)
      try commit(changes, plan, hasNewIndexes: isLarger, pacer, workers)
    } catch {
      rib.abandon()
      undo.run()
      sids.endChanges()
      nextHops.endTransitions(keeping: [])
      workers.publish()
      throw error
    }
    settleNeighbors(changes, addressesBefore: addresses)
    if let plan { releaseInterfaces(plan) }
    removeTables(changes.vrfs)
  }

  /// Gives neighbours routes where the transaction has put their addresses on-link. Without memory for one, packets find
  /// the neighbour by asking, each time.
  private func settleNeighbors(_ changes: StateChanges, addressesBefore before: AddressRoutes) {
    let places = Set(before.keys).union(addressRoutes.keys).filter { before[$0] != addressRoutes[$0] }
    try? settleNeighborRoutes(changedPlaces(changes, places))
  }

  /// The places in tables at which a transaction changed routes.
  private func changedPlaces(_ changes: StateChanges, _ addresses: Set<AddressRoutePlace>)
    -> [(table: Int, prefix: IPPrefix)]
  {
    let routes = changes.routes.compactMap { change in
      (change.new ?? change.old).flatMap { route in
        tables.index(route.tableReference).map { (table: $0, prefix: route.prefix) }
      }
    }
    let sids = changes.sids.compactMap { ($0.new ?? $0.old).map { (table: 0, prefix: IPPrefix.v6($0.prefix)) } }
    return routes + sids + addresses.map { (table: $0.table, prefix: $0.prefix) }
  }

  // MARK: Tables

  private func addTables(for changes: StateChanges, _ undo: inout UndoLog) throws(TableError) {
    var wanted = changes.vrfs.compactMap { $0.old == nil ? $0.new.map { TableRegistry.Entry($0) } : nil }
    let numbers = changes.routes.compactMap { $0.new?.table } + changes.sids.compactMap { $0.new?.table?.number }
    wanted += Set(numbers).sorted().map { TableRegistry.Entry(reference: .number($0), number: $0) }
    for entry in wanted where tables.index(entry.reference) == nil {
      guard let index = tables.add(entry) else { throw .valueOutOfRange(UInt32(tables.capacity)) }
      undo.add { [unowned self] in removeTable(index) }
      try createTable(index)
    }
    if !wanted.isEmpty { configuration.vrfs = tables.indices.compactMap { tables[$0]?.vrf } }
  }

  private func removeTables(_ vrfs: [StateChanges.Change<VRFEntry>]) {
    for vrf in vrfs where vrf.new == nil {
      if let index = vrf.old.flatMap({ tables.index(.vrf($0.name)) }) { removeTable(index) }
    }
    configuration.vrfs = tables.indices.compactMap { tables[$0]?.vrf }
  }

  private func removeTable(_ index: Int) {
    tables.remove(index)
    try? fib4.destroyTable(UInt32(index))
    try? fib6.destroyTable(UInt32(index))
  }

  // MARK: Routes

  private func addRoutes(
    _ changes: [StateChanges.Change<RouteEntry>], _ undo: inout UndoLog, _ pacer: Pacer
  ) throws(TableError) {
    for change in changes {
      if let route = change.old ?? change.new { track(route, change.new, &undo) }
    }
    // A headend's outer source depends on where its first segment is routed.
    for encapsulates in [false, true] {
      for change in changes {
        guard let new = change.new, !new.isRecursive, new.encapsulates == encapsulates else { continue }
        if let candidate = candidate(new) { try put(change, new, candidate) }
        pacer.step()
      }
    }
    try resolveRecursive()
  }

  /// Notes whether a route follows another.
  private func track(_ route: RouteEntry, _ new: RouteEntry?, _ undo: inout UndoLog) {
    let slot = BatchedChanges.RouteSlot(route)
    let old = recursive[slot]
    let tracked = new.flatMap { $0.isRecursive ? $0 : nil }
    if old == nil && tracked == nil { return }
    recursive[slot] = tracked
    undo.add { [unowned self] in recursive[slot] = old }
  }

  private func put(
    _ change: StateChanges.Change<RouteEntry>, _ new: RouteEntry, _ candidate: RouteCandidate
  ) throws(TableError) {
    try rib.replace(table: tableIndex(new.tableReference), new.prefix, candidate)
    // Another source's has another place in the RIB.
    if let old = change.old, old.source != new.source { try remove(old) }
  }

  private func removeRoutes(_ changes: [StateChanges.Change<RouteEntry>], _ pacer: Pacer) throws(TableError) {
    for case .remove(let old) in changes {
      try remove(old)
      pacer.step()
    }
  }

  private func remove(_ route: RouteEntry) throws(TableError) {
    let table = tableIndex(route.tableReference)
    try rib.remove(table: table, route.prefix, route.source, feed: route.feed, metric: route.relativeMetric)
  }

  // MARK: SIDs

  private func addSIDs(
    _ changes: [StateChanges.Change<SIDEntry>], _ undo: inout UndoLog, _ pacer: Pacer
  ) throws(TableError) {
    for change in changes {
      pacer.step()
      guard let new = change.new else { continue }
      guard let index = sids.reserve(new.prefix) else { throw .valueOutOfRange(UInt32(RouteTarget.indexLimit)) }
      let (entry, compiled) = (sids.entries[index], sids.compiled[index])
      sids.set(index, new, try bind(new))
      undo.add { [unowned self] in sids.set(index, entry, compiled) }
      if entry == nil {
        try rib.add(table: 0, .v6(new.prefix), RouteCandidate(.sid, .sid(index)))
      } else {
        sids.setBefore(index, compiled)
      }
    }
  }

  private func removeSIDs(_ changes: [StateChanges.Change<SIDEntry>], _ undo: inout UndoLog) throws(TableError) {
    for change in changes where change.new == nil {
      guard let old = change.old, let index = sids.index(old.prefix) else { continue }
      try rib.remove(table: 0, .v6(old.prefix), .sid)
      sids.set(index, nil, nil)
      undo.add { [unowned self] in sids.set(index, old, nil) }
    }
  }

  /// Has the SIDs without a port of their own follow the routes to their next hops.
  private func rebindSIDs(_ undo: inout UndoLog) {
    for index in sids.indices {
      guard let entry = sids.entries[index], entry.nexthop != nil, entry.port == nil else { continue }
      guard let sid = try? bind(entry) else { continue }
      let old = sids.compiled[index]
      if (sid.nextHop, sid.nextHopIPv4, sid.table) != (old.nextHop, old.nextHopIPv4, old.table) {
        sids.setBefore(index, old)
        sids.set(index, entry, sid)
        undo.add { [unowned self] in sids.set(index, entry, old) }
      }
    }
  }

  // MARK: Encapsulation

  func setSRv6(_ section: SRv6Section) {
    configuration.srv6 = section
    remakePolicies()
  }
}

/// How to take back what a transaction has done so far, besides what is staged.
struct UndoLog {
  private var steps: [() -> Void] = []

  mutating func add(_ step: @escaping () -> Void) { steps.append(step) }

  func run() { for step in steps.reversed() { step() } }
}
