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
    let looksUp = sid.pointee.continuation == .tableLookup
    let reason =
      isIPv4 ? linuxReason(ipv4: slot, table: sid.pointee.table) : Worker.linuxReason(ipv6: slot, looksUp: looksUp)
    if let reason { return refuse(slot, atSID: number, reason) }
    (counters.sids + number).add(length)
    // What a table that is no VRF's leads to is not delivered here.
    history(slot).pointee.hasAdvanced = snapshot.tables[Int(sid.pointee.table)].answers == 0
    if isIPv4 { continueAgain(ipv4: slot, sid) } else { continueIPv6(slot, sid, counters.tables) }
  }

  /// Whether the first routing header is a valid segment routing header with segments left.
  private func hasSegmentsLeft(_ slot: UnsafeMutablePointer<Slot>) -> Bool {
    let routing = search(slot, for: IPProtocol.routing)
    guard routing.status == .found else { return false }
    let byteCount = 8 &+ 8 &* Int(slot.pointee.header.loadByte(routing.offset &+ 1))
    guard holds(slot, UInt32(truncatingIfNeeded: routing.offset &+ byteCount)),
      let srh = SRHView(at: slot.pointee.header + routing.offset, length: byteCount)
    else { return false }
    return srh.routingType == SRHView.routingType && srh.segmentsLeft > 0 && srh.isConsistent(available: byteCount)
  }

  /// Searches the packet's headers, bringing them into the first buffer as far as they reach.
  func search(_ slot: UnsafeMutablePointer<Slot>, for target: UInt8?) -> HeaderSearch {
    while true {
      let search = HeaderSearch(
        slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable), for: target)
      guard search.status == .needsMore, holds(slot, UInt32(truncatingIfNeeded: search.needed)) else { return search }
    }
  }

  /// Why Linux does not route an inner IPv4 packet: its addresses, or that its source is the router's own.
  private func linuxReason(ipv4 slot: UnsafeMutablePointer<Slot>, table: UInt32) -> DropReason? {
    let header = Worker.ipv4(slot)
    if let reason = Worker.scopeReason(source: header.source, destination: header.destination) { return reason }
    return isLocal(header.source, table: table) ? .martianSource : nil
  }

  /// The same for IPv6, whose destination is left to the lookup.
  private static func linuxReason(ipv6 slot: UnsafeMutablePointer<Slot>, looksUp: Bool) -> DropReason? {
    let header = ipv6(slot)
    let source = header.source
    if source.isMulticast || source.isUnspecified || source.isLoopback { return .martianSource }
    return looksUp && header.destination.isMulticast ? .multicast : nil
  }
}
