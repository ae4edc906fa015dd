import CDPDKShim
import SRv6
import Wire

// Decapsulation as Linux's seg6local does it (decap_and_validate): a routing header that is not a valid segment routing
// header counts as none, and the inner packet is taken as it comes.

extension Worker {
  /// Takes out what is inside; `family` is its protocol number, nil takes either.
  @inline(never) mutating func decapsulateAsLinux(
    _ slot: UnsafeMutablePointer<Slot>, sid number: Int, _ family: UInt8?
  ) {
    if hasSegmentsLeft(slot) { return refuse(slot, atSID: number, .srhSegmentsLeft) }
    let search = search(slot, for: family)
    guard search.status == .found else { return refuse(slot, atSID: number, .wrongNextHeader) }
    let isIPv4 = search.nextHeader == IPProtocol.ipv4
    guard isIPv4 || search.nextHeader == IPProtocol.ipv6 else { return refuse(slot, atSID: number, .wrongNextHeader) }
    let length = slot.pointee.length
    let least = isIPv4 ? IPv4View.minimumByteCount : IPv6View.byteCount
    guard search.offset &+ least <= Int(length), holds(slot, UInt32(truncatingIfNeeded: search.offset &+ least)) else {
      return refuse(slot, atSID: number, .truncated)
    }
    advance(slot, by: search.offset)
    let sid = snapshot.sids + number
    let rules = snapshot.tables + Int(sid.pointee.table)
    let looksUp = sid.pointee.continuation == .tableLookup && !rules.pointee.isLink
    let reason =
      isIPv4 ? linuxReason(ipv4: slot, sid, looksUp: looksUp) : linuxReason(ipv6: slot, sid, looksUp: looksUp)
    if let reason { return refuse(slot, atSID: number, reason) }
    (counters.sids + number).add(length)
    // What a table that is no VRF's leads to is not delivered here.
    history(slot).pointee.hasAdvanced = rules.pointee.answers == 0
    if isIPv4 { return continueAgain(ipv4: slot, sid) }
    // No port is the VRF's own device, whose links alone Linux looks at.
    let isLost = looksUp && rules.pointee.answers != 0 && Worker.ipv6(slot).destination.isLinkLocal
    if isLost { return refuseIPv6(slot, .noRoute, table: sid.pointee.table) }
    continueIPv6(slot, sid, counters.tables)
  }

  /// Whether an inner IPv6 packet leaves by the interface that received it, where Linux looks at no source.
  private func turnsBack(_ slot: UnsafeMutablePointer<Slot>, _ sid: UnsafePointer<LocalSID>) -> Bool {
    if sid.pointee.continuation == .adjacency { return turnsBack(slot, snapshot.nextHops + Int(sid.pointee.nextHop)) }
    let target = target(ipv6: Worker.ipv6(slot).destination, table: sid.pointee.table)
    return !target.isSID && turnsBack(slot, hop(of: target))
  }

  /// Whether a next hop is behind the interface that received the packet.
  func turnsBack(_ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>) -> Bool {
    hop.pointee.isTowardsNeighbor && hop.pointee.policy == 0 && ingress(slot) == hop.pointee.interface
  }

  /// Whether Linux takes an IPv6 packet off the wire that has no source: to a SID, a headend, or back where it came from.
  func takesSourceless(_ slot: UnsafeMutablePointer<Slot>, table: UInt32) -> Bool {
    let header = Worker.ipv6(slot)
    guard header.source.isUnspecified && !header.destination.isMulticast else { return false }
    let target = target(ipv6: header.destination, table: table)
    if target.isSID { return true }
    let hop = hop(of: target)
    guard hop.pointee.policy != 0 else { return turnsBack(slot, hop) }
    return !snapshot.policies[Int(hop.pointee.policy &- 1)].inserts
  }

  /// Sends a packet to the Ethernet address of its IPv4 multicast group (RFC 1112, section 6.4), whose 23 bits of the group
  /// the next hop's header lacks.
  @inline(never) mutating func sendMulticast(_ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>) {
    var mapped = hop.pointee
    let group = Worker.ipv4(slot).destination.value & 0x7f_ffff
    let place = 19 &- Int(mapped.rewriteLength)
    for byte in 0..<3 {
      mapped.rewrite.back[place &+ byte] = UInt8(truncatingIfNeeded: group &>> UInt32(16 &- 8 &* byte))
    }
    mapped.isMulticast = false
    mapped.mtu = snapshot.interfaces[Int(mapped.interface)].mtu
    sendIPv4(slot, to: &mapped, at: -1, Output(self))
  }

  /// Whether the first routing header is a valid segment routing header with segments left.
  private func hasSegmentsLeft(_ slot: UnsafeMutablePointer<Slot>) -> Bool {
    let routing = search(slot, for: IPProtocol.routing)
    guard routing.status == .found else { return false }
    let byteCount = 8 &+ 8 &* Int(slot.pointee.header.loadByte(routing.offset &+ 1))
    guard holds(slot, UInt32(truncatingIfNeeded: routing.offset &+ byteCount)),
      let srh = SRHView(at: slot.pointee.header + routing.offset, length: byteCount)
    else { return false }
    return srh.routingType == SRHView.routingType && srh.segmentsLeft > 0
      && srh.isConsistent(available: byteCount, hasPad1: false)
  }

  /// Searches the packet's headers, bringing them into the first buffer as far as they reach.
  func search(_ slot: UnsafeMutablePointer<Slot>, for target: UInt8?) -> HeaderSearch {
    while true {
      let search = HeaderSearch(
        slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable), for: target)
      guard search.status == .needsMore, holds(slot, UInt32(truncatingIfNeeded: search.needed)) else { return search }
    }
  }

  /// Why Linux does not route an inner IPv4 packet: its addresses, that its source is the router's own, or its way back.
  /// The destination means nothing where it is not looked up.
  private func linuxReason(
    ipv4 slot: UnsafeMutablePointer<Slot>, _ sid: UnsafePointer<LocalSID>, looksUp: Bool
  ) -> DropReason? {
    let header = Worker.ipv4(slot)
    let looked = looksUp ? header.destination : header.source
    if let reason = scopeReason(source: header.source, destination: looked) { return reason }
    if isLocal(header.source, table: sid.pointee.table) { return .martianSource }
    return hasReversePath(inner: slot, sid) ? nil : .rpFilter
  }

  /// The same for IPv6, whose destination is left to the lookup.
  private func linuxReason(
    ipv6 slot: UnsafeMutablePointer<Slot>, _ sid: UnsafePointer<LocalSID>, looksUp: Bool
  ) -> DropReason? {
    let header = Worker.ipv6(slot)
    let source = header.source
    let isMartian = source.isMulticast || source.isUnspecified || source.isLoopback
    if isMartian && !turnsBack(slot, sid) { return .martianSource }
    return looksUp && header.destination.isMulticast ? .multicast : nil
  }
}
