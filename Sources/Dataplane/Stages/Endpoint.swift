import CDPDKShim
import SRv6
import Wire

// A packet at one of this node's SIDs (RFC 8986, section 4).

extension Worker {
  /// Runs the SID's program on a packet that was looked up to it.
  @inline(__always) mutating func endpoint(_ slot: UnsafeMutablePointer<Slot>, index: Int, sid number: Int) {
    let walk = ExtensionHeaderWalk.first(slot.pointee.header, readable: Int(slot.pointee.readable))
    let sid = snapshot.sids + number
    let length = slot.pointee.length
    let operation = sid.pointee.program[walk.state]
    let isDone =
      if operation == .decapsulateIPv4 && walk.nextHeader == IPProtocol.ipv4 {
        decapsulateIPv4(slot, index: index, walk, sid)
      } else if operation == .decapsulateIPv6 && walk.nextHeader == IPProtocol.ipv6 {
        decapsulateIPv6(slot, index: index, walk, sid)
      } else {
        unusualEndpoint(slot, index: index, sid)
      }
    if _fastPath(isDone) { (counters.sids + number).add(length) }
  }

  /// The same for a packet that is not plain: it has other extension headers, is chained, or is to be dropped.
  @inline(never) mutating func unusualEndpoint(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, _ sid: UnsafePointer<LocalSID>
  ) -> Bool {
    let walk = walk(slot)
    guard walk.status == .complete else { return refuseAtEndpoint(slot, walk.status) }
    // What is inside must be what the behaviour takes out, else the packet is not for it (RFC 8986, section 4.1.1).
    switch (sid.pointee.program[walk.state], walk.nextHeader) {
    case (.decapsulateIPv4, IPProtocol.ipv4): return decapsulateIPv4(slot, index: index, walk, sid)
    case (.decapsulateIPv6, IPProtocol.ipv6): return decapsulateIPv6(slot, index: index, walk, sid)
    case (.decapsulateIPv4, _), (.decapsulateIPv6, _): return refuse(slot, .wrongNextHeader)
    case (.drop, _): return refuse(slot, .srhSegmentsLeft)
    }
  }

  /// Walks over the extension headers, bringing them into the first buffer as far as they reach.
  mutating func walk(_ slot: UnsafeMutablePointer<Slot>) -> ExtensionHeaderWalk {
    while true {
      let walk = ExtensionHeaderWalk.run(
        slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable))
      guard walk.status == .needsMore, holds(slot, UInt32(truncatingIfNeeded: walk.needed)) else { return walk }
    }
  }

  /// RFC 8986, sections 4.5 and 4.7.
  @inline(__always) mutating func decapsulateIPv4(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, _ walk: ExtensionHeaderWalk, _ sid: UnsafePointer<LocalSID>
  ) -> Bool {
    let offset = UInt32(truncatingIfNeeded: walk.offset)
    let isSound = checkIPv4(
      slot, slot.pointee.header + walk.offset, length: slot.pointee.length &- offset,
      readable: slot.pointee.readable &- offset, trust: 0)
    guard _fastPath(isSound) else { return false }
    switch sid.pointee.continuation {
    case .tableLookup:
      queueIPv4(slot, index: index, table: sid.pointee.table)
    case .adjacency:
      crossConnectIPv4(slot, sid.pointee.nextHop)
    }
    return true
  }

  /// RFC 8986, section 4.6.
  @inline(__always) mutating func decapsulateIPv6(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, _ walk: ExtensionHeaderWalk, _ sid: UnsafePointer<LocalSID>
  ) -> Bool {
    let offset = UInt32(truncatingIfNeeded: walk.offset)
    let isSound = checkIPv6(
      slot, slot.pointee.header + walk.offset, length: slot.pointee.length &- offset,
      readable: slot.pointee.readable &- offset)
    guard _fastPath(isSound) else { return false }
    switch sid.pointee.continuation {
    case .tableLookup:
      (counters.tables + Int(sid.pointee.table)).add(slot.pointee.length)
      burst.ipv6Again.append(
        slot: index, table: sid.pointee.table, destination: Worker.ipv6(slot).destination)
    case .adjacency:
      crossConnectIPv6(slot, sid.pointee.nextHop)
    }
    return true
  }

  @inline(never) mutating func crossConnectIPv4(_ slot: UnsafeMutablePointer<Slot>, _ nextHop: UInt32) {
    if _slowPath(trace != nil) { note(.adjacency(nextHop: nextHop)) }
    sendIPv4(slot, to: snapshot.nextHops + Int(nextHop), Output(self))
  }

  @inline(never) mutating func crossConnectIPv6(_ slot: UnsafeMutablePointer<Slot>, _ nextHop: UInt32) {
    if _slowPath(trace != nil) { note(.adjacency(nextHop: nextHop)) }
    sendIPv6(slot, to: snapshot.nextHops + Int(nextHop), Output(self))
  }

  mutating func refuseAtEndpoint(_ slot: UnsafeMutablePointer<Slot>, _ status: WalkStatus) -> Bool {
    switch status {
    case .complete, .needsMore: refuse(slot, .headersTooLong)
    case .truncated: refuse(slot, .truncated)
    case .srhMalformed: refuse(slot, .srhMalformed)
    case .unknownRoutingHeader: refuse(slot, .unknownRoutingHeader)
    case .fragment: refuse(slot, .outerFragment)
    case .tooManyHeaders: refuse(slot, .tooManyHeaders)
    }
  }
}
