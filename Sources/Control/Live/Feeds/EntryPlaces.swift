// What feeds name may not be there yet, or may have gone: such entries wait, and are in the data plane while all is there.

/// An entry that stands in a table or leaves by a port.
protocol PlacedEntry: SourcedEntry {
  /// Whether the VRFs and ports that it names fulfil conditions.
  func names(vrfs: (String) -> Bool, ports: (String) -> Bool) -> Bool
}

extension RouteEntry: PlacedEntry {
  func names(vrfs: (String) -> Bool, ports: (String) -> Bool) -> Bool {
    // A number that is no VRF's yet waits for one: `LiveChanges.follow(_:)`.
    guard table == nil, vrf.map(vrfs) ?? true else { return false }
    switch action {
    case .unicast(let hop): return hop.port.map(ports) ?? true
    case .multipath(let members): return members.allSatisfy { $0.nextHop.port.map(ports) ?? true }
    case .encapsulate(let encapsulation): return encapsulation.nexthop?.port.map(ports) ?? true
    case .blackhole, .unreachable, .prohibit: return true
    }
  }
}

extension SIDEntry: PlacedEntry {
  func names(vrfs: (String) -> Bool, ports: (String) -> Bool) -> Bool {
    (table?.vrf.map(vrfs) ?? true) && (port.map(ports) ?? true)
  }
}

extension NeighborEntry: PlacedEntry {
  func names(vrfs: (String) -> Bool, ports: (String) -> Bool) -> Bool { ports(port) }
}

/// The VRFs and ports that are there before a transaction, and after it.
struct Places {
  private let state: ForwardingState
  private let vrfs: (come: Set<String>, gone: Set<String>)
  private let ports: (come: Set<String>, gone: Set<String>)

  /// Those of a state, and of what is about to change in it.
  init(_ state: ForwardingState, _ changes: StateChanges = StateChanges()) {
    self.state = state
    vrfs = Self.names(changes.vrfs, \.name)
    ports = Self.names(changes.ports, \.name)
  }

  private static func names<Entry>(
    _ changes: [StateChanges.Change<Entry>], _ name: KeyPath<Entry, String>
  ) -> (come: Set<String>, gone: Set<String>) {
    let come = changes.compactMap { $0.old == nil ? $0.new?[keyPath: name] : nil }
    let gone = changes.compactMap { $0.new == nil ? $0.old?[keyPath: name] : nil }
    return (Set(come), Set(gone))
  }

  /// The transaction makes or removes some.
  var change: Bool { ![vrfs.come, vrfs.gone, ports.come, ports.gone].allSatisfy(\.isEmpty) }

  /// Everything that an entry names is there before the transaction. Users name nothing else.
  func hadAll(_ entry: some PlacedEntry) -> Bool {
    entry.feed == 0
      || entry.names(vrfs: { state.tables.index(.vrf($0)) != nil }, ports: { state.hasInterface($0) })
  }

  /// Everything that an entry names is there after it.
  func haveAll(_ entry: some PlacedEntry) -> Bool {
    entry.feed == 0
      || entry.names(
        vrfs: { vrfs.come.contains($0) || state.tables.index(.vrf($0)) != nil && !vrfs.gone.contains($0) },
        ports: { ports.come.contains($0) || state.hasInterface($0) && !ports.gone.contains($0) })
  }
}
