extension ConfigurationReader {
  /// Most next hops of one route.
  private static let mostNextHops = 256

  /// `nexthops:` of a route; nil, reported, if one is wrong.
  mutating func readNextHops(
    _ route: EntryReader, _ table: TableReference?, _ prefix: IPPrefix?
  ) -> [RouteMember]? {
    for key in ["via", "port"] {
      route.refuse(key, "a route with 'nexthops' has each \(key) in one of them; move it there, or remove 'nexthops'")
    }
    let example = "a list such as [{via: 10.1.0.2, weight: 2}, {via: 10.1.0.3}]"
    guard let nodes = route.list("nexthops", expected: example) else { return nil }
    guard (1...Self.mostNextHops).contains(nodes.count) else {
      diagnostics.report(
        route.valueMark("nexthops"), route.path("nexthops"),
        "has \(nodes.count) next hops; write 1 to \(Self.mostNextHops), or 'type: blackhole' for none")
      return nil
    }
    var members: [RouteMember] = []
    var first: [RouteNextHop: Mark] = [:]
    for (index, node) in nodes.enumerated() {
      let path = "\(route.path("nexthops"))[\(index)]"
      guard let entry = EntryReader(node, path: path, known: ["via", "port", "weight"], diagnostics) else { continue }
      let weight = entry.has("weight") ? entry.integer("weight", in: 1...255) : 1
      guard let nextHop = readNextHop(entry, table, prefix, isIPv4: prefix?.isIPv4) else { continue }
      if let mark = first[nextHop] {
        diagnostics.report(
          entry.mark, entry.path,
          "is the next hop of line \(mark.line), column \(mark.column), again; give that one a 'weight' instead")
        continue
      }
      first[nextHop] = entry.mark
      if let weight { members.append(RouteMember(nextHop: nextHop, weight: weight)) }
    }
    return members.count == nodes.count ? members : nil
  }
}
