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
  }

  var vrfs: [Change<VRFEntry>] = []
  var sids: [Change<SIDEntry>] = []
  var routes: [Change<RouteEntry>] = []
  var neighbors: [Change<NeighborEntry>] = []
  /// The outer source of what is encapsulated; nil leaves it.
  var encapSource: (old: IPv6Address?, new: IPv6Address?)?

  var isEmpty: Bool {
    vrfs.isEmpty && sids.isEmpty && routes.isEmpty && neighbors.isEmpty && encapSource == nil
  }
}

// How a transaction reaches the workers. Every entry is one change of a table, so that what is routed before and after is
// routed all the time; what an entry leads to is there before the entry, and goes after it.

extension ForwardingState {
  /// Applies changes that have been validated.
  ///
  /// - Parameter publish: Puts the state before the workers, and returns when none has an older one.
  /// - Throws: ``TableError`` when memory or indexes end; everything is then as it was.
  func apply(_ changes: StateChanges, _ pacer: Pacer, publish: () -> Void) throws(TableError) {
    var published = (nextHops.entries.count, policies.count)
    func prepare(hasSIDs: Bool) {
      let wanted = (nextHops.entries.count, policies.count)
      if hasSIDs || wanted != published { publish() }
      published = wanted
    }
    var undo = UndoLog()
    do throws(TableError) {
      try addTables(for: changes, &undo)
      if let source = changes.encapSource { setEncapSource(source.new) }
      try addRoutes(changes.routes, &undo, pacer) { prepare(hasSIDs: false) }
      try addSIDs(changes.sids, &undo, pacer) { prepare(hasSIDs: true) }
      try removeSIDs(changes.sids, &undo)
      try removeRoutes(changes.routes, &undo, pacer)
      try resolveRecursive { prepare(hasSIDs: false) }
    } catch {
      undo.run(on: self)
      if let source = changes.encapSource { setEncapSource(source.old) }
      try? resolveRecursive { prepare(hasSIDs: false) }
      publish()
      throw error
    }
    if rebindSIDs() || changes.encapSource != nil || !changes.vrfs.isEmpty { publish() }
    removeTables(changes.vrfs)
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
    _ changes: [StateChanges.Change<RouteEntry>], _ undo: inout UndoLog, _ pacer: Pacer, prepare: () -> Void
  ) throws(TableError) {
    for change in changes {
      if let route = change.old ?? change.new { track(route, change.new, &undo) }
    }
    // A headend's outer source depends on where its first segment is routed.
    for encapsulates in [false, true] {
      var wanted: [(change: Int, candidate: RouteCandidate)] = []
      for (index, change) in changes.enumerated() {
        guard let new = change.new, !new.isRecursive, new.encapsulates == encapsulates else { continue }
        if let candidate = candidate(new) { wanted.append((index, candidate)) }
        pacer.step()
      }
      guard nextHops.entries.count <= RouteTarget.indexLimit else {
        throw .valueOutOfRange(UInt32(RouteTarget.indexLimit))
      }
      prepare()
      for (index, candidate) in wanted {
        try put(changes[index], candidate, &undo)
        pacer.step()
      }
    }
    try resolveRecursive(prepare: prepare)
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
    _ change: StateChanges.Change<RouteEntry>, _ candidate: RouteCandidate, _ undo: inout UndoLog
  ) throws(TableError) {
    guard let new = change.new else { return }
    let table = tableIndex(new.tableReference)
    let replaced = try rib.replace(table: table, new.prefix, candidate)
    undo.add(table, new.prefix, wasThere: replaced != nil, replaced ?? candidate)
    // Another source's has another place in the RIB.
    if let old = change.old, old.source != new.source { try remove(old, &undo) }
  }

  private func removeRoutes(
    _ changes: [StateChanges.Change<RouteEntry>], _ undo: inout UndoLog, _ pacer: Pacer
  ) throws(TableError) {
    for case .remove(let old) in changes {
      try remove(old, &undo)
      pacer.step()
    }
  }

  private func remove(_ route: RouteEntry, _ undo: inout UndoLog) throws(TableError) {
    let table = tableIndex(route.tableReference)
    let removed = try rib.remove(
      table: table, route.prefix, route.source, feed: route.feed, metric: route.relativeMetric)
    if let removed { undo.add(table, route.prefix, wasThere: true, removed) }
  }

  // MARK: SIDs

  private func addSIDs(
    _ changes: [StateChanges.Change<SIDEntry>], _ undo: inout UndoLog, _ pacer: Pacer, prepare: () -> Void
  ) throws(TableError) {
    var added: [(IPv6Prefix, Int)] = []
    for change in changes {
      pacer.step()
      guard let new = change.new else { continue }
      guard let index = sids.reserve(new.prefix) else { throw .valueOutOfRange(UInt32(RouteTarget.indexLimit)) }
      let (entry, compiled) = (sids.entries[index], sids.compiled[index])
      sids.set(index, new, try bind(new))
      undo.add { [unowned self] in sids.set(index, entry, compiled) }
      if entry == nil { added.append((new.prefix, index)) }
    }
    if changes.contains(where: { $0.new != nil }) { prepare() }
    for (prefix, index) in added {
      pacer.step()
      try rib.add(table: 0, .v6(prefix), RouteCandidate(.sid, .sid(index)))
      undo.add { [unowned self] in _ = try? rib.remove(table: 0, .v6(prefix), .sid) }
    }
  }

  private func removeSIDs(_ changes: [StateChanges.Change<SIDEntry>], _ undo: inout UndoLog) throws(TableError) {
    for change in changes where change.new == nil {
      guard let old = change.old, let index = sids.index(old.prefix) else { continue }
      try rib.remove(table: 0, .v6(old.prefix), .sid)
      sids.set(index, nil, nil)
      undo.add { [unowned self] in
        sids.set(index, old, nil)
        _ = try? rib.add(table: 0, .v6(old.prefix), RouteCandidate(.sid, .sid(index)))
      }
    }
  }

  /// Has the SIDs without a port of their own follow the routes to their next hops; true if any has changed.
  private func rebindSIDs() -> Bool {
    var hasChanged = false
    for index in sids.indices {
      guard let entry = sids.entries[index], entry.nexthop != nil, entry.port == nil else { continue }
      guard let sid = try? bind(entry) else { continue }
      let old = sids.compiled[index]
      if (sid.nextHop, sid.nextHopIPv4, sid.table) != (old.nextHop, old.nextHopIPv4, old.table) {
        sids.set(index, entry, sid)
        hasChanged = true
      }
    }
    return hasChanged
  }

  // MARK: Outer source

  private func setEncapSource(_ source: IPv6Address?) {
    configuration.srv6.encapSource = source
    for index in policies.indices { policies[index] = policy(policies[index].encapsulation, policies[index].interface) }
  }
}

/// How to take back what a transaction has done so far.
private struct UndoLog {
  private enum Step {
    /// A route that has changed: what was there, or else what is there.
    case route(table: UInt32, IPPrefix, wasThere: Bool, RouteCandidate)
    case other(() -> Void)
  }

  private var steps: [Step] = []

  mutating func add(_ step: @escaping () -> Void) { steps.append(.other(step)) }

  mutating func add(_ table: Int, _ prefix: IPPrefix, wasThere: Bool, _ candidate: RouteCandidate) {
    steps.append(.route(table: UInt32(table), prefix, wasThere: wasThere, candidate))
  }

  func run(on state: ForwardingState) {
    for step in steps.reversed() {
      switch step {
      case .route(let table, let prefix, wasThere: true, let candidate):
        _ = try? state.rib.replace(table: Int(table), prefix, candidate)
      case .route(let table, let prefix, wasThere: false, let candidate):
        _ = try? state.rib.remove(
          table: Int(table), prefix, candidate.source, feed: candidate.feed, metric: candidate.metric)
      case .other(let step): step()
      }
    }
  }
}
