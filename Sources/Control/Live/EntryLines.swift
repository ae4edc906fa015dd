import SRv6
import Wire

// Entries as the lines that make them, for the state file.

extension BatchedChanges {
  /// Lines that make every entry, or those of some sources.
  func lines(_ isWanted: (RouteSource) -> Bool = { _ in true }) -> String {
    var text = ""
    for sid in sids.all where isWanted(sid.source) { text += sid.addingLine }
    for route in routes.all where isWanted(route.source) { text += route.addingLine }
    for neighbor in neighbors.all where isWanted(neighbor.source) { text += neighbor.addingLine }
    return text
  }
}

extension Configuration {
  /// Lines that make the addresses of ports what they are, from what they were.
  func addressLines(from ports: [PortEntry]) -> String {
    let before = Dictionary(uniqueKeysWithValues: ports.map { ($0.name, $0.addresses) })
    var (old, new) = ("", "")
    for port in self.ports where port.addresses != before[port.name] {
      // All of them, since their order says which is the first.
      for address in before[port.name] ?? [] { old += "address del \(address) dev \(port.name)\n" }
      for address in port.addresses { new += "address add \(address) dev \(port.name)\n" }
    }
    return old + new
  }

  /// The line that makes the outer source what it is.
  var tunnelSourceLine: String { "sr tunsrc set \(srv6.encapSource?.description ?? "::")\n" }
}

/// An entry whose lines make it and delete it, each ended by a newline.
protocol LinedEntry {
  var addingLine: String { get }
  var deletingLine: String { get }
}

extension SIDEntry: LinedEntry {
  var addingLine: String { "sid add \(prefix) \(lineWords)\n" }
  var deletingLine: String { "sid del \(prefix)\n" }
}

extension RouteEntry: LinedEntry {
  var addingLine: String { "route add \(line)\n" }
  var deletingLine: String { "route del \(placeWords.joined(separator: " "))\n" }
}

extension NeighborEntry: LinedEntry {
  var addingLine: String { "neighbor add \(address) lladdr \(mac) dev \(port)\n" }
  var deletingLine: String { "neighbor del \(address) dev \(port)\n" }
}

extension SIDEntry {
  fileprivate var lineWords: String {
    var words = ["behavior \(behavior.name)"]
    if !flavors.isEmpty { words.append("flavors \(flavors.names.joined(separator: ","))") }
    switch table {
    case .main?: words.append("table main")
    case .vrf(let name)?: words.append("vrf \(name)")
    case .number(let number)?: words.append("table \(number)")
    case nil: break
    }
    if !segments.isEmpty { words.append("segments \(segments.map(\.description).joined(separator: ","))") }
    if let nexthop { words.append("nexthop \(nexthop)") }
    if let port { words.append("port \(port)") }
    return words.joined(separator: " ")
  }
}

extension RouteEntry {
  /// What tells it from other routes.
  fileprivate var placeWords: [String] {
    var words = ["\(prefix)"]
    switch tableReference {
    case .main: break
    case .vrf(let name): words.append("vrf \(name)")
    case .number(let number): words.append("table \(number)")
    }
    return words + ["metric \(metric)"]
  }

  fileprivate var line: String {
    var words = [action.dropType].compactMap { $0 } + placeWords
    switch action {
    case .unicast(let hop): words.append(hop.lineWords)
    case .multipath(let members):
      words += members.map { "nexthop \($0.nextHop.lineWords) weight \($0.weight)" }
    case .encapsulate(let encapsulation):
      let segments = encapsulation.segments.map(\.description).joined(separator: ",")
      words.append("encap seg6 mode \(encapsulation.mode.rawValue) segs \(segments)")
      if let source = encapsulation.source { words.append("tunsrc \(source)") }
      if let hop = encapsulation.nexthop { words.append(hop.lineWords) }
    case .blackhole, .unreachable, .prohibit: break
    }
    return words.joined(separator: " ")
  }
}

extension RouteNextHop {
  fileprivate var lineWords: String {
    [via.map { "via \($0)" }, port.map { "dev \($0)" }].compactMap { $0 }.joined(separator: " ")
  }
}
