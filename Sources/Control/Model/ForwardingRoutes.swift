import Dataplane
import Tables
import Wire

// Which routes a configuration makes, besides its SIDs.

extension ForwardingState {
  /// Addresses of ours, and those that a subnet reserves.
  func addLocalAddresses() {
    let local = RouteTarget.nextHop(nextHops.dropping(.localDestination))
    let broadcast = RouteTarget.nextHop(nextHops.dropping(.multicast))
    for interface in interfaces {
      let table = tableIndex(interface.entry.vrf)
      for address in interface.entry.addresses {
        add(.local, table: table, address.address.host, local)
        switch address {
        case .v4(let own, let length) where length < 31:
          // The directed broadcast address of the subnet (RFC 1812, section 5.3.5.2).
          add(.local, table: table, IPAddress.v4(IPv4Address(own.value | UInt32.max >> UInt32(length))).host, broadcast)
        case .v6(_, let length) where length < 127:
          // The subnet-router anycast address (RFC 4291, section 2.6.1).
          add(.local, table: table, address.onLink.address.host, local)
        default: break
        }
      }
    }
  }

  /// The on-link prefixes of our addresses.
  func addConnected() {
    for (index, interface) in interfaces.enumerated() {
      for address in interface.entry.addresses {
        let target = RouteTarget.nextHop(onLink(interface: index))
        add(.connected, table: tableIndex(interface.entry.vrf), address.onLink, target)
      }
    }
  }

  private func onLink(interface: Int) -> Int {
    nextHops.index(.onLink(interface: interface)) { .dropping(.neighborUnresolved) }
  }

  /// The configuration's routes.
  func addStatic() {
    for route in configuration.routes {
      let index =
        switch route.action {
        case .unicast(let hop): nextHop(hop)
        case .multipath(let members):
          nextHops.group(members.map { GroupMember(nextHop: nextHop($0.nextHop), weight: $0.weight) })
        case .blackhole: nextHops.dropping(.blackhole)
        case .unreachable: nextHops.dropping(.unreachable)
        case .prohibit: nextHops.dropping(.prohibit)
        }
      add(.static, table: tableIndex(route.vrf), route.prefix, .nextHop(index))
    }
  }

  private func nextHop(_ hop: RouteNextHop) -> Int {
    let interface = interfaceIndex(hop.port)
    return hop.via.map { nextHop(to: $0, interface: interface) } ?? onLink(interface: interface)
  }

  /// A host route for each neighbour in every table where its address is on-link on its port: the destination is then
  /// its own next hop.
  func addNeighbors() throws(TableError) {
    for neighbor in configuration.neighbors {
      let interface = interfaceIndex(neighbor.port)
      for table in tableNames.indices where isOnLink(neighbor.address, table: table, interface: interface) {
        let index = nextHop(to: neighbor.address, interface: interface)
        add(.neighbor, table: table, neighbor.address.host, .nextHop(index))
      }
    }
    try loadBatch()
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

extension IPAddress {
  /// The prefix that holds this address alone.
  var host: IPPrefix { prefix(isIPv4 ? 32 : 128) }
}

extension LookupForm {
  /// What the tables are made with.
  var rootForm: RootForm {
    switch self {
    case .auto: .automatic
    case .compact: .compact
    case .flat: .flat
    }
  }
}
