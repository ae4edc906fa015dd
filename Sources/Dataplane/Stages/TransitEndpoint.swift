import CDPDKShim
import SRv6
import Wire

// SIDs that are not the end of the path: End, End.X, End.T, and those bound to a policy (RFC 8986, sections 4.1 to 4.3,
// 4.13 and 4.14).

extension Worker {
  /// Moves a packet to its next segment, by the SID's program.
  @inline(never) mutating func transitEndpoint(_ slot: UnsafeMutablePointer<Slot>, sid number: Int) {
    let sid = snapshot.sids + number
    let srh = activeSRH(slot)
    guard snapshot.isLikeLinux || mayMove(slot, srh, sid: number) else { return }
    guard srh.status == .complete else { return refuseAtEndpoint(slot, sid: number, srh.status, at: srh.offset) }
    guard srh.isFound else { return ultimateEndpoint(slot, sid: number) }
    let header = Worker.ipv6(slot)
    let operation = sid.pointee.program[SegmentState(segmentsLeft: header.base.loadByte(srh.offset &+ 3))]
    // Only what is encapsulated may lack a source, which Linux takes to the SID.
    if operation != .advanceAndEncapsulate && header.source.isUnspecified {
      return refuse(slot, atSID: number, .martianSource)
    }
    let hasPSP = sid.pointee.program[.penultimate] == .advanceAndPop
    if hasPSP && !isFirstRouting(slot, srh.offset) {
      return refuse(slot, atSID: number, .unknownRoutingHeader)
    }
    let account = PolicyAccount(tally: counters.sids + number, errors: counters.sidErrors + number)
    history(slot).pointee.hasAdvanced = true
    countHopLater(slot)
    switch operation {
    case .advance:
      account.tally.add(slot.pointee.length)
      SRHEdits.advance(slot.pointee.header, srh: srh.offset)
    case .advanceAndPop:
      account.tally.add(slot.pointee.length)
      SRHEdits.advance(slot.pointee.header, srh: srh.offset)
      let header = SRHEdits.pop(slot.pointee.header, srh: srh.offset, namedAt: srh.namedAt)
      advance(slot, by: header - slot.pointee.header)
      countHopLater(slot)
    case .advanceAndEncapsulate:
      SRHEdits.advance(slot.pointee.header, srh: srh.offset)
      return applyPolicy(slot, Int(sid.pointee.policy), account, table: 0, isIPv4: false)
    default: return applyPolicy(slot, Int(sid.pointee.policy), account, table: 0, isIPv4: false)
    }
    let destination = Worker.ipv6(slot).destination
    switch sid.pointee.continuation {
    case .adjacency: crossConnectIPv6(slot, sid.pointee.nextHop)
    case .tableLookup:
      guard !destination.isMulticast else { return drop(slot, .multicast) }
      queueAgain(slot, ipv6: destination, table: sid.pointee.table)
    }
  }

  /// What the RFCs ask of a packet before its segment routing header's own fields count, and Linux does not; false: it is
  /// gone.
  private mutating func mayMove(_ slot: UnsafeMutablePointer<Slot>, _ srh: ActiveSRH, sid number: Int) -> Bool {
    let isFound = srh.isFound || srh.status == .srhMalformed
    guard isFound || srh.status == .unknownRoutingHeader else { return true }
    // The header is a part of what the destination is to put together first (RFC 8200, section 4.5).
    if srh.isInFragment {
      refuse(slot, atSID: number, .outerFragment)
      return false
    }
    guard obeysHeaders(slot, before: srh.offset, sid: number) else { return false }
    guard isFound else { return true }
    // RFC 8986, section 4.1, S05, and S12 of the SID before.
    let header = Worker.ipv6(slot)
    let isUncounted = history(slot).pointee.uncountedLength == slot.pointee.length
    guard header.hopLimit > (isUncounted ? 2 : 1) else {
      ntl_count(counters.sidErrors + number, 1)
      refuseIPv6(slot, .hopLimitExceeded, table: 0)
      return false
    }
    if isUncounted && srh.isFound { header.hopLimit &-= 1 }
    return true
  }

  /// Leaves the hop of a SID (RFC 8986, section 4.1, S12) to transmission, which counts one. Linux counts no other.
  private mutating func countHopLater(_ slot: UnsafeMutablePointer<Slot>) {
    if !snapshot.isLikeLinux { history(slot).pointee.uncountedLength = slot.pointee.length }
  }

  /// Whether the header to work on is the first routing header; Linux's PSP looks at no other.
  private mutating func isFirstRouting(_ slot: UnsafeMutablePointer<Slot>, _ offset: Int) -> Bool {
    guard snapshot.isLikeLinux else { return true }
    let first = HeaderSearch(
      slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable),
      for: IPProtocol.routing)
    return first.offset == offset
  }

  /// The packet ends here: what it carries is taken out where a flavour says so (RFC 8986, sections 4.1.1 and 4.16.3).
  private mutating func ultimateEndpoint(_ slot: UnsafeMutablePointer<Slot>, sid number: Int) {
    switch snapshot.sids[number].program[.last] {
    case .decapsulateAnyAsLinux: decapsulateAsLinux(slot, sid: number, nil)
    default: decapsulate(slot, sid: number)
    }
  }

  /// Finds the header to work on, bringing it into the first buffer.
  private mutating func activeSRH(_ slot: UnsafeMutablePointer<Slot>) -> ActiveSRH {
    while true {
      let srh = ActiveSRH(
        slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable),
        hasPad1: !snapshot.isLikeLinux)
      guard srh.status == .needsMore, holds(slot, UInt32(truncatingIfNeeded: srh.needed)) else { return srh }
    }
  }
}
