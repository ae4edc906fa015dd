import Dataplane
import Tables

// Which routes the addresses of interfaces make.

/// The place of such a route.
struct AddressRoutePlace: Hashable {
  var table: Int
  var prefix: IPPrefix
  var source: RouteSource
}

/// Where each of them leads.
typealias AddressRoutes = [AddressRoutePlace: RouteTarget]

extension AddressRoutes {
  /// The first that wants a place has it.
  fileprivate mutating func put(_ source: RouteSource, _ table: Int, _ prefix: IPPrefix, _ target: RouteTarget) {
    let place = AddressRoutePlace(table: table, prefix: prefix, source: source)
    if self[place] == nil { self[place] = target }
  }
}

extension ForwardingState {
  /// The routes that interfaces' addresses make. Where two interfaces want the same place, their names decide and not the
  /// order in which they came.
  func addressRoutes(_ interfaces: [InterfaceInfo], vrfs: [VRFEntry]) -> AddressRoutes {
    var routes = AddressRoutes()
    let ordered = InterfaceInfo.byName(interfaces)
    for (_, interface) in ordered { addLocal(interface, to: &routes) }
    for vrf in vrfs where vrf.fallsBackToMain { addLocalOfMain(ordered.map(\.info), tableIndex(vrf.name), to: &routes) }
    for (index, interface) in ordered {
      for address in interface.entry.addresses {
        let target = RouteTarget.nextHop(onLink(interface: index))
        routes.put(.connected, tableIndex(interface.entry.vrf), address.onLink, target)
      }
    }
    return routes
  }

  /// Addresses of ours, and those that a subnet reserves.
  private func addLocal(_ interface: InterfaceInfo, to routes: inout AddressRoutes) {
    let local = RouteTarget.nextHop(nextHops.dropping(.localDestination))
    let broadcast = RouteTarget.nextHop(nextHops.dropping(.multicast))
    let table = tableIndex(interface.entry.vrf)
    for address in interface.entry.addresses {
      routes.put(.local, table, address.address.host, local)
      if let all = address.directedBroadcast { routes.put(.local, table, IPAddress.v4(all).host, broadcast) }
      if case .v6(_, let length) = address, length < 127 {
        // The subnet-router anycast address (RFC 4291, section 2.6.1).
        routes.put(.local, table, address.onLink.address.host, local)
      }
    }
  }

  /// Main's addresses in a table that falls back on main: Linux asks for local addresses first of all.
  private func addLocalOfMain(_ interfaces: [InterfaceInfo], _ table: Int, to routes: inout AddressRoutes) {
    let local = RouteTarget.nextHop(nextHops.index(.localOfMain) { .localOfMain })
    for interface in interfaces where interface.entry.vrf == nil {
      for address in interface.entry.addresses { routes.put(.local, table, address.address.host, local) }
    }
  }

  /// The next hop to whatever is on an interface's link.
  func onLink(interface: Int) -> Int {
    nextHops.index(.onLink(interface: interface)) {
      .unresolved(interface: UInt16(interface), port: interfaces[interface].port)
    }
  }
}
