import Wire

/// An entry of a configuration, whose place in a file means nothing.
protocol ConfiguredEntry {
  /// Whether both say the same, wherever they stand. Of entries with keys those are the same already.
  func isSame(as other: Self) -> Bool
}

extension RouteEntry: ConfiguredEntry {
  func isSame(as other: RouteEntry) -> Bool { action == other.action && source == other.source && feed == other.feed }
}

extension SIDEntry: ConfiguredEntry {
  func isSame(as other: SIDEntry) -> Bool {
    behavior == other.behavior && flavors == other.flavors && table == other.table && segments == other.segments
      && nexthop == other.nexthop && port == other.port && source == other.source && feed == other.feed
  }
}

extension NeighborEntry: ConfiguredEntry {
  func isSame(as other: NeighborEntry) -> Bool {
    mac == other.mac && source == other.source && feed == other.feed
  }
}

extension PortEntry: ConfiguredEntry {
  func isSame(as other: PortEntry) -> Bool {
    link == other.link && vrf == other.vrf && addresses == other.addresses && mtu == other.mtu && mac == other.mac
      && promiscuous == other.promiscuous && rxQueues == other.rxQueues && rxDescriptors == other.rxDescriptors
      && txDescriptors == other.txDescriptors && rpFilter == other.rpFilter && tap == other.tap
  }
}

extension VRFEntry: ConfiguredEntry {
  func isSame(as other: VRFEntry) -> Bool {
    table == other.table && fallsBackToMain == other.fallsBackToMain && lookup == other.lookup
      && rpFilter == other.rpFilter && namespace == other.namespace
  }
}
