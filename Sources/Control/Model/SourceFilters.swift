import Dataplane

// Which sources IPv4 packets may have, port by port and VRF by VRF (net.ipv4.conf.*.rp_filter).

extension ForwardingState {
  /// A port's filter. Linux's loose one is strict where a port has no IPv4 address.
  func rpFilter(_ port: PortEntry) -> ReversePathFilter {
    let isNumbered = port.addresses.contains { $0.address.isIPv4 }
    return port.rpFilter == .loose && isLikeLinux && !isNumbered ? .strict : port.rpFilter
  }

  /// A VRF's filter, which in Linux is that of a port without addresses.
  func rpFilter(_ vrf: VRFEntry) -> ReversePathFilter? {
    vrf.rpFilter == .loose && isLikeLinux ? .strict : vrf.rpFilter
  }

  /// Whether sources may be filtered of IPv4 packets that come out of a tunnel into a table.
  func filtersSources(intoTable table: Int) -> Bool {
    if let filter = tables[table]?.vrf?.rpFilter { return filter != .off }
    return interfaces.contains { $0.entry.rpFilter != .off && reachesSIDs($0.entry) }
  }

  /// Whether packets from a port are looked up in main, where the SIDs are.
  private func reachesSIDs(_ port: PortEntry) -> Bool {
    port.vrf == nil || tables[tableIndex(port.vrf)]?.vrf?.fallsBackToMain == true
  }
}
