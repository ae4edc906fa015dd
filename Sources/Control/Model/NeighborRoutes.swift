import Dataplane
import Tables
import Wire

// Host routes for neighbours, where their addresses are on-link: the destination is then its own next hop.

extension ForwardingState {
  /// The table that an interface has for itself, for what is on its link and nowhere else.
  func linkTable(_ interface: Int) -> Int { tables.capacity + interface }

  /// Makes it, with the interface's link-local address.
  func addLinkTable(_ interface: Int) throws(TableError) {
    let table = UInt32(linkTable(interface))
    try fib4.createTable(table)
    try fib6.createTable(table)
    let link = RouteTarget.nextHop(onLink(interface: interface))
    try fib6.insert(table: table, address: IPv6Address(high: 0xfe80 << 48, low: 0), length: 10, value: link.value)
    try addLinkLocals(interfaces[interface].linkLocals, interface)
  }

  /// Destroys it.
  func removeLinkTable(_ interface: Int) {
    try? fib4.destroyTable(UInt32(linkTable(interface)))
    try? fib6.destroyTable(UInt32(linkTable(interface)))
  }

  /// Adds link-local addresses of the interface to its table.
  func addLinkLocals(_ addresses: [IPv6Address], _ interface: Int) throws(TableError) {
    let local = RouteTarget.nextHop(nextHops.dropping(.localDestination)).value
    for address in addresses {
      try fib6.insert(table: UInt32(linkTable(interface)), address: address, length: 128, value: local)
    }
  }

  /// Takes them away.
  func removeLinkLocals(_ addresses: [IPv6Address], _ interface: Int) {
    for address in addresses {
      _ = try? fib6.remove(table: UInt32(linkTable(interface)), address: address, length: 128)
    }
  }

  /// The routes to the configuration's neighbours.
  func addNeighbors() throws(TableError) {
    for neighbor in configuration.neighbors {
      let interface = interfaceIndex(neighbor.port)
      for table in tables(onLink: neighbor.address, interface) {
        let index = nextHop(to: neighbor.address, interface: interface)
        add(.neighbor, table: table, neighbor.address.host, .nextHop(index))
      }
      try showOnLink(neighbor.address, interface: interface)
    }
    try loadBatch()
  }

  /// Adds the routes to a neighbour, or removes them.
  func showNeighbor(_ address: IPAddress, interface: Int, isThere: Bool) throws(TableError) {
    for table in tables(onLink: address, interface) {
      if isThere {
        let candidate = RouteCandidate(.neighbor, .nextHop(nextHop(to: address, interface: interface)))
        try rib.replace(table: table, address.host, candidate)
      } else {
        try rib.remove(table: table, address.host, .neighbor)
      }
    }
    try showOnLink(address, interface: interface)
  }

  /// Adds the route to a neighbour in the interface's own table, if everything there is on-link. It stays when the
  /// neighbour goes: its next hop asks for it then.
  func showOnLink(_ address: IPAddress, interface: Int) throws(TableError) {
    let table = UInt32(linkTable(interface))
    let onLink = RouteTarget.nextHop(onLink(interface: interface)).value
    let target = RouteTarget.nextHop(nextHop(to: address, interface: interface)).value
    switch address {
    case .v4(let address) where fib4.longestMatch(table: table, address: address)?.value == onLink:
      try fib4.insert(table: table, address: address, length: 32, value: target)
    case .v6(let address) where fib6.longestMatch(table: table, address: address)?.value == onLink:
      try fib6.insert(table: table, address: address, length: 128, value: target)
    default: break
    }
  }

  /// The tables in which an address is on-link on an interface.
  private func tables(onLink address: IPAddress, _ interface: Int) -> [Int] {
    tables.indices.filter { isOnLink(address, interface, in: $0) }
  }

  /// Whether a table sends what is for an address to it over an interface's link, the routes to neighbours left aside.
  private func isOnLink(_ address: IPAddress, _ interface: Int, in table: Int) -> Bool {
    guard var match = longestMatch(table: table, address) else { return false }
    if match.prefix == address.host {
      if let other = rib.candidates(table: table, match.prefix).first(where: { $0.source != .neighbor }) {
        match.target = other.target
      } else if let shorter = shorterMatch(table: table, address, than: match.prefix.length) {
        match = shorter
      } else {
        return false
      }
    }
    if match.target.isSID { return false }
    let key = nextHops.keys[match.target.index]
    return key == .onLink(interface: interface) || key == .neighbor(interface: interface, address: address)
  }

  /// Prefixes below which it is looked which neighbours have routes; with more, all of a table's are looked at.
  private static let fewPlaces = 64

  /// Gives neighbours routes where changed routes have made their addresses on-link, and takes them away where those are
  /// on-link no more, as if the routes had been there first.
  func settleNeighborRoutes(_ changed: [(table: Int, prefix: IPPrefix)]) throws(TableError) {
    if neighbors.isEmpty { return }
    let isMuch = changed.count > Self.fewPlaces
    let touched = Set(changed.map(\.table))
    for neighbor in neighbors.keys {
      guard let interface = interfaceIndexes[neighbor.port] else { continue }
      let near = isMuch ? touched : Set(changed.filter { $0.prefix.covers(neighbor.address) }.map(\.table))
      for table in near where tables[table] != nil { try settle(neighbor.address, interface, in: table) }
    }
  }

  private func settle(_ address: IPAddress, _ interface: Int, in table: Int) throws(TableError) {
    let current = rib.candidates(table: table, address.host).first { $0.source == .neighbor }
    let own = RouteCandidate(.neighbor, .nextHop(nextHop(to: address, interface: interface)))
    if isOnLink(address, interface, in: table) {
      if current != own { try rib.replace(table: table, address.host, own) }
    } else if current == own {
      try rib.remove(table: table, address.host, .neighbor)
    }
  }
}

extension IPPrefix {
  /// Whether an address lies in it.
  fileprivate func covers(_ address: IPAddress) -> Bool {
    length <= (address.isIPv4 ? 32 : 128) && address.prefix(length) == self
  }
}
