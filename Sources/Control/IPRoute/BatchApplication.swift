import SRv6
import Wire

// Holding the lines of a batch against the configuration.

extension ConfigurationReader {
  /// Applies every line to what the configuration has, in order; each that is refused is reported.
  mutating func apply(_ batch: BatchText) {
    var changes = BatchedChanges(configuration)
    apply(batch, to: &changes)
    changes.write(to: &configuration)
  }

  /// The same with entries that are kept elsewhere.
  mutating func apply(_ batch: BatchText, to changes: inout BatchedChanges, pacer: Pacer = Pacer {}) {
    batch.forEachLine { line in
      pacer.step()
      do throws(IPCommandError) {
        switch try command(line.get()) {
        case .route(let command): try apply(command, to: &changes)
        case .neighbor(let command): try apply(command, to: &changes)
        case .address(let command): try apply(command)
        case .tunnelSource(let address): configuration.srv6.encapSource = address.isUnspecified ? nil : address
        case .sid(let command): try apply(command, to: &changes)
        }
      } catch {
        diagnostics.report(error.mark, "", error.message)
      }
    }
  }

  private mutating func apply(_ command: IPRouteCommand, to changes: inout BatchedChanges) throws(IPCommandError) {
    if case .local(let action) = command.action {
      let entry = try sid(action, command)
      if isFeed, command.verb == .delete { return changes.sids.remove(entry.prefix) }
      return try changes.sids.apply(command.verb, entry, entry.prefix, name: "SID \(entry.name)", at: command.mark) {
        $0.mark
      }
    }
    let table = try table(command.table)
    if command.verb == .delete { return try delete(command, table, &changes) }
    guard let action = try action(of: command, table) else { return }
    let entry = RouteEntry(
      vrf: table.vrf, table: table.number, prefix: command.prefix, action: action,
      metric: command.metric ?? RouteEntry.usualMetric(command.prefix), source: source, feed: feed, epoch: epoch,
      mark: command.mark)
    try changes.routes.apply(command.verb, entry, .init(entry), name: "\(entry.prefix) in \(table)", at: command.mark) {
      $0.mark
    }
  }

  /// A line without `metric` or `encap` deletes whatever route is there.
  private func delete(
    _ command: IPRouteCommand, _ table: TableReference, _ changes: inout BatchedChanges
  ) throws(IPCommandError) {
    let key = RouteKey(table: table, prefix: command.prefix)
    let usual = BatchedChanges.RouteSlot(
      key: key, metric: command.metric ?? RouteEntry.usualMetric(command.prefix), feed: feed)
    if changes.routes[usual] != nil { return changes.routes.remove(usual) }
    if table == .main, case .v6(let prefix) = command.prefix, changes.sids[prefix] != nil {
      return changes.sids.remove(prefix)
    }
    if command.metric == nil, let slot = changes.routes.unusualKey(beside: usual) { return changes.routes.remove(slot) }
    if isFeed { return }
    throw IPCommandError(command.mark, "\(command.prefix) is not in \(table), so there is nothing to delete")
  }

  /// What a route does; nil if its next hop has been refused and reported.
  private mutating func action(
    of command: IPRouteCommand, _ table: TableReference
  ) throws(IPCommandError) -> RouteAction? {
    switch command.action {
    case .drop(let action): return action
    case .encapsulate(var encapsulation):
      let port = try command.device.map { word throws(IPCommandError) in try self.port(word) }
      // Linux looks the first segment up, whatever port is named; a gateway is more than Linux takes notice of.
      guard let via = command.via else { return .encapsulate(encapsulation) }
      guard let hop = try nextHop(via, port, isIPv4: false, command, table) else { return nil }
      encapsulation.nexthop = hop
      return .encapsulate(encapsulation)
    case .local: preconditionFailure("SIDs are no routes")
    case .unicast:
      if !command.members.isEmpty { return try members(of: command, table).map { .multipath($0) } }
      let port = try command.device.map { word throws(IPCommandError) in try self.port(word) }
      guard let via = command.via else { return .unicast(RouteNextHop(via: nil, port: port)) }
      return try nextHop(via, port, isIPv4: command.prefix.isIPv4, command, table).map { .unicast($0) }
    }
  }

  /// The next hops of a route that has several; nil if one has been refused and reported.
  private mutating func members(
    of command: IPRouteCommand, _ table: TableReference
  ) throws(IPCommandError) -> [RouteMember]? {
    var members: [RouteMember] = []
    for member in command.members {
      let port = try member.device.map { word throws(IPCommandError) in try self.port(word) }
      var hop = RouteNextHop(via: nil, port: port)
      if let via = member.via {
        guard let found = try nextHop(via, port, isIPv4: command.prefix.isIPv4, command, table) else { return nil }
        hop = found
      }
      guard !members.contains(where: { $0.nextHop == hop }) else {
        throw IPCommandError(member.word, "the route has this next hop already; give that one a 'weight' instead")
      }
      members.append(RouteMember(nextHop: hop, weight: member.weight))
    }
    return members
  }

  private mutating func nextHop(
    _ via: Word, _ port: String?, isIPv4: Bool, _ command: IPRouteCommand, _ table: TableReference
  ) throws(IPCommandError) -> RouteNextHop? {
    guard let address = IPAddress(parsing: via.text), address.isIPv4 == isIPv4, address.flaw == nil else {
      throw IPCommandError(via, "\(quoted(via.text)) is no \(isIPv4 ? "IPv4" : "IPv6") address of a gateway")
    }
    return nextHop(
      address, port: port, table, prefix: command.prefix,
      at: NextHopPlace(mark: via.mark, path: "", entry: command.mark, portKey: "dev"))
  }

  private func apply(_ command: IPNeighborCommand, to changes: inout BatchedChanges) throws(IPCommandError) {
    let port = try port(command.device)
    guard !isOurs(command.address, on: port, command.mark, "") else { return }
    // Only `delete` goes without an Ethernet address, and has no use of one.
    let entry = NeighborEntry(
      port: port, address: command.address, mac: command.mac ?? MACAddress(0), source: source, feed: feed, epoch: epoch,
      mark: command.mark)
    let slot = BatchedChanges.NeighborSlot(port: port, address: command.address)
    if isFeed, command.verb == .delete { return changes.neighbors.remove(slot) }
    try changes.neighbors.apply(
      command.verb, entry, slot, name: "\(entry.address) on port \(port)",
      at: command.mark
    ) { $0.mark }
  }

  private mutating func apply(_ command: IPSIDCommand, to changes: inout BatchedChanges) throws(IPCommandError) {
    guard let (prefix, entry) = readSID(command) else { return }
    let mark = command.node.mark
    if let entry {
      return try changes.sids.apply(command.verb, entry, prefix, name: "SID \(prefix)", at: mark) { $0.mark }
    }
    guard changes.sids[prefix] != nil || isFeed else {
      throw IPCommandError(mark, "SID \(prefix) is not there, so there is nothing to delete")
    }
    changes.sids.remove(prefix)
  }

  private func sid(_ action: IPLocalAction, _ command: IPRouteCommand) throws(IPCommandError) -> SIDEntry {
    guard case .v6(let prefix) = command.prefix else { preconditionFailure("the parser takes IPv6 prefixes alone") }
    if let flaw = IPAddress.v6(prefix.address).flaw {
      throw IPCommandError(command.mark, "\(prefix.address) is \(flaw) and no SID")
    }
    if configuration.srv6.compat == .linux, let word = action.flavorsWord, !action.flavors.isSubset(of: .psp) {
      throw IPCommandError(
        word, "Linux knows the flavour psp alone; remove the others, or 'compat: linux' from the configuration")
    }
    var port = try action.port.map { word throws(IPCommandError) in try self.port(word) }
    // Linux looks the next hop up, whatever port is named; a link-local one is on the link that the line names.
    let isOnNamedLink = action.nexthop?.isIPv6LinkLocal == true && configuration.srv6.compat != .linux
    if let device = command.device, try isPort(device), port == nil, isOnNamedLink { port = device.text }
    var table = action.table
    if let vrf = action.vrfTable { table = .vrf(try self.vrf(of: vrf.number, vrf.word)) }
    return SIDEntry(
      prefix: prefix, behavior: action.row.behavior, flavors: action.flavors, table: table,
      segments: action.segments, nexthop: action.nexthop, port: port, source: source, feed: feed, epoch: epoch,
      mark: command.mark)
  }
}
