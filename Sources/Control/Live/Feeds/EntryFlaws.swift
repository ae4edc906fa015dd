import SRv6
import Wire

// What the readers of files and lines never make, and a source in this process might.

extension FeedChange {
  /// What is wrong with it; nil if nothing is.
  var flaw: String? {
    switch self {
    case .route(let route): route.flaw
    case .sid(let sid): sid.flaw
    case .neighbor(let neighbor):
      neighbor.mac.isMulticast || neighbor.mac.isUnspecified
        ? "neighbor \(neighbor.address): \(neighbor.mac) is no Ethernet address of one station" : nil
    case .noRoute, .noSID, .noNeighbor: nil
    }
  }
}

extension RouteEntry {
  fileprivate var flaw: String? { actionFlaw.map { "route \(prefix): \($0)" } }

  private var actionFlaw: String? {
    if prefix != prefix.masked { return "it has bits set beyond its \(prefix.length)" }
    if let table, let owner = ReservedTable.name(Int(table)), table != UInt32(ReservedTable.main) {
      return "table \(table) is the kernel's \(owner)"
    }
    switch action {
    case .unicast(let hop): return hop.flaw(isIPv4: prefix.isIPv4)
    case .multipath(let members):
      if members.isEmpty { return "it has no next hop" }
      if let weight = members.map(\.weight).first(where: { !(1...255).contains($0) }) {
        return "a weight is 1 to 255, not \(weight)"
      }
      return members.lazy.compactMap { $0.nextHop.flaw(isIPv4: prefix.isIPv4) }.first
    case .encapsulate(let encapsulation):
      let (count, most) = (encapsulation.segments.count, encapsulation.mode.longestPath)
      if !(1...most).contains(count) { return "a path has 1 to \(most) segments, not \(count)" }
      if encapsulation.mode == .inline, prefix.isIPv4 { return "inline puts a header into IPv6 packets" }
      return encapsulation.nexthop?.flaw(isIPv4: false)
    case .blackhole, .unreachable, .prohibit: return nil
    }
  }
}

extension RouteNextHop {
  fileprivate func flaw(isIPv4: Bool) -> String? {
    guard let via else { return port == nil ? "a next hop says neither via what nor by which port" : nil }
    if via.isIPv4 != isIPv4 { return "\(via) is of another family" }
    return via.isIPv6LinkLocal && port == nil ? "\(via) is on any link; it needs a port" : nil
  }
}

extension SIDEntry {
  fileprivate var flaw: String? {
    let given: [(BehaviorAttribute, Bool)] = [
      (.table, table != nil), (.nexthop, nexthop != nil), (.port, port != nil), (.segments, !segments.isEmpty),
      (.flavors, !flavors.isEmpty),
    ]
    let row = behavior.row
    if prefix.hasHostBits { return "SID \(name): it has bits set beyond its \(prefix.length)" }
    if let missing = given.first(where: { row.required.contains($0.0) && !$0.1 }) {
      return "SID \(name): \(row.name) needs \(missing.0.keys.joined(separator: " or "))"
    }
    let taken = row.required + row.optional
    if let excess = given.first(where: { !taken.contains($0.0) && $0.1 }) {
      return "SID \(name): \(row.name) takes no \(excess.0.keys.joined(separator: " or "))"
    }
    return segments.count > 127 ? "SID \(name): a path has at most 127 segments" : nil
  }
}
