/// A route's place: what can be there once.
struct RouteKey: Hashable {
  var table: TableReference
  var prefix: IPPrefix
}

extension ConfigurationReader {
  private static let routeTypes = ["unicast", "blackhole", "unreachable", "prohibit"]
  private static let routeKeys = ["vrf", "table", "prefix", "via", "port", "nexthops", "encap", "type"]

  /// `routes:`
  mutating func readRoutes(_ root: EntryReader) {
    var first: [RouteKey: Mark] = [:]
    for entry in listedEntries("routes", of: root, known: Self.routeKeys) {
      entry.require("prefix", like: "10.2.0.0/16")
      let table = readRouteTable(entry)
      let prefix = readRoutePrefix(entry)
      if let table, let prefix { checkIsFirst(RouteKey(table: table, prefix: prefix), entry, &first) }
      guard let action = readAction(entry, table, prefix), let table, let prefix else { continue }
      configuration.routes.append(
        RouteEntry(
          vrf: table.vrf, table: table.number, prefix: prefix, action: action, metric: RouteEntry.usualMetric(prefix),
          mark: entry.mark))
    }
  }

  /// The table of a route, main if it names none: a VRF's number means the VRF.
  private func readRouteTable(_ entry: EntryReader) -> TableReference? {
    guard let table = table(entry) else { return nil }
    return configuration.vrf(ofTable: table) ?? table
  }

  private func readRoutePrefix(_ entry: EntryReader) -> IPPrefix? {
    guard let word = entry.word("prefix", expected: "a prefix such as 10.2.0.0/16") else { return nil }
    guard let prefix = IPPrefix(parsing: word.text) else {
      let example = word.text == "default" ? "0.0.0.0/0 or ::/0" : "one such as 10.2.0.0/16 or 2001:db8:2::/48"
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is no IPv4 or IPv6 prefix; write \(example)")
      return nil
    }
    guard prefix == prefix.masked else {
      diagnostics.report(
        word.mark, word.path, "\(prefix) has bits set beyond its \(prefix.length); write \(prefix.masked)")
      return nil
    }
    return prefix
  }

  private func checkIsFirst(_ key: RouteKey, _ entry: EntryReader, _ first: inout [RouteKey: Mark]) {
    if let mark = first[key] {
      diagnostics.report(
        entry.valueMark("prefix"), entry.path("prefix"),
        "\(key.prefix) has a route in \(key.table) already (\(mark.place)); remove one of them")
    } else {
      first[key] = entry.mark
    }
  }

  private mutating func readAction(
    _ entry: EntryReader, _ table: TableReference?, _ prefix: IPPrefix?
  ) -> RouteAction? {
    let known = Self.routeTypes.joined(separator: ", ")
    guard entry.has("type") else { return readUnicast(entry, table, prefix) }
    guard let type = entry.word("type", expected: "one of \(known)") else { return nil }
    if type.text == "unicast" { return readUnicast(entry, table, prefix) }
    guard let drop = RouteAction(dropType: type.text) else {
      let hint = Spelling.nearest(to: type.text, in: Self.routeTypes).map { "; did you mean '\($0)'?" } ?? "."
      diagnostics.report(
        type.mark, type.path, "there is no route type \(quoted(type.text))\(hint) The types are \(known)")
      return nil
    }
    for key in ["via", "port", "nexthops", "encap"] {
      entry.refuse(key, "a \(type.text) route drops what it matches and has no '\(key)'; remove it, or the type")
    }
    return drop
  }

  private mutating func readUnicast(
    _ entry: EntryReader, _ table: TableReference?, _ prefix: IPPrefix?
  ) -> RouteAction? {
    if entry.has("nexthops") {
      entry.refuse("encap", "a route with 'encap' has one path; remove 'encap' or 'nexthops'")
      return readNextHops(entry, table, prefix).map { .multipath($0) }
    }
    guard entry.has("encap") else {
      return readNextHop(entry, table, prefix, isIPv4: prefix?.isIPv4).map { .unicast($0) }
    }
    let encapsulation = readEncapsulation(entry, prefix)
    guard entry.has("via") || entry.has("port") else { return encapsulation.map { .encapsulate($0) } }
    // It is the next hop of the outer packet, which is IPv6 whatever the route's prefix is.
    guard let hop = readNextHop(entry, table, nil, isIPv4: false), var encapsulation else { return nil }
    encapsulation.nexthop = hop
    return .encapsulate(encapsulation)
  }

  mutating func readNextHop(
    _ entry: EntryReader, _ table: TableReference?, _ prefix: IPPrefix?, isIPv4: Bool?
  ) -> RouteNextHop? {
    guard entry.has("via") else {
      if entry.has("port") { return port(entry).map { RouteNextHop(via: nil, port: $0.text) } }
      if entry.misspelt.isDisjoint(with: ["via", "port", "nexthops", "type", "encap"]) {
        diagnostics.report(
          entry.mark, entry.path,
          "does not say where packets go; add 'via', 'port' or both, 'encap', or 'type: blackhole'")
      }
      return nil
    }
    guard let via = entry.hostAddress("via") else {
      _ = port(entry)
      return nil
    }
    if let isIPv4, isIPv4 != via.isIPv4 {
      let other = prefix?.description ?? "the packet around the encapsulated one"
      diagnostics.report(
        entry.valueMark("via"), entry.path("via"),
        "\(via) is of another family than \(other); write an \(isIPv4 ? "IPv4" : "IPv6") next hop")
      _ = port(entry)
      return nil
    }
    // Without its table, a next hop cannot be looked up; with a port of its own it can.
    guard table != nil || entry.has("port") else { return nil }
    return nextHop(via, key: "via", entry, table ?? .main, prefix: prefix)
  }
}
