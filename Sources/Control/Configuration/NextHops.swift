/// A next hop that no link of ours has, so that a route has to say where it is.
struct UnlinkedNextHop {
  var address: IPAddress
  /// The tables that are looked in, in this order.
  var tables: [TableReference]
  /// The prefix of the route, which cannot lead to its own next hop; nil for a SID.
  var prefix: IPPrefix?
  var place: NextHopPlace
}

/// Where a next hop's address stands, for messages.
struct NextHopPlace {
  var mark: Mark
  var path: String
  /// The mark of the whole entry.
  var entry: Mark
  /// The word that would name the port.
  var portKey: String
}

extension ConfigurationReader {
  /// The next hop at the address that an entry's `key` has; nil if it can be none, which has been reported.
  mutating func nextHop(
    _ address: IPAddress, key: String, _ entry: EntryReader, _ table: TableReference, prefix: IPPrefix? = nil
  ) -> RouteNextHop? {
    var name: String?
    if entry.has("port") {
      name = port(entry)?.text
      if name == nil { return nil }
    }
    if entry.misspelt.contains("port") { return nil }
    let place = NextHopPlace(
      mark: entry.valueMark(key), path: entry.path(key), entry: entry.mark, portKey: "port")
    return nextHop(address, port: name, table, prefix: prefix, at: place)
  }

  /// The next hop at an address: on the port, or without one on that on whose link the address is, first in `table` and
  /// then in main, or else where a route says. Nil if it can be none, which has been reported.
  mutating func nextHop(
    _ address: IPAddress, port name: String?, _ table: TableReference, prefix: IPPrefix?, at place: NextHopPlace
  ) -> RouteNextHop? {
    if let name {
      guard let port = portEntries[name] else {
        return ports.isOpen ? RouteNextHop(via: address, port: name) : nil
      }
      if isOwn(address, TableReference(vrf: port.vrf), port: name, at: place) { return nil }
      return RouteNextHop(via: address, port: name)
    }
    if address.isIPv6LinkLocal {
      report(
        "\(address) is a link-local address, which every link may have; add '\(place.portKey)' to say which", at: place)
      return nil
    }
    let tables = table == .main ? [.main] : [table, .main]
    for table in tables {
      if isOwn(address, table, port: nil, at: place) { return nil }
      let reaching = addresses.ports(reaching: address, in: table)
      if reaching.count == 1 { return RouteNextHop(via: address, port: reaching[0]) }
      if reaching.count > 1 {
        let links = reaching.joined(separator: " and ")
        report("\(address) is on the links of \(links); add '\(place.portKey)' to say which", at: place)
        return nil
      }
    }
    unlinked.append(
      UnlinkedNextHop(address: address, tables: tables, prefix: prefix, place: place))
    return RouteNextHop(via: address, port: nil)
  }

  /// Reports the next hops that neither a link nor a route leads to. It comes last, when all routes are there.
  func checkUnlinkedNextHops() {
    guard portsAreWhole, diagnostics.count == 0, !unlinked.isEmpty else { return }
    let entries = Set(configuration.routes.map(\.mark) + configuration.sids.map(\.mark))
    let routes = Set(configuration.routes.map { RouteKey(table: $0.tableReference, prefix: $0.prefix) })
    for hop in unlinked where entries.contains(hop.place.entry) {
      let isRouted = hop.tables.contains { table in
        (0...hop.address.host.length).contains { length in
          let prefix = hop.address.prefix(length)
          return prefix != hop.prefix && routes.contains(RouteKey(table: table, prefix: prefix))
        }
      }
      if !isRouted { reportUnreachable(hop) }
    }
  }

  private func reportUnreachable(_ hop: UnlinkedNextHop) {
    let searched = hop.tables.map(\.description).joined(separator: " or ")
    let key = hop.place.portKey
    let elsewhere = addresses.ports(reaching: hop.address).first
    let fix =
      elsewhere.map { "add '\(key)\(key == "port" ? ":" : "") \($0)', whose link has it" }
      ?? "add '\(key)', a route to it, or an address of that link to a port"
    report("\(hop.address) is on the link of no port of \(searched); \(fix)", at: hop.place)
  }

  /// Reports a next hop that is ourselves.
  private func isOwn(
    _ address: IPAddress, _ table: TableReference, port: String?, at place: NextHopPlace
  ) -> Bool {
    let places = addresses.places(of: address, in: table)
    guard let own = address.isIPv6LinkLocal ? places.first(where: { $0.port == port }) : places.first else {
      return false
    }
    report(
      "\(address) is this node's own address, on port \(own.port) (\(own.mark.place)); write the neighbour's",
      at: place)
    return true
  }

  private func report(_ message: @autoclosure () -> String, at place: NextHopPlace) {
    diagnostics.report(place.mark, place.path, message())
  }
}
