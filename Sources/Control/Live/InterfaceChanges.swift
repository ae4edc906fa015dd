import Dataplane
import Tables
import Wire

// How ports, their addresses and the settings of VRFs change under the workers: interfaces are as they will be by the one
// publication by which a transaction takes effect.

/// Interfaces as a transaction will have them.
struct InterfacePlan {
  /// By index, those that go included.
  var interfaces: [InterfaceInfo]
  /// Indexes of those that are not as they were.
  var changed: Set<Int>
  /// The configuration's ports.
  var ports: [PortEntry]
  /// The VRFs that are there already and get other settings.
  var vrfs: [VRFEntry]
}

extension ForwardingState {
  /// Interfaces that there may be at once: each has a table of its own behind the others, and 16 bits for its index.
  public var interfaceLimit: Int { min(WorkerCounters.interfaceLimit, WorkerCounters.tableLimit - tables.capacity) }

  /// Makes new interfaces, which nothing leads to yet, and stages the routes of all addresses. Nil if nothing of ports or
  /// VRFs changes.
  func addInterfaces(_ changes: StateChanges, _ undo: inout UndoLog) throws(TableError) -> InterfacePlan? {
    if changes.ports.isEmpty && changes.vrfs.isEmpty { return nil }
    for change in changes.ports where change.old == nil {
      if let new = change.new { try addInterface(new, &undo) }
    }
    let plan = plan(changes)
    for index in plan.changed where !plan.interfaces[index].isGone {
      let (added, kept) = (plan.interfaces[index].linkLocals, interfaces[index].linkLocals)
      try addLinkLocals(added, index)
      undo.add { [unowned self] in removeLinkLocals(added.filter { !kept.contains($0) }, index) }
    }
    let vrfs = tables.indices.compactMap { tables[$0]?.vrf }.filter { vrf in
      !changes.vrfs.contains { $0.new == nil && $0.old?.name == vrf.name }
    }
    let wanted = addressRoutes(
      plan.interfaces, vrfs: vrfs.map { vrf in plan.vrfs.first { $0.name == vrf.name } ?? vrf })
    for (place, target) in wanted where addressRoutes[place] != target {
      try rib.replace(table: place.table, place.prefix, RouteCandidate(place.source, target))
    }
    for place in addressRoutes.keys where wanted[place] == nil {
      try rib.remove(table: place.table, place.prefix, place.source)
    }
    let old = addressRoutes
    undo.add { [unowned self] in addressRoutes = old }
    addressRoutes = wanted
    return plan
  }

  /// Gives a new interface an index, its link's table, and counters that begin at zero.
  private func addInterface(_ entry: PortEntry, _ undo: inout UndoLog) throws(TableError) {
    let isReused = !freeInterfaces.isEmpty
    let index = isReused ? freeInterfaces.removeFirst() : interfaces.count
    guard index < interfaceLimit, case .vlan(let parent, _) = entry.link else {
      throw .valueOutOfRange(UInt32(interfaceLimit))
    }
    var info = InterfaceInfo(entry: entry, port: 0, mac: 0)
    info.settle(parent: interfaces[interfaceIndex(parent)])
    info.isComing = true
    info.countedBefore = tally(index)
    if isReused { interfaces[index] = info } else { interfaces.append(info) }
    interfaceIndexes[entry.name] = index
    if isReused { remakeNextHops([index]) }
    undo.add { [unowned self] in
      interfaces[index].remove()
      interfaceIndexes[entry.name] = nil
      freeInterfaces.append(index)
      remakeNextHops([index])
      removeLinkTable(index)
    }
    try addLinkTable(index)
  }

  private func plan(_ changes: StateChanges) -> InterfacePlan {
    var next = interfaces
    for change in changes.ports {
      guard let old = change.old else { continue }
      let index = interfaceIndex(old.name)
      if let new = change.new { next[index].entry = new } else { next[index].remove() }
    }
    for index in next.indices where !next[index].isGone && next[index].entry.link.isDevice {
      next[index].settle(parent: nil)
    }
    for index in next.indices { next[index].isComing = false }
    for index in next.indices where !next[index].isGone {
      if case .vlan(let parent, _) = next[index].entry.link { next[index].settle(parent: next[interfaceIndex(parent)]) }
    }
    let changed = next.indices.filter { !next[$0].isSame(as: interfaces[$0]) }
    let vrfs = changes.vrfs.compactMap { $0.old == nil ? nil : $0.new }
    return InterfacePlan(
      interfaces: next, changed: Set(changed), ports: changes.newPorts ?? configuration.ports, vrfs: vrfs)
  }

  /// Has everything follow the interfaces and VRFs as they are to be. Without memory for what a SID needs, it stays as it was.
  func switchInterfaces(_ plan: InterfacePlan) {
    // The broadcast addresses that Linux's End.DX4 knows on each link.
    let broadcasts = isLikeLinux ? interfaces.indices.map { directedBroadcasts(beside: $0) } : []
    let before = interfaces
    interfaces = plan.interfaces
    configuration.ports = plan.ports
    for vrf in plan.vrfs { tables.replace(vrf) }
    remakeNextHops(plan.changed)
    remakePolicies()
    for index in sids.indices {
      if let entry = sids.entries[index], let sid = try? bind(entry) { sids.set(index, entry, sid) }
    }
    for index in interfaces.indices where !interfaces[index].isGone {
      if isLikeLinux { try? followBroadcasts(index, before: broadcasts[index]) }
      removeLinkLocals(before[index].linkLocals.filter { !interfaces[index].linkLocals.contains($0) }, index)
    }
    _ = balance()
  }

  private func remakeNextHops(_ changed: Set<Int>) {
    nextHops.remake { nextHop(anew: $0, of: changed) }
  }

  /// Frees the indexes of interfaces that are gone, once no worker has them.
  func releaseInterfaces(_ plan: InterfacePlan) {
    for index in plan.changed where interfaces[index].isGone {
      let name = interfaces[index].name
      interfaceIndexes[name] = nil
      neighbors = neighbors.filter { $0.key.port != name }
      removeLinkTable(index)
      freeInterfaces.append(index)
    }
  }
}
