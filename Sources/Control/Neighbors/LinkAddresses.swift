import Wire

// What an interface's addresses say about its link.

extension ForwardingState {
  /// Whether an address is this node's, as far as those on an interface's link are concerned: one of any interface of the
  /// same table, as Linux answers.
  func isLocal(_ address: IPAddress, interface: Int) -> Bool {
    if case .v6(let address) = address, address.isLinkLocal {
      return interfaces[interface].linkLocals.contains(address)
    }
    let found = longestMatch(table: tableIndex(interfaces[interface].entry.vrf), address)
    guard let found, found.prefix == address.host, !found.target.isSID else { return false }
    return nextHops.keys[found.target.index] == .drop(.localDestination)
  }

  /// Whether an address is on an interface's link.
  func isOnLink(_ address: IPAddress, interface: Int) -> Bool {
    if case .v6(let address) = address, address.isLinkLocal { return true }
    return interfaces[interface].entry.addresses.contains { $0.holds(address) }
  }

  /// The address from which a neighbour is asked for by ARP: the source of the packet that wants it, if that is ours; else
  /// the interface's own on the neighbour's subnet, or its first, or any of the same table (Linux: arp_announce 0).
  func source(ofQuestionAbout target: IPv4Address, _ interface: Int, packet: [UInt8]?) -> IPv4Address? {
    if let packet, packet.count >= 16 {
      let source = IPv4Address(networkBytes: packet[12..<16])
      if isLocal(.v4(source), interface: interface) { return source }
    }
    let own = interfaces[interface].entry.addresses
    let vrf = interfaces[interface].entry.vrf
    let others = interfaces.filter { $0.entry.vrf == vrf }.flatMap(\.entry.addresses)
    let chosen = own.first { $0.holds(.v4(target)) } ?? own.first { $0.isIPv4 } ?? others.first { $0.isIPv4 }
    guard case .v4(let address, _) = chosen else { return nil }
    return address
  }
}

extension InterfaceAddress {
  fileprivate var isIPv4: Bool { if case .v4 = self { true } else { false } }

  /// Whether an address is on-link by this one.
  fileprivate func holds(_ other: IPAddress) -> Bool {
    other.isIPv4 == isIPv4 && other.prefix(onLink.length) == onLink
  }
}
