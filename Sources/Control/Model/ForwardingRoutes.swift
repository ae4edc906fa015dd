import Dataplane
import Tables
import Wire

// Which routes a configuration makes, besides its SIDs.

extension ForwardingState {
  /// Addresses of ours, and those that a subnet reserves.
  func addLocalAddresses() throws(TableError) {
    for interface in interfaces {
      let table = tableIndex(interface.entry.vrf)
      for address in interface.entry.addresses {
        let local = RouteTarget.nextHop(nextHops.dropping(.localDestination))
        try add(.local, table: table, address.address.host, local, "local")
        switch address {
        case .v4(let own, let length) where length < 31:
          // The directed broadcast address of the subnet (RFC 1812, section 5.3.5.2).
          let broadcast = IPv4Address(own.value | UInt32.max >> UInt32(length))
          let target = RouteTarget.nextHop(nextHops.dropping(.multicast))
          try add(.local, table: table, IPAddress.v4(broadcast).host, target, "broadcast")
        case .v6(_, let length) where length < 127:
          // The subnet-router anycast address (RFC 4291, section 2.6.1).
          try add(.local, table: table, address.onLink.address.host, local, "local")
        default: break
        }
      }
    }
  }

  /// Main's addresses in the tables that fall back on main: Linux asks for local addresses first of all.
  func addLocalAddressesOfMain() throws(TableError) {
    let local = RouteTarget.nextHop(nextHops.index(.localOfMain) { .localOfMain })
    for vrf in configuration.vrfs where vrf.fallsBackToMain {
      for interface in interfaces where interface.entry.vrf == nil {
        for address in interface.entry.addresses {
          try add(.local, table: tableIndex(vrf.name), address.address.host, local, "local in main")
        }
      }
    }
  }

  /// The on-link prefixes of our addresses.
  func addConnected() throws(TableError) {
    for (index, interface) in interfaces.enumerated() {
      for address in interface.entry.addresses {
        try addOnLink(.connected, table: tableIndex(interface.entry.vrf), address.onLink, interface: index)
      }
    }
  }

  /// The interface of a next hop: its port's, or that of the route to the gateway.
  private func interface(of hop: RouteNextHop, table: Int) -> Int? {
    if let port = hop.port { return interfaceIndex(port) }
    guard let via = hop.via else { return nil }
    return interface(to: via, table: table) ?? interface(to: via, table: 0)
  }

  private func addOnLink(
    _ source: RouteSource, table: Int, _ prefix: IPPrefix, interface: Int
  ) throws(TableError) {
    let index = nextHops.index(.onLink(interface: interface)) { .dropping(.neighborUnresolved) }
    try add(source, table: table, prefix, .nextHop(index), describe(nextHop: index))
  }

  /// The configuration's routes.
  func addStatic() throws(TableError) {
    for route in configuration.routes {
      let table = tableIndex(route.tableReference)
      switch route.action {
      case .unicast(let hop):
        guard let interface = interface(of: hop, table: table) else {
          try addDropping(.neighborUnresolved, table: table, route.prefix)
          continue
        }
        guard let via = hop.via else {
          try addOnLink(.static, table: table, route.prefix, interface: interface)
          continue
        }
        let index = nextHop(to: via, interface: interface)
        try add(.static, table: table, route.prefix, .nextHop(index), describe(nextHop: index))
      case .encapsulate(let encapsulation):
        let index = nextHop(encapsulation)
        try add(.static, table: table, route.prefix, .nextHop(index), describe(nextHop: index))
      case .blackhole: try addDropping(.blackhole, table: table, route.prefix)
      case .unreachable: try addDropping(.unreachable, table: table, route.prefix)
      case .prohibit: try addDropping(.prohibit, table: table, route.prefix)
      }
    }
  }

  private func addDropping(_ reason: DropReason, table: Int, _ prefix: IPPrefix) throws(TableError) {
    try add(.static, table: table, prefix, .nextHop(nextHops.dropping(reason)), reason.name)
  }

  /// A host route for each neighbour in every table where its address is on-link on its port: the destination is then
  /// its own next hop.
  func addNeighbors() throws(TableError) {
    for neighbor in configuration.neighbors {
      let interface = interfaceIndex(neighbor.port)
      for table in tableNames.indices where isOnLink(neighbor.address, table: table, interface: interface) {
        let index = nextHop(to: neighbor.address, interface: interface)
        try add(.neighbor, table: table, neighbor.address.host, .nextHop(index), describe(nextHop: index))
      }
    }
  }

  private func isOnLink(_ address: IPAddress, table: Int, interface: Int) -> Bool {
    guard let target = longestMatch(table: table, address)?.target, !target.isSID else { return false }
    return nextHops.keys[target.index] == .onLink(interface: interface)
  }

  /// The route that covers an address, from the control side's own list of routes.
  public func longestMatch(table: Int, _ address: IPAddress) -> (prefix: IPPrefix, target: RouteTarget)? {
    switch address {
    case .v4(let address):
      guard let match = fib4.longestMatch(table: UInt32(table), address: address) else { return nil }
      return (IPAddress.v4(address).prefix(match.length), RouteTarget(cell: match.value))
    case .v6(let address):
      guard let match = fib6.longestMatch(table: UInt32(table), address: address) else { return nil }
      return (IPAddress.v6(address).prefix(match.length), RouteTarget(cell: match.value))
    }
  }
}
