extension ConfigurationReader {
  private struct RouteKey: Hashable {
    var vrf: VRFChoice
    var prefix: IPPrefix
  }
  private static let routeTypes = ["unicast", "blackhole", "unreachable", "prohibit"]

  /// `routes:`
  mutating func readRoutes(_ root: EntryReader) {
    var first: [RouteKey: Mark] = [:]
    for entry in listedEntries("routes", of: root, known: ["vrf", "prefix", "via", "port", "nexthops", "type"]) {
      entry.require("prefix", like: "10.2.0.0/16")
      let vrf = vrf(entry)
      let prefix = readRoutePrefix(entry)
      if let vrf, let prefix { checkIsFirst(RouteKey(vrf: vrf, prefix: prefix), entry, &first) }
      guard let action = readAction(entry, vrf, prefix), let vrf, let prefix else { continue }
      configuration.routes.append(RouteEntry(vrf: vrf.name, prefix: prefix, action: action, mark: entry.mark))
    }
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
        "\(key.prefix) has a route in \(key.vrf) already (line \(mark.line)); remove one of them")
    } else {
      first[key] = entry.mark
    }
  }

  private func readAction(_ entry: EntryReader, _ vrf: VRFChoice?, _ prefix: IPPrefix?) -> RouteAction? {
    let known = Self.routeTypes.joined(separator: ", ")
    guard entry.has("type") else { return readUnicast(entry, vrf, prefix) }
    guard let type = entry.word("type", expected: "one of \(known)") else { return nil }
    let drop: RouteAction
    switch type.text {
    case "unicast": return readUnicast(entry, vrf, prefix)
    case "blackhole": drop = .blackhole
    case "unreachable": drop = .unreachable
    case "prohibit": drop = .prohibit
    default:
      let hint = Spelling.nearest(to: type.text, in: Self.routeTypes).map { "; did you mean '\($0)'?" } ?? "."
      diagnostics.report(
        type.mark, type.path, "there is no route type \(quoted(type.text))\(hint) The types are \(known)")
      return nil
    }
    for key in ["via", "port", "nexthops"] {
      entry.refuse(key, "a \(type.text) route drops what it matches and has no '\(key)'; remove it, or the type")
    }
    return drop
  }

  private func readUnicast(_ entry: EntryReader, _ vrf: VRFChoice?, _ prefix: IPPrefix?) -> RouteAction? {
    if entry.has("nexthops") { return readNextHops(entry, vrf, prefix).map { .multipath($0) } }
    return readNextHop(entry, vrf, prefix).map { .unicast($0) }
  }

  func readNextHop(_ entry: EntryReader, _ vrf: VRFChoice?, _ prefix: IPPrefix?) -> RouteNextHop? {
    guard entry.has("via") else {
      if entry.has("port") { return port(entry).map { RouteNextHop(via: nil, port: $0.text) } }
      if entry.misspelt.isDisjoint(with: ["via", "port", "nexthops", "type"]) {
        diagnostics.report(
          entry.mark, entry.path, "does not say where packets go; add 'via', 'port' or both, or 'type: blackhole'")
      }
      return nil
    }
    guard let via = entry.hostAddress("via") else {
      _ = port(entry)
      return nil
    }
    if let prefix, prefix.isIPv4 != via.isIPv4 {
      diagnostics.report(
        entry.valueMark("via"), entry.path("via"),
        "\(via) is of another family than \(prefix); write an \(prefix.isIPv4 ? "IPv4" : "IPv6") next hop")
      _ = port(entry)
      return nil
    }
    // Without its VRF, a next hop cannot be looked up; with a port of its own it can.
    guard vrf != nil || entry.has("port") else { return nil }
    return port(of: via, key: "via", entry, vrf ?? .main).map { RouteNextHop(via: via, port: $0) }
  }
}
