import Dataplane
import Tables
import Wire

// Linux's End.DX4 takes the inner destination for the next hop where its own is on-link.

extension ForwardingState {
  /// Has every IPv4 address be on-link in the interface's own table, whose index it returns.
  func everyoneOnLink(_ interface: Int) throws(TableError) -> Int {
    let table = linkTable(interface)
    if fib4.longestMatch(table: UInt32(table), address: IPv4Address(0)) != nil { return table }
    var routes: [(IPv4Prefix, Int)] = [(IPv4Prefix(address: IPv4Address(0), length: 0), onLink(interface: interface))]
    for case .v4(let address) in neighborAddresses(interface) {
      routes.append((IPv4Prefix(address: address, length: 32), nextHop(to: .v4(address), interface: interface)))
    }
    for (prefix, nextHop) in routes + groups(interface) {
      try fib4.insert(
        table: UInt32(table), address: prefix.address, length: prefix.length, value: RouteTarget.nextHop(nextHop).value)
    }
    return table
  }

  /// The destinations that are no neighbour's but many's.
  private func groups(_ interface: Int) -> [(IPv4Prefix, Int)] {
    let everyone = toManyIndex(interface, isMulticast: false)
    let group = toManyIndex(interface, isMulticast: true)
    let all = [IPv4Address(0), IPv4Address(0xffff_ffff)] + directedBroadcasts(beside: interface)
    return all.map { (IPv4Prefix(address: $0, length: 32), everyone) } + [
      (IPv4Prefix(address: IPv4Address(0xe000_0000), length: 4), group)
    ]
  }

  /// The broadcast addresses of any port of an interface's VRF, which count on its link.
  func directedBroadcasts(beside interface: Int) -> [IPv4Address] {
    let beside = interfaces.filter { $0.entry.vrf == interfaces[interface].entry.vrf }
    return beside.flatMap { $0.entry.addresses.compactMap(\.directedBroadcast) }
  }

  /// Has the interface's own table know the broadcast addresses of now, if everyone is on-link there.
  func followBroadcasts(_ interface: Int, before: [IPv4Address]) throws(TableError) {
    let table = UInt32(linkTable(interface))
    guard fib4.longestMatch(table: table, address: IPv4Address(0)) != nil else { return }
    let now = directedBroadcasts(beside: interface)
    let everyone = RouteTarget.nextHop(toManyIndex(interface, isMulticast: false)).value
    for address in now { try fib4.insert(table: table, address: address, length: 32, value: everyone) }
    for address in before where !now.contains(address) {
      try fib4.remove(table: table, address: address, length: 32)
      try showOnLink(.v4(address), interface: interface)
    }
  }

  private func toManyIndex(_ interface: Int, isMulticast: Bool) -> Int {
    nextHops.index(.toMany(interface: interface, isMulticast: isMulticast)) {
      toMany(interface, isMulticast: isMulticast)
    }
  }

  /// A next hop to all on a link, or to a multicast group there.
  func toMany(_ interface: Int, isMulticast: Bool) -> NextHop {
    let info = interfaces[interface]
    let address = isMulticast ? MACAddress(0x0100_5e00_0000) : MACAddress(0xffff_ffff_ffff)
    var hop = NextHop.forwarding(
      header: info.header(to: address.value, etherType: EtherType.ipv4),
      mtu: isMulticast ? 0 : UInt32(info.entry.mtu), interface: UInt16(interface), port: info.port,
      takesChains: info.takesChains)
    hop.isMulticast = isMulticast
    return hop
  }
}
