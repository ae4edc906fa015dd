import Dataplane
import SRv6
import Tables
import Wire

/// The tables of the data plane, built from a validated configuration, and what every index in them means.
///
/// Control thread only; workers see it as the snapshot that is published from it.
public final class ForwardingState {
  /// The configuration that this was built from, with the ports and VRFs of now.
  public internal(set) var configuration: Configuration
  /// Interfaces by index; those that are gone leave their places to others.
  public internal(set) var interfaces: [InterfaceInfo]
  /// The tables by index.
  public internal(set) var tables: TableRegistry
  /// What flow hashes begin with.
  let flowSeed: UInt64

  let arena: CellArena
  let fib4: FIB4
  let fib6: FIB6
  var rib: RIB
  /// Routes that wait for being loaded together.
  private var batch: RIB.Batch
  var nextHops = NextHopTable()
  var sids = SIDTable()
  /// Routes whose next hop is behind another route, by their place; they follow when that changes.
  var recursive: [BatchedChanges.RouteSlot: RouteEntry] = [:]
  /// What headend routes and SIDs put around packets, by index.
  var policies: [PolicyEntry] = []
  /// The policies of headend routes.
  var policyIndexes: [Encapsulation: Int] = [:]
  /// The policies of SIDs.
  var sidPolicies: [Encapsulation: Int] = [:]
  /// The numbers under which headend routes are counted.
  var headendNumbers: [BatchedChanges.RouteSlot: Int] = [:]
  /// The routes of the interfaces' addresses, as the tables have them.
  var addressRoutes: AddressRoutes = [:]
  /// The interfaces' indexes by name.
  var interfaceIndexes: [String: Int]
  /// Indexes of interfaces that are gone, the one that has been free for longest first.
  var freeInterfaces: [Int] = []
  /// What the workers have counted under an interface's index.
  var tally: (_ interface: Int) -> InterfaceTally = { _ in InterfaceTally() }
  /// The neighbours whose Ethernet addresses are known.
  var neighbors: [Neighbor: MACAddress]

  /// A neighbour's place.
  struct Neighbor: Hashable {
    var port: String
    var address: IPAddress
  }

  /// Builds every table.
  ///
  /// - Parameter flowSeed: What flow hashes begin with. Unless told, flows go the same way in every process.
  /// - Throws: ``TableError`` when memory ends; nothing is published then.
  public init(
    _ configuration: Configuration, interfaces: [InterfaceInfo], frees: DeferredFrees,
    flowSeed: UInt64 = 0x9e37_79b9_7f4a_7c15
  ) throws(TableError) {
    self.configuration = configuration
    self.interfaces = interfaces
    self.flowSeed = flowSeed
    tables = TableRegistry(configuration)
    interfaceIndexes = Dictionary(uniqueKeysWithValues: interfaces.enumerated().map { ($1.name, $0) })
    neighbors = Dictionary(
      configuration.neighbors.map { (Neighbor(port: $0.port, address: $0.address), $0.mac) }, uniquingKeysWith: { $1 })
    let memoryLimit = configuration.tables.memoryLimit ?? CellArena.defaultLimit
    arena = try CellArena.largest(limitBytes: memoryLimit)
    fib4 = try FIB4(arena: arena, frees: frees)
    fib6 = try FIB6(arena: arena, frees: frees)
    rib = RIB(fib4, fib6)
    batch = RIB.Batch(tables: tables.places)
    for table in tables.indices { try createTable(table) }
    for interface in interfaces.indices { try addLinkTable(interface) }
    addressRoutes = addressRoutes(interfaces, vrfs: configuration.vrfs)
    for (place, target) in addressRoutes { add(place.source, table: place.table, place.prefix, target) }
    try addSIDs()
    try loadBatch()
    try addStatic()
    try addNeighbors()
    try bindSIDs()
  }

  /// Makes the tables of both families for one that the registry has.
  func createTable(_ table: Int) throws(TableError) {
    let form = tables[table]!.lookup.rootForm
    try fib4.createTable(UInt32(table), form: form)
    try fib6.createTable(UInt32(table), form: form)
  }

  /// The table's index for a VRF's name; nil is the main table.
  func tableIndex(_ vrf: String?) -> Int { tableIndex(TableReference(vrf: vrf)) }

  /// The table's index.
  func tableIndex(_ table: TableReference) -> Int { tables.index(table)! }

  /// The interface's index for a port's name.
  func interfaceIndex(_ port: String) -> Int { interfaceIndexes[port]! }

  /// Whether there is an interface of that name.
  func hasInterface(_ port: String) -> Bool { interfaceIndexes[port] != nil }

  /// Adds a route to those that ``loadBatch()`` loads.
  func add(_ source: RouteSource, table: Int, _ prefix: IPPrefix, _ target: RouteTarget, metric: Int = 0) {
    batch.add(table: table, prefix, RouteCandidate(source, target, metric: metric))
  }

  /// Loads the routes that were added since the last time.
  func loadBatch() throws(TableError) {
    guard nextHops.entries.count <= RouteTarget.indexLimit else {
      throw .valueOutOfRange(UInt32(RouteTarget.indexLimit))
    }
    try rib.load(batch)
    batch = RIB.Batch(tables: tables.places)
  }

  // MARK: Next hops

  /// The next hop to an address through an interface: its static neighbour's Ethernet address, or none. It is for packets
  /// of the address's own family.
  func nextHop(to address: IPAddress, interface: Int) -> Int {
    let key = NextHopTable.Key.neighbor(interface: interface, address: address)
    return nextHop(key, to: address, interface, etherType: address.isIPv4 ? EtherType.ipv4 : EtherType.ipv6)
  }

  /// The next hop for IPv4 packets beside one for IPv6 packets: the same neighbour. What is no neighbour of IPv6 is itself
  /// that next hop.
  func nextHopForIPv4(beside index: Int) -> Int {
    switch nextHops.keys[index] {
    case .neighbor(let interface, let address) where !address.isIPv4:
      let key = NextHopTable.Key.neighborForIPv4(interface: interface, address: address)
      return nextHop(key, to: address, interface, etherType: EtherType.ipv4)
    case .group(let members):
      return nextHops.group(
        members.map { GroupMember(nextHop: nextHopForIPv4(beside: $0.nextHop), weight: $0.weight) })
    default: return index
    }
  }

  private func nextHop(_ key: NextHopTable.Key, to address: IPAddress, _ interface: Int, etherType: UInt16) -> Int {
    let neighbor = mac(of: address, interface)
    return nextHops.index(key) { forwarding(to: neighbor, interface: interface, etherType: etherType) }
  }

  /// The neighbours on an interface's link whose Ethernet addresses are known.
  func neighborAddresses(_ interface: Int) -> [IPAddress] {
    let port = interfaces[interface].name
    return neighbors.keys.filter { $0.port == port }.map(\.address)
  }

  /// The next hop as an interface of `interfaces` is now; nil if the key is of no such interface.
  func nextHop(anew key: NextHopTable.Key, of changed: Set<Int>) -> NextHop? {
    guard let interface = key.interface, changed.contains(interface) else { return nil }
    if interfaces[interface].isGone { return .dropping(.noRoute) }
    switch key {
    case .neighbor(_, let address):
      let etherType = address.isIPv4 ? EtherType.ipv4 : EtherType.ipv6
      return forwarding(to: mac(of: address, interface), interface: interface, etherType: etherType)
    case .neighborForIPv4(_, let address):
      return forwarding(to: mac(of: address, interface), interface: interface, etherType: EtherType.ipv4)
    case .toMany(_, let isMulticast): return toMany(interface, isMulticast: isMulticast)
    case .onLink, .encapsulate, .localOfMain, .drop, .group:
      return .unresolved(interface: UInt16(interface), port: interfaces[interface].port)
    }
  }

  private func mac(of neighbor: IPAddress, _ interface: Int) -> MACAddress? {
    neighbors[Neighbor(port: interfaces[interface].name, address: neighbor)]
  }

  private func forwarding(to mac: MACAddress?, interface: Int, etherType: UInt16) -> NextHop {
    let info = interfaces[interface]
    guard let mac else { return .unresolved(interface: UInt16(interface), port: info.port) }
    return .forwarding(
      header: info.header(to: mac.value, etherType: etherType), mtu: UInt32(info.entry.mtu),
      interface: UInt16(interface), port: info.port, takesChains: info.takesChains)
  }

  /// Learns a neighbour's Ethernet address, or with nil that there is none. The next hops are to be published then, and
  /// the routes to it changed.
  ///
  /// - Parameter hasFailed: Without an address: it does not answer, so that groups do without it.
  func setNeighbor(_ address: IPAddress, interface: Int, mac: MACAddress?, hasFailed: Bool = true) {
    neighbors[Neighbor(port: interfaces[interface].name, address: address)] = mac
    if mac != nil { _ = nextHop(to: address, interface: interface) }
    let own = address.isIPv4 ? EtherType.ipv4 : EtherType.ipv6
    nextHops.replace(.neighbor(interface: interface, address: address), hasFailed: mac == nil && hasFailed) {
      forwarding(to: mac, interface: interface, etherType: own)
    }
    nextHops.replace(.neighborForIPv4(interface: interface, address: address), hasFailed: mac == nil && hasFailed) {
      forwarding(to: mac, interface: interface, etherType: EtherType.ipv4)
    }
  }

  /// A table's name in a sentence: `main`, `vrf red`, `table 200`.
  func describe(table index: Int) -> String {
    guard let table = tables[index] else { return "table \(index)" }
    return table.vrf == nil ? table.name : "vrf \(table.name)"
  }

  /// What a next hop does, in words.
  public func describe(nextHop index: Int) -> String {
    switch nextHops.keys[index] {
    case .neighbor(let interface, let address), .neighborForIPv4(let interface, let address):
      "via \(address) \(describe(interface: interface))"
    case .onLink(let interface), .toMany(let interface, _):
      describe(interface: interface)
    case .encapsulate(let encapsulation, _): encapsulation.words
    case .localOfMain: "local in main"
    case .drop(let reason): reason == .localDestination ? "local" : reason.name
    case .group(let members):
      members.map { "\(describe(nextHop: $0.nextHop)) weight \($0.weight)" }.sorted().joined(separator: ", ")
    }
  }

  /// The interface by which packets leave, with `ip route`'s word where it has no link.
  private func describe(interface: Int) -> String {
    let info = interfaces[interface]
    return "port \(info.name)\(hasLink(info.port) ? "" : " linkdown")"
  }

  /// Whether a device's port has a link, as far as control has seen.
  public func hasLink(_ port: UInt16) -> Bool { !nextHops.portsDown.contains(port) }

  /// Notes whether a device's port has a link; true if that is new.
  func setLink(_ port: UInt16, isUp: Bool) -> Bool { nextHops.setLink(port, isUp: isUp) }

  /// Moves the flows of groups away from members that have no link or do not answer, and to those that are back; true if
  /// any moved, which is then to be published.
  func balance() -> Bool { nextHops.reassignBuckets() }

  // MARK: SIDs

  /// The SIDs' routes; ``bindSIDs()`` makes what they lead to.
  private func addSIDs() throws(TableError) {
    for entry in configuration.sids {
      guard let index = sids.reserve(entry.prefix) else { throw .valueOutOfRange(UInt32(RouteTarget.indexLimit)) }
      add(.sid, table: 0, .v6(entry.prefix), .sid(index))
    }
  }

  /// Compiles the SIDs, once the routes are there that their next hops are looked up by.
  private func bindSIDs() throws(TableError) {
    for entry in configuration.sids { sids.set(sids.index(entry.prefix)!, entry, try bind(entry)) }
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
