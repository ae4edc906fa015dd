import CDPDKShim
import Wire

// A packet that its next hop does not simply take: it is not to be sent but dropped, encapsulated or delivered here, it is
// one of several, its hops are used up, or it is too big.

extension Worker {
  @inline(never) mutating func unusualIPv4(
    _ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>, at position: Int
  ) {
    if hop.pointee.isGroup { return sendIPv4(slot, byGroup: hop, at: position) }
    let table = table(of: slot, position < 0 ? 0 : burst.ipv4.tables[position])
    if hop.pointee.policy != 0 { return encapsulate(slot, hop, table: table, isIPv4: true) }
    if hop.pointee.isMulticast { return sendMulticast(slot, hop) }
    if let reason = hop.pointee.reason {
      if reason == .localDestination {
        if hop.pointee.isOfMain { fallBack(slot, table) }
        return deliverIPv4(slot, table: table)
      }
      if reason == .neighborUnresolved {
        // A router counts hops before it looks for a neighbour.
        if Worker.ipv4(slot).ttl <= 1 { return refuseIPv4(slot, .hopLimitExceeded, table: table) }
        return awaitNeighbor(slot, hop, table: table, isIPv4: true)
      }
      if reason == .noRoute && fallsBack(slot, table) {
        return queueAgain(slot, ipv4: Worker.ipv4(slot).destination, table: 0)
      }
      return refuseIPv4(slot, reason, table: table)
    }
    if Worker.ipv4(slot).ttl <= 1 { return refuseIPv4(slot, .hopLimitExceeded, table: table) }
    let mtu = hop.pointee.mtu
    if Worker.ipv4(slot).dontFragment { return refuseIPv4(slot, .packetTooBig, table: table, mtu: mtu) }
    sendFragments(slot, hop)
  }

  @inline(never) mutating func unusualIPv6(
    _ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>, at position: Int
  ) {
    if hop.pointee.isGroup { return sendIPv6(slot, byGroup: hop, at: position) }
    let table = table(of: slot, position < 0 ? 0 : burst.ipv6.tables[position])
    if hop.pointee.policy != 0 { return encapsulate(slot, hop, table: table, isIPv4: false) }
    if let reason = hop.pointee.reason {
      if reason == .localDestination {
        if hop.pointee.isOfMain { fallBack(slot, table) }
        return deliverIPv6(slot, table: table)
      }
      if reason == .neighborUnresolved {
        if isBeyondScope(slot, hop) { return refuseIPv6(slot, .beyondScope, table: table) }
        if Worker.ipv6(slot).hopLimit <= 1 { return refuseIPv6(slot, .hopLimitExceeded, table: table) }
        return awaitNeighbor(slot, hop, table: table, isIPv4: false)
      }
      if reason == .noRoute && fallsBack(slot, table) {
        return queueAgain(slot, ipv6: Worker.ipv6(slot).destination, table: 0)
      }
      return refuseIPv6(slot, reason, table: table)
    }
    if isBeyondScope(slot, hop) { return refuseIPv6(slot, .beyondScope, table: table) }
    let header = Worker.ipv6(slot)
    if header.hopLimit <= 1 { return refuseIPv6(slot, .hopLimitExceeded, table: table) }
    if slot.pointee.length > hop.pointee.mtu {
      return refuseIPv6(slot, .packetTooBig, table: table, mtu: hop.pointee.mtu)
    }
    header.hopLimit &-= 1
    rewrite(slot, header.base, slot.pointee.length, hop, Output(self))
  }

  /// Whether a packet comes from a link-local address, and not from one of this node's: it may not cross a router (RFC 4291,
  /// section 2.5.6). Linux sends it back on its own link.
  private mutating func isBeyondScope(_ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>) -> Bool {
    guard Worker.ipv6(slot).source.isLinkLocal, !history(slot).pointee.isOurs else { return false }
    return !(snapshot.isLikeLinux && turnsBack(slot, hop))
  }

  // MARK: History

  /// What befell the packet in this burst.
  @inline(__always) func history(_ slot: UnsafeMutablePointer<Slot>) -> UnsafeMutablePointer<SlotHistory> {
    histories.of(slot)
  }

  /// The histories of the burst.
  @inline(__always) var histories: SlotHistories {
    SlotHistories(first: burst.histories, slots: burst.slots, burst: burst.number)
  }

  /// The table by which answers about a packet are routed that was last looked up in `last`.
  mutating func table(of slot: UnsafeMutablePointer<Slot>, _ last: UInt32) -> UInt32 {
    let history = history(slot)
    return history.pointee.hasFallenBack ? history.pointee.table : last
  }

  /// Whether the main table is to be asked for a packet that `table` has no route for; that is noted.
  mutating func fallsBack(_ slot: UnsafeMutablePointer<Slot>, _ table: UInt32) -> Bool {
    guard snapshot.tables[Int(table)].fallsBackToMain, !history(slot).pointee.hasFallenBack else { return false }
    fallBack(slot, table)
    if trace != nil { note(.fallback) }
    return true
  }

  /// Notes that main has what `table` was asked for.
  private func fallBack(_ slot: UnsafeMutablePointer<Slot>, _ table: UInt32) {
    history(slot).pointee.hasFallenBack = true
    history(slot).pointee.table = table
  }

  // MARK: Queues

  /// Queues a packet for a round of lookups to come.
  mutating func queueAgain(_ slot: UnsafeMutablePointer<Slot>, ipv4 destination: IPv4Address, table: UInt32) {
    guard burst.round < Worker.roundLimit else { return drop(slot, .tooManySIDs) }
    burst.ipv4Again.append(slot: slot, table: table, destination: destination.value)
  }

  /// Queues a packet for a round of lookups to come.
  mutating func queueAgain(_ slot: UnsafeMutablePointer<Slot>, ipv6 destination: IPv6Address, table: UInt32) {
    guard burst.round < Worker.roundLimit else { return drop(slot, .tooManySIDs) }
    burst.ipv6Again.append(slot: slot, table: table, destination: destination)
  }

  // MARK: Refusals

  /// Drops an IPv4 packet, with the ICMP error that the reason calls for.
  mutating func refuseIPv4(
    _ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason, table: UInt32, mtu: UInt32 = 0
  ) {
    switch reason {
    case .noRoute: sendError(aboutIPv4: slot, ICMPError(type: 3, code: 0), table: table)
    case .unreachable: sendError(aboutIPv4: slot, ICMPError(type: 3, code: 1), table: table)
    case .prohibit: sendError(aboutIPv4: slot, ICMPError(type: 3, code: 13), table: table)
    case .hopLimitExceeded: sendError(aboutIPv4: slot, ICMPError(type: 11, code: 0), table: table)
    case .packetTooBig: sendError(aboutIPv4: slot, ICMPError(type: 3, code: 4, parameter: mtu), table: table)
    default: break
    }
    drop(slot, reason)
  }

  /// Drops an IPv6 packet, with the ICMPv6 error that the reason calls for. Of a packet that this node encapsulated the
  /// sender of what is inside learns (RFC 2473, section 8): Linux would tell itself.
  mutating func refuseIPv6(
    _ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason, table: UInt32, mtu: UInt32 = 0
  ) {
    let history = history(slot)
    let overhead = history.pointee.overhead
    if overhead != 0 {
      let (inner, table) = (mtu &- min(mtu, overhead), history.pointee.table)
      guard !snapshot.isLikeLinux, holds(slot, overhead &+ UInt32(IPv6View.byteCount)) || holds(slot, overhead &+ 20)
      else { return drop(slot, reason) }
      return refuseInner(slot, reason, table: table, mtu: inner)
    }
    let shown = snapshot.isLikeLinux ? mtu : mtu &- min(mtu, history.pointee.inserted)
    switch reason {
    case .noRoute, .unreachable: sendError(aboutIPv6: slot, ICMPError(type: 1, code: 0), table: table)
    case .prohibit: sendError(aboutIPv6: slot, ICMPError(type: 1, code: 1), table: table)
    case .beyondScope: sendError(aboutIPv6: slot, ICMPError(type: 1, code: 2), table: table)
    case .hopLimitExceeded: sendError(aboutIPv6: slot, ICMPError(type: 3, code: 0), table: table)
    case .packetTooBig: sendError(aboutIPv6: slot, ICMPError(type: 2, code: 0, parameter: shown), table: table)
    default: break
    }
    drop(slot, reason)
  }

  /// Takes the outer header off again, and refuses what was inside; IPv4 that may be fragmented is, to fit.
  mutating func refuseInner(
    _ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason, table: UInt32, mtu: UInt32
  ) {
    let history = history(slot)
    let isIPv4 = (slot.pointee.header + Int(history.pointee.overhead)).loadByte(0) &>> 4 == 4
    advance(slot, by: Int(history.pointee.overhead))
    history.pointee.overhead = 0
    guard isIPv4 else { return refuseIPv6(slot, reason, table: table, mtu: mtu) }
    let mayFragment = reason == .packetTooBig && !Worker.ipv4(slot).dontFragment
    if mayFragment { return queueFragments(slot, mtu: mtu, table: table) }
    refuseIPv4(slot, reason, table: table, mtu: mtu)
  }
}
