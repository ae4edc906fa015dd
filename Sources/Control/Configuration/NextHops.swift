/// A next hop that no link of ours has, so that a route has to say where it is.
struct UnlinkedNextHop {
  var address: IPAddress
  /// The tables that are looked in, in this order.
  var tables: [TableReference]
  /// The entry of the route or SID.
  var entry: Mark
  /// The prefix of the route, which cannot lead to its own next hop; nil for a SID.
  var prefix: IPPrefix?
  /// The address's own place.
  var mark: Mark
  var path: String
}

extension ConfigurationReader {
  /// The next hop at an address: on the port that the entry names, or else on the one on whose link the address is, first
  /// in `table` and then in main, or else where a route says. Nil if it can be none, which has been reported.
  mutating func nextHop(
    _ address: IPAddress, key: String, _ entry: EntryReader, _ table: TableReference, prefix: IPPrefix? = nil
  ) -> RouteNextHop? {
    if entry.has("port") {
      guard let name = port(entry)?.text, let port = portEntries[name] else { return nil }
      if isOwn(address, key, entry, TableReference(vrf: port.vrf), port: name) { return nil }
      return RouteNextHop(via: address, port: name)
    }
    if entry.misspelt.contains("port") { return nil }
    if address.isIPv6LinkLocal {
      report(key, entry, "\(address) is a link-local address, which every link may have; add 'port' to say which")
      return nil
    }
    let tables = table == .main ? [.main] : [table, .main]
    for table in tables {
      if isOwn(address, key, entry, table, port: nil) { return nil }
      let reaching = addresses.ports(reaching: address, in: table)
      if reaching.count == 1 { return RouteNextHop(via: address, port: reaching[0]) }
      if reaching.count > 1 {
        report(
          key, entry, "\(address) is on the links of \(reaching.joined(separator: " and ")); add 'port' to say which")
        return nil
      }
    }
    unlinked.append(
      UnlinkedNextHop(
        address: address, tables: tables, entry: entry.mark, prefix: prefix, mark: entry.valueMark(key),
        path: entry.path(key)))
    return RouteNextHop(via: address, port: nil)
  }

  /// Reports the next hops that neither a link nor a route leads to. It comes last, when all routes are there.
  func checkUnlinkedNextHops() {
    guard portsAreWhole, diagnostics.count == 0, !unlinked.isEmpty else { return }
    let entries = Set(configuration.routes.map(\.mark) + configuration.sids.map(\.mark))
    let routes = Set(configuration.routes.map { RouteKey(table: $0.tableReference, prefix: $0.prefix) })
    for hop in unlinked where entries.contains(hop.entry) {
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
    let elsewhere = addresses.ports(reaching: hop.address).first
    let fix =
      elsewhere.map { "add 'port: \($0)', whose link has it" } ?? "add 'port', or an address of that link to a port"
    diagnostics.report(
      hop.mark, hop.path, "\(hop.address) is on the link of no port of \(searched), and no route leads to it; \(fix)")
  }

  /// Reports a next hop that is ourselves.
  private func isOwn(
    _ address: IPAddress, _ key: String, _ entry: EntryReader, _ table: TableReference, port: String?
  ) -> Bool {
    let places = addresses.places(of: address, in: table)
    guard let place = address.isIPv6LinkLocal ? places.first(where: { $0.port == port }) : places.first else {
      return false
    }
    report(
      key, entry,
      "\(address) is this node's own address, on port \(place.port) (\(place.mark.place)); write the neighbour's")
    return true
  }

  private func report(_ key: String, _ entry: EntryReader, _ message: @autoclosure () -> String) {
    diagnostics.report(entry.valueMark(key), entry.path(key), message())
  }
}
