import CDPDKShim
import Wire

// What is for the host, which has a twin of the interface: packets for this node's addresses that workers do not answer
// themselves, and what only concerns the link.

extension Worker {
  // MARK: To the host

  /// The table that has an address which was found by `table`, itself or main after it, if the host takes its packets.
  mutating func tableOfTwin(_ slot: UnsafeMutablePointer<Slot>, _ table: UInt32) -> UInt32? {
    let owner = history(slot).pointee.hasFallenBack ? 0 : table
    return snapshot.tables[Int(owner)].hasTwin ? owner : nil
  }

  /// Hands a packet for an address of a table to the host.
  @inline(never) mutating func puntLocal(_ slot: UnsafeMutablePointer<Slot>, table: UInt32, isIPv4: Bool) {
    let received = ingress(slot) ?? IngressPort.unknown
    punt(slot, .local, interface: UInt32(received), table: table, isIPv4: isIPv4)
  }

  /// Whether packets to a next hop that a table has are the host's.
  mutating func isToHost(_ hop: UnsafePointer<NextHop>, table: UInt32) -> Bool {
    guard hop.pointee.reason == .localDestination else { return false }
    return snapshot.tables[hop.pointee.isOfMain ? 0 : Int(table)].hasTwin
  }

  /// A frame to a group of stations: neighbour discovery is control's, what only concerns the link the host's.
  @inline(never) mutating func acceptGroup(
    _ slot: UnsafeMutablePointer<Slot>, _ owner: UnsafePointer<Interface>, _ etherType: UInt16
  ) {
    let interface = UInt32(truncatingIfNeeded: owner - snapshot.interfaces)
    rewind(slot)
    advance(slot, by: EthernetView.byteCount)
    if etherType == EtherType.ipv6 && isNeighborDiscovery(slot) {
      return punt(slot, .neighborDiscovery, interface: interface)
    }
    guard owner.pointee.hasTwin, isOfLink(slot, etherType) else { return drop(slot, .multicast) }
    let isIP = etherType == EtherType.ipv4 || etherType == EtherType.ipv6
    puntFrame(slot, isIP ? .multicast : .link, owner)
  }

  /// A frame for the interface itself that is neither IP nor ARP.
  @inline(never) mutating func acceptOther(
    _ slot: UnsafeMutablePointer<Slot>, _ owner: UnsafePointer<Interface>
  ) {
    guard owner.pointee.hasTwin else { return drop(slot, .unknownEtherType) }
    rewind(slot)
    advance(slot, by: EthernetView.byteCount)
    puntFrame(slot, .link, owner)
  }

  /// Whether a frame to a group does not concern others than those on the link: a routing protocol's, say, or no IP at all.
  private mutating func isOfLink(_ slot: UnsafeMutablePointer<Slot>, _ etherType: UInt16) -> Bool {
    switch etherType {
    case EtherType.ipv4:
      holds(slot, UInt32(IPv4View.minimumByteCount)) && Worker.ipv4(slot).destination.value &>> 8 == 0xe0_0000
    case EtherType.ipv6:
      holds(slot, UInt32(IPv6View.byteCount)) && Worker.ipv6(slot).destination.high &>> 48 & 0xff0f == 0xff02
    default: true
    }
  }

  /// Moves the slot back to the Ethernet header, over which it was advanced, with the bytes in one buffer that say what is
  /// behind it, and without a tag.
  private mutating func rewind(_ slot: UnsafeMutablePointer<Slot>) {
    let frame = Worker.frame(slot.pointee.mbuf)
    let start = slot.pointee.header - EthernetView.byteCount
    // The tag is behind the two addresses.
    if start != frame { start.copyMemory(from: frame, byteCount: EthernetView.byteCount &- 2) }
    advance(slot, by: -EthernetView.byteCount)
    let headers = UInt32(EthernetView.byteCount &+ IPv6View.byteCount &+ ICMPView.byteCount)
    _ = holds(slot, min(headers, slot.pointee.length))
  }

  /// Hands a frame to the host, its Ethernet header, over which the slot was advanced, included.
  private mutating func puntFrame(
    _ slot: UnsafeMutablePointer<Slot>, _ kind: PuntKind, _ owner: UnsafePointer<Interface>
  ) {
    guard slot.pointee.length <= owner.pointee.mtu else { return drop(slot, .giantFrame) }
    advance(slot, by: -EthernetView.byteCount)
    punt(slot, kind, interface: UInt32(truncatingIfNeeded: owner - snapshot.interfaces))
  }

  // MARK: From the host

  /// Takes a frame that the host sent to the interface's own Ethernet address as if the interface had received it. Its
  /// source is an address of this node's, which a filter would not let in.
  mutating func receive(_ slot: UnsafeMutablePointer<Slot>, interface: UInt16) {
    history(slot).pointee.ingress = interface
    let owner = snapshot.interfaces + Int(interface)
    guard holds(slot, UInt32(EthernetView.byteCount)) else { return drop(slot, .truncated) }
    let etherType = EthernetView(at: slot.pointee.header, length: EthernetView.byteCount).unsafelyUnwrapped.etherType
    advance(slot, by: EthernetView.byteCount)
    guard slot.pointee.length <= owner.pointee.mtu else { return drop(slot, .giantFrame) }
    switch etherType {
    case EtherType.ipv6: acceptIPv6(slot, table: owner.pointee.table, interface: UInt32(interface))
    case EtherType.ipv4:
      let (header, length, readable) = (slot.pointee.header, slot.pointee.length, slot.pointee.readable)
      guard checkIPv4(slot, header, length: length, readable: readable, trust: 0) else { return }
      Worker.queueIPv4(slot, table: owner.pointee.table, counters.tables, &burst.ipv4)
    default: drop(slot, .unknownEtherType)
    }
  }
}
