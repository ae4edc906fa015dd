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
    let local = RouteTarget.nextHop(nextHops.dropping(.localDestination))
    let link = RouteTarget.nextHop(onLink(interface: interface))
    try fib6.insert(table: table, address: IPv6Address(high: 0xfe80 << 48, low: 0), length: 10, value: link.value)
    for address in interfaces[interface].linkLocals {
      try fib6.insert(table: table, address: address, length: 128, value: local.value)
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

  /// The tables in which an address is on-link on an interface, or has a neighbour's route to it.
  private func tables(onLink address: IPAddress, _ interface: Int) -> [Int] {
    tables.indices.filter { table in
      guard let target = longestMatch(table: table, address)?.target, !target.isSID else { return false }
      let key = nextHops.keys[target.index]
      return key == .onLink(interface: interface) || key == .neighbor(interface: interface, address: address)
    }
  }
}
