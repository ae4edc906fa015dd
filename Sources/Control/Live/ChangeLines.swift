import Wire

// Changes in words, for `apply --diff`.

extension ChangeReport {
  /// Counts changes.
  init(_ changes: StateChanges) {
    count(changes.vrfs)
    count(changes.sids)
    count(changes.routes)
    count(changes.neighbors)
    count(changes.ports)
    if changes.srv6 != nil { replaced += 1 }
  }

  private mutating func count<Entry>(_ changes: [StateChanges.Change<Entry>]) {
    for change in changes {
      switch (change.old, change.new) {
      case (nil, _): added += 1
      case (_, nil): deleted += 1
      case (_, _): replaced += 1
      }
    }
  }
}

extension StateChanges {
  /// A line each change: sorted, so that the same change always reads alike.
  var lines: [String] {
    var lines = Self.lines(vrfs) { "vrf \($0.words)" }
    lines += ports.map(\.line).sorted()
    lines += Self.lines(sids) { "sid \($0.name) \($0.action)" }.sorted()
    lines += Self.lines(routes) { "route \($0.words)" }.sorted()
    lines += Self.lines(neighbors) { "neighbor \($0.address) port \($0.port) mac \($0.mac)" }.sorted()
    if let old = srv6?.old, let new = srv6?.new {
      lines += zip(old.words, new.words).filter { $0.1 != $1.1 }.map { "~ \($0.0) \($0.1) -> \($1.1)" }
    }
    return lines
  }

  private static func lines<Entry>(_ changes: [Change<Entry>], _ words: (Entry) -> String) -> [String] {
    changes.compactMap { change in
      switch (change.old, change.new) {
      case (nil, let new?): "+ \(words(new))"
      case (let old?, nil): "- \(words(old))"
      case (_?, let new?): "~ \(words(new))"
      case (nil, nil): nil
      }
    }
  }
}

extension RouteEntry {
  /// `vrf red 10.0.0.0/8 via 10.1.0.2 port ce-red`
  var words: String {
    let metric = metric == Self.usualMetric(prefix) ? "" : " metric \(metric)"
    return "\(tableReference.words) \(prefix) \(action.words)\(metric)"
  }
}

extension RouteAction {
  /// `via 10.1.0.2 port ce-red`, `blackhole`
  var words: String {
    switch self {
    case .unicast(let hop): hop.words
    case .multipath(let members): members.map { "\($0.nextHop.words) weight \($0.weight)" }.joined(separator: ", ")
    case .encapsulate(let encapsulation): "encap \(encapsulation.words)"
    case .blackhole, .unreachable, .prohibit: dropType ?? ""
    }
  }
}

extension RouteNextHop {
  fileprivate var words: String {
    [via.map { "via \($0)" }, port.map { "port \($0)" }].compactMap { $0 }.joined(separator: " ")
  }
}
