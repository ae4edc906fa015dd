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
        if let all = address.directedBroadcast { add(.local, table: table, IPAddress.v4(all).host, broadcast) }
        if case .v6(_, let length) = address, length < 127 {
          // The subnet-router anycast address (RFC 4291, section 2.6.1).
          add(.local, table: table, address.onLink.address.host, local)
        }
      }
    }
  }

  /// Main's addresses in the tables that fall back on main: Linux asks for local addresses first of all.
  func addLocalAddressesOfMain() {
    let local = RouteTarget.nextHop(nextHops.index(.localOfMain) { .localOfMain })
    for vrf in configuration.vrfs where vrf.fallsBackToMain {
      for interface in interfaces where interface.entry.vrf == nil {
        for address in interface.entry.addresses {
          add(.local, table: tableIndex(vrf.name), address.address.host, local)
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

  /// The next hop to whatever is on an interface's link.
  func onLink(interface: Int) -> Int {
    nextHops.index(.onLink(interface: interface)) {
      .unresolved(interface: UInt16(interface), port: interfaces[interface].port)
    }
  }

  /// The configuration's routes. One whose next hop is behind another route waits until that is there, and one that
  /// encapsulates until its first segment can be looked up.
  func addStatic() throws(TableError) {
    // The usual metric is none to the RIB, unless others stand beside it.
    let hasMetrics = configuration.routes.contains { $0.metric != RouteEntry.usualMetric($0.prefix) }
    var waiting = configuration.routes
    for round in 0...ForwardingState.longestChain {
      var left: [RouteEntry] = []
      for route in waiting {
        let table = tableIndex(route.tableReference)
        let found =
          round == ForwardingState.longestChain
          ? nextHops.dropping(.noRoute) : index(of: route.action, table, isFirstRound: round == 0)
        guard let found else {
          left.append(route)
          continue
        }
        add(.static, table: table, route.prefix, .nextHop(found), metric: hasMetrics ? route.metric : 0)
      }
      try loadBatch()
      waiting = left
      if waiting.isEmpty { break }
    }
  }

  /// Routes behind one another that are followed; what leads to itself ends there too.
  private static let longestChain = 8

  /// The next hop of an action; nil if it is behind a route that is not there yet.
  private func index(of action: RouteAction, _ table: Int, isFirstRound: Bool) -> Int? {
    switch action {
    case .unicast(let hop): return index(of: hop, table)
    case .multipath(let members):
      var group: [GroupMember] = []
      for member in members {
        guard let index = index(of: member.nextHop, table) else { return nil }
        guard case .group(let others) = nextHops.keys[index] else {
          group.append(GroupMember(nextHop: index, weight: member.weight))
          continue
        }
        // Groups have no groups in them: the first of that one stands for it.
        group.append(GroupMember(nextHop: others[0].nextHop, weight: member.weight))
      }
      return nextHops.group(group)
    case .encapsulate(let encapsulation): return isFirstRound ? nil : headend(encapsulation)
    case .blackhole: return nextHops.dropping(.blackhole)
    case .unreachable: return nextHops.dropping(.unreachable)
    case .prohibit: return nextHops.dropping(.prohibit)
    }
  }

  private func index(of hop: RouteNextHop, _ table: Int) -> Int? {
    if let port = hop.port {
      let interface = interfaceIndex(port)
      return hop.via.map { nextHop(to: $0, interface: interface) } ?? onLink(interface: interface)
    }
    guard let via = hop.via else { return nil }
    return nextHop(behindRoutesTo: via, table: table) ?? nextHop(behindRoutesTo: via, table: 0)
  }

  /// Where a table's route sends what is for an address; nil if it has none.
  private func nextHop(behindRoutesTo address: IPAddress, table: Int) -> Int? {
    guard let target = longestMatch(table: table, address)?.target, !target.isSID else { return nil }
    guard case .onLink(let interface) = nextHops.keys[target.index] else { return target.index }
    return nextHop(to: address, interface: interface)
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
