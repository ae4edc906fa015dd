import Dataplane
import SRv6
import Tables
import Wire

/// The tables of the data plane, built from a validated configuration, and what every index in them means.
///
/// Control thread only; workers see it as the snapshot that is published from it.
public final class ForwardingState {
  /// The configuration that this was built from.
  public let configuration: Configuration
  /// Interfaces by index.
  public let interfaces: [InterfaceInfo]
  /// Names of the tables by index: `main`, the VRFs, then the tables that no VRF has, such as `table 200`.
  public let tableNames: [String]
  /// Every route, in the order of ``RouteSource``.
  public private(set) var routes: [RouteRow] = []

  let arena: CellArena
  let fib4: FIB4
  let fib6: FIB6
  var nextHops = NextHopTable()
  private(set) var sids: [LocalSID] = []
  /// What headend routes and SIDs put around packets, by index.
  var policies: [PolicyEntry] = []
  /// The table in which Linux looks an inner destination up that End.DX4 sends on-link, by interface.
  var linkTables: [Int: Int] = [:]
  private let tableIndexes: [TableReference: Int]
  private let interfaceIndexes: [String: Int]
  private let neighbors: [Neighbor: MACAddress]

  private struct Neighbor: Hashable {
    var port: String
    var address: IPAddress
  }

  /// Builds every table.
  ///
  /// - Throws: ``TableError`` when memory ends; nothing is published then.
  public init(
    _ configuration: Configuration, interfaces: [InterfaceInfo], frees: DeferredFrees
  ) throws(TableError) {
    self.configuration = configuration
    self.interfaces = interfaces
    tableNames =
      ["main"] + configuration.vrfs.map(\.name) + configuration.bareTables.map { TableReference.number($0).words }
    tableIndexes = configuration.tableIndexes
    interfaceIndexes = Dictionary(uniqueKeysWithValues: interfaces.enumerated().map { ($1.name, $0) })
    neighbors = Dictionary(
      configuration.neighbors.map { (Neighbor(port: $0.port, address: $0.address), $0.mac) }, uniquingKeysWith: { $1 })
    arena = try CellArena.largest()
    fib4 = try FIB4(arena: arena, frees: frees)
    fib6 = try FIB6(arena: arena, frees: frees)
    // One more table for each interface: only Linux's End.DX4 fills any, and an empty one takes nothing.
    for table in 0..<tableNames.count + interfaces.count {
      try fib4.createTable(UInt32(table))
      try fib6.createTable(UInt32(table))
    }
    try addLocalAddresses()
    try addLocalAddressesOfMain()
    try addSIDs()
    try addConnected()
    try addStatic()
    try addNeighbors()
    try bindSIDs()
  }

  /// The table's index for a VRF's name; nil is the main table.
  func tableIndex(_ vrf: String?) -> Int { tableIndex(TableReference(vrf: vrf)) }

  /// The table's index.
  func tableIndex(_ table: TableReference) -> Int { tableIndexes[table]! }

  /// The interface's index for a port's name.
  func interfaceIndex(_ port: String) -> Int { interfaceIndexes[port]! }

  /// Adds a route unless a more preferred source has one for the prefix.
  func add(
    _ source: RouteSource, table: Int, _ prefix: IPPrefix, _ target: RouteTarget, _ action: String
  ) throws(TableError) {
    switch prefix {
    case .v4(let prefix):
      guard fib4.route(table: UInt32(table), address: prefix.address, length: prefix.length) == nil else { return }
      try fib4.insert(table: UInt32(table), address: prefix.address, length: prefix.length, value: target.value)
    case .v6(let prefix):
      guard fib6.route(table: UInt32(table), address: prefix.address, length: prefix.length) == nil else { return }
      try fib6.insert(table: UInt32(table), address: prefix.address, length: prefix.length, value: target.value)
    }
    routes.append(RouteRow(table: table, prefix: prefix, source: source, action: action))
  }

  // MARK: Next hops

  /// The next hop to an address through an interface: its static neighbour's Ethernet address, or none.
  func nextHop(to address: IPAddress, interface: Int) -> Int {
    let info = interfaces[interface]
    let neighbor = neighbors[Neighbor(port: info.name, address: address)]
    return nextHops.index(.neighbor(interface: interface, address: address)) {
      guard let neighbor else { return .dropping(.neighborUnresolved) }
      return .forwarding(
        header: info.header(to: neighbor.value, etherType: address.isIPv4 ? EtherType.ipv4 : EtherType.ipv6),
        mtu: UInt32(info.entry.mtu), interface: UInt16(interface), port: info.port,
        takesChains: info.takesChains)
    }
  }

  /// A table's name in a sentence: `main`, `vrf red`, `table 200`.
  func describe(table index: Int) -> String {
    index > 0 && index <= configuration.vrfs.count ? "vrf \(tableNames[index])" : tableNames[index]
  }

  /// What a next hop does, in words.
  public func describe(nextHop index: Int) -> String {
    switch nextHops.keys[index] {
    case .neighbor(let interface, let address): "via \(address) port \(interfaces[interface].name)"
    case .onLink(let interface): "port \(interfaces[interface].name)"
    case .encapsulate(let encapsulation): encapsulation.words
    case .localOfMain: "local in main"
    case .drop(let reason): reason == .localDestination ? "local" : reason.name
    }
  }

  // MARK: SIDs

  /// The SIDs' routes; ``bindSIDs()`` makes what they lead to.
  private func addSIDs() throws(TableError) {
    for (index, entry) in configuration.sids.enumerated() {
      try add(.sid, table: 0, .v6(entry.prefix), .sid(index), entry.action)
    }
  }

  /// Compiles the SIDs, once the routes are there that their next hops are looked up by.
  private func bindSIDs() throws(TableError) {
    for entry in configuration.sids { sids.append(try bind(entry)) }
  }
}

extension SIDEntry {
  /// The SID as it is written: a /128 without its length.
  public var name: String { prefix.length == 128 ? prefix.address.description : prefix.description }

  /// The behaviour and its parameters in words: `End.DT4 vrf red`.
  public var action: String {
    var words = [behavior.name]
    if !flavors.isEmpty { words.append("flavors \(flavors.names.joined(separator: ",").lowercased())") }
    if let table { words.append(table.words) }
    if !segments.isEmpty { words.append("segments \(segments.map(\.description).joined(separator: ","))") }
    if let nexthop { words.append("nexthop \(nexthop)") }
    if let port { words.append("port \(port)") }
    return words.joined(separator: " ")
  }
}
