import CDPDKShim
import SRv6
import Wire

// A packet at one of this node's SIDs (RFC 8986, section 4).

extension Worker {
  /// Runs the SID's program on a packet that was looked up to it.
  @inline(__always) mutating func endpoint(_ slot: UnsafeMutablePointer<Slot>, index: Int, sid number: Int) {
    let sid = snapshot.sids + number
    if let trace { trace.pointee.append(.sid(index: UInt32(truncatingIfNeeded: number))) }
    var walk = ExtensionHeaderWalk.run(
      slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable))
    if walk.status != .complete {
      walk = walkFurther(slot, walk)
      guard walk.status == .complete else { return dropAtEndpoint(slot, walk.status) }
    }

    let outerLength = slot.pointee.length
    let done: Bool
    switch sid.pointee.program[walk.state] {
    case .drop:
      return drop(slot, .srhSegmentsLeft)
    case .decapsulateIPv4:
      done = decapsulateIPv4(slot, index: index, walk, sid)
    case .decapsulateIPv6:
      done = decapsulateIPv6(slot, index: index, walk, sid)
    }
    if done { (counters.sids + number).pointee.add(outerLength) }
  }

  /// RFC 8986, sections 4.5 and 4.7: the upper-layer header must be IPv4, else the packet is not for this behaviour
  /// (section 4.1.1).
  @inline(__always) mutating func decapsulateIPv4(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, _ walk: ExtensionHeaderWalk, _ sid: UnsafePointer<LocalSID>
  ) -> Bool {
    guard walk.nextHeader == IPProtocol.ipv4 else {
      drop(slot, .wrongNextHeader)
      return false
    }
    let dropped = burst.droppedCount
    advance(slot, by: walk.offset)
    switch sid.pointee.continuation {
    case .tableLookup:
      acceptIPv4(slot, index: index, table: sid.pointee.table, trust: 0)
    case .adjacency:
      if checkIPv4(slot, trust: 0) { crossConnectIPv4(slot, sid.pointee.nextHop) }
    }
    return burst.droppedCount == dropped
  }

  /// RFC 8986, section 4.6.
  @inline(__always) mutating func decapsulateIPv6(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, _ walk: ExtensionHeaderWalk, _ sid: UnsafePointer<LocalSID>
  ) -> Bool {
    guard walk.nextHeader == IPProtocol.ipv6 else {
      drop(slot, .wrongNextHeader)
      return false
    }
    let dropped = burst.droppedCount
    advance(slot, by: walk.offset)
    switch sid.pointee.continuation {
    case .tableLookup:
      acceptInnerIPv6(slot, index: index, table: sid.pointee.table)
    case .adjacency:
      if checkIPv6(slot) { crossConnectIPv6(slot, sid.pointee.nextHop) }
    }
    return burst.droppedCount == dropped
  }

  @inline(never) mutating func crossConnectIPv4(_ slot: UnsafeMutablePointer<Slot>, _ nextHop: UInt32) {
    if let trace { trace.pointee.append(.adjacency(nextHop: nextHop)) }
    sendIPv4(slot, to: snapshot.nextHops + Int(nextHop))
  }

  @inline(never) mutating func crossConnectIPv6(_ slot: UnsafeMutablePointer<Slot>, _ nextHop: UInt32) {
    if let trace { trace.pointee.append(.adjacency(nextHop: nextHop)) }
    sendIPv6(slot, to: snapshot.nextHops + Int(nextHop))
  }

  /// Goes on where the headers reach behind the first buffer.
  @inline(never) func walkFurther(
    _ slot: UnsafeMutablePointer<Slot>, _ first: ExtensionHeaderWalk
  ) -> ExtensionHeaderWalk {
    var walk = first
    while walk.status == .needsMore, holds(slot, UInt32(truncatingIfNeeded: walk.needed)) {
      walk = ExtensionHeaderWalk.run(
        slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable))
    }
    return walk
  }

  @inline(never) mutating func dropAtEndpoint(_ slot: UnsafeMutablePointer<Slot>, _ status: WalkStatus) {
    switch status {
    case .complete, .needsMore: drop(slot, .headersTooLong)
    case .truncated: drop(slot, .truncated)
    case .srhMalformed: drop(slot, .srhMalformed)
    case .unknownRoutingHeader: drop(slot, .unknownRoutingHeader)
    case .fragment: drop(slot, .outerFragment)
    case .tooManyHeaders: drop(slot, .tooManyHeaders)
    }
  }
}
