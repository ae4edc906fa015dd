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
    let everyone = toMany(interface, MACAddress(0xffff_ffff_ffff), isMulticast: false)
    let group = toMany(interface, MACAddress(0x0100_5e00_0000), isMulticast: true)
    // The broadcast addresses of any port beside it count.
    let beside = interfaces.filter { $0.entry.vrf == interfaces[interface].entry.vrf }
    let directed = beside.flatMap { $0.entry.addresses.compactMap(\.directedBroadcast) }
    let all = [IPv4Address(0), IPv4Address(0xffff_ffff)] + directed
    return all.map { (IPv4Prefix(address: $0, length: 32), everyone) } + [
      (IPv4Prefix(address: IPv4Address(0xe000_0000), length: 4), group)
    ]
  }

  private func toMany(_ interface: Int, _ address: MACAddress, isMulticast: Bool) -> Int {
    nextHops.index(.toMany(interface: interface, isMulticast: isMulticast)) {
      let info = interfaces[interface]
      var hop = NextHop.forwarding(
        header: info.header(to: address.value, etherType: EtherType.ipv4),
        mtu: isMulticast ? 0 : UInt32(info.entry.mtu), interface: UInt16(interface), port: info.port,
        takesChains: info.takesChains)
      hop.isMulticast = isMulticast
      return hop
    }
  }
}
