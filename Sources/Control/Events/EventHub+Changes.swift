// What a transaction, the neighbours and the links have to tell.

extension EventHub {
  /// Tells a transaction's changes: a VRF before what is in it, and after that when it goes.
  func emit(_ changes: StateChanges) {
    for change in changes.vrfs where change.new != nil { emit(change) }
    for change in changes.sids {
      guard let kind = EventChange(old: change.old, new: change.new), let sid = change.new ?? change.old else {
        continue
      }
      emit(.sid, SIDEvent(change: kind, sid: sid.name, action: sid.action, revision: revision))
    }
    for change in changes.routes { emit(change) }
    for change in changes.vrfs where change.new == nil { emit(change) }
  }

  private func emit(_ change: StateChanges.Change<VRFEntry>) {
    guard let kind = EventChange(old: change.old, new: change.new), let vrf = change.new ?? change.old else { return }
    emit(.vrf, VRFEvent(change: kind, vrf: vrf.name, table: vrf.table, revision: revision))
  }

  private func emit(_ change: StateChanges.Change<RouteEntry>) {
    guard let kind = EventChange(old: change.old, new: change.new), let route = change.new ?? change.old else { return }
    emit(
      .route,
      RouteEvent(
        change: kind, vrf: route.tableReference.name, prefix: route.prefix.description, action: route.action.words,
        source: route.source.name, metric: UInt32(clamping: route.metric), revision: revision))
  }

  /// The link of a device's port has changed, and so has that of every interface on it.
  func emitLink(of port: UInt16, _ link: PortRow.Link, _ interfaces: [InterfaceInfo]) {
    for interface in interfaces where interface.port == port {
      emit(.link, LinkEvent(port: interface.name, link: link, revision: revision))
    }
  }
}

extension NeighborCache {
  /// Tells what has become of neighbours since the last time.
  mutating func tell(_ events: EventHub, of state: ForwardingState) {
    for transition in takeTransitions() {
      let entry = transition.new ?? transition.old
      guard let change = EventChange(old: transition.old, new: transition.new), let entry else { continue }
      events.emit(
        .neighbor,
        NeighborEvent(
          change: change, port: state.interfaces[transition.key.interface].name,
          address: transition.key.address.description, mac: entry.mac?.description, state: entry.state.rawValue,
          revision: events.revision))
    }
    keepsTransitions = events.wants(.neighbor)
  }
}
