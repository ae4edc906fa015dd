import CDPDKShim
import SRv6
import Wire

// A packet at one of this node's SIDs (RFC 8986, section 4).

/// What an endpoint reads for every packet, in registers as ``Output`` is.
struct Endpoints {
  let sids: UnsafePointer<LocalSID>
  let sidTallies: UnsafeMutablePointer<Tally>
  let tableTallies: UnsafeMutablePointer<Tally>
  let unusualNetworks: UnsafePointer<UInt8>

  @inline(__always) init(_ worker: Worker) {
    sids = worker.snapshot.sids
    sidTallies = worker.counters.sids
    tableTallies = worker.counters.tables
    unusualNetworks = worker.unusualNetworks
  }
}

extension Worker {
  /// Runs the SID's program on a packet that was looked up to it.
  @inline(__always) mutating func endpoint(
    _ slot: UnsafeMutablePointer<Slot>, sid number: Int, _ endpoints: Endpoints,
    _ ipv4: inout LookupQueue<UInt32>
  ) {
    let sid = endpoints.sids + number
    let (header, length, readable) = (slot.pointee.header, slot.pointee.length, slot.pointee.readable)
    let walk = ExtensionHeaderWalk.first(header, readable: Int(readable))
    let operation = sid.pointee.program[walk.state]
    let inner = header + walk.offset
    let available = readable &- UInt32(truncatingIfNeeded: walk.offset)
    if operation == .decapsulateIPv4 && walk.nextHeader == IPProtocol.ipv4 {
      if let total = Worker.plainIPv4Length(inner, available: available, endpoints.unusualNetworks) {
        (endpoints.sidTallies + number).add(length)
        slot.pointee = Slot(mbuf: slot.pointee.mbuf, header: inner, length: total, readable: total)
        return continueIPv4(slot, sid, endpoints.tableTallies, &ipv4)
      }
    } else if operation == .decapsulateIPv6 && walk.nextHeader == IPProtocol.ipv6 {
      if _fastPath(available >= UInt32(IPv6View.byteCount)) {
        let total = Worker.plainIPv6Length(inner, available: available)
        if _fastPath(total != 0) {
          (endpoints.sidTallies + number).add(length)
          slot.pointee = Slot(mbuf: slot.pointee.mbuf, header: inner, length: total, readable: total)
          return continueIPv6(slot, sid, endpoints.tableTallies)
        }
      }
    }
    burst.ipv4.count = ipv4.count
    unusualEndpoint(slot, sid: number)
    ipv4.count = burst.ipv4.count
  }

  /// The same for a packet that is not plain: it has other extension headers, is chained, has segments left, or is to be
  /// dropped.
  @inline(never) mutating func unusualEndpoint(_ slot: UnsafeMutablePointer<Slot>, sid number: Int) {
    let program = snapshot.sids[number].program
    if program[.last] == .passBy {
      return sendIPv6(slot, to: snapshot.nextHops + Int(snapshot.sids[number].nextHop), at: -1, Output(self))
    }
    guard takesOptions(slot, sid: number) else { return }
    if program[.transit] != .drop { return transitEndpoint(slot, sid: number) }
    switch program[.last] {
    case .decapsulateIPv4AsLinux: decapsulateAsLinux(slot, sid: number, IPProtocol.ipv4)
    case .decapsulateIPv6AsLinux: decapsulateAsLinux(slot, sid: number, IPProtocol.ipv6)
    case .decapsulateAnyAsLinux: decapsulateAsLinux(slot, sid: number, nil)
    default: decapsulate(slot, sid: number)
    }
  }

  /// Obeys the hop-by-hop options of a packet off the wire; false: it is gone.
  mutating func takesOptions(_ slot: UnsafeMutablePointer<Slot>, sid number: Int) -> Bool {
    guard Worker.ipv6(slot).nextHeader == IPProtocol.hopByHop, Worker.isOffTheWire(slot, histories), holds(slot, 48)
    else { return true }
    let end = UInt32(48) &+ UInt32(slot.pointee.header.loadByte(41)) &* 8
    guard holds(slot, end) else {
      refuse(slot, atSID: number, .truncated)
      return false
    }
    if obeysOptions(slot, at: IPv6View.byteCount, table: 0) { return true }
    ntl_count(counters.sidErrors + number, 1)
    return false
  }

  /// Obeys the extension headers before `end`, up to which all is readable, as their destination (RFC 8200, section 4); false:
  /// the packet is gone. Linux obeys none at a SID.
  mutating func obeysHeaders(_ slot: UnsafeMutablePointer<Slot>, before end: Int, sid number: Int) -> Bool {
    var (kind, offset, namedAt) = (Worker.ipv6(slot).nextHeader, IPv6View.byteCount, 6)
    while offset < end {
      if kind == IPProtocol.hopByHop && namedAt != 6 {
        report(slot, .wrongNextHeader, code: 1, at: namedAt, table: 0)
        ntl_count(counters.sidErrors + number, 1)
        return false
      }
      if kind == IPProtocol.destinationOptions, !obeysOptions(slot, at: offset, table: 0) {
        ntl_count(counters.sidErrors + number, 1)
        return false
      }
      let header = slot.pointee.header + offset
      namedAt = offset
      offset &+= HeaderSearch.byteCount(kind, header)
      kind = header.loadByte(0)
    }
    return true
  }

  /// Whether the header is the first of the frame that was received.
  static func isOffTheWire(_ slot: UnsafeMutablePointer<Slot>, _ histories: SlotHistories) -> Bool {
    slot.pointee.header - Worker.frame(slot.pointee.mbuf) <= EthernetView.byteCount &+ VLANView.byteCount
      && !histories.of(slot).pointee.isInner
  }

  /// Notes that the header is not the first of its frame, before the bytes in front of it go.
  static func noteOrigin(_ slot: UnsafeMutablePointer<Slot>, _ histories: SlotHistories) {
    if !isOffTheWire(slot, histories) { histories.of(slot).pointee.isInner = true }
  }

  /// Takes out what is inside (RFC 8986, sections 4.4 to 4.8, and 4.16.3).
  mutating func decapsulate(_ slot: UnsafeMutablePointer<Slot>, sid number: Int) {
    let sid = snapshot.sids + number
    let length = slot.pointee.length
    let walk = walk(slot)
    guard obeysHeaders(slot, before: walk.offset, sid: number) else { return }
    guard walk.status == .complete else { return refuseAtEndpoint(slot, sid: number, walk.status, at: walk.offset) }
    let inner = slot.pointee.header + walk.offset
    let innerLength = slot.pointee.length &- UInt32(truncatingIfNeeded: walk.offset)
    let readable = slot.pointee.readable &- UInt32(truncatingIfNeeded: walk.offset)
    // What is inside must be what the behaviour takes out, else the packet is not for it (RFC 8986, section 4.1.1).
    switch (sid.pointee.program[walk.state], walk.nextHeader) {
    case (.decapsulateIPv4, IPProtocol.ipv4), (.decapsulateAny, IPProtocol.ipv4),
      (.decapsulateFilteredIPv4, IPProtocol.ipv4):
      guard checkIPv4(slot, inner, length: innerLength, readable: readable, trust: 0) else {
        return ntl_count(counters.sidErrors + number, 1)
      }
      guard hasReversePath(inner: slot, sid) else { return refuse(slot, atSID: number, .rpFilter) }
      (counters.sids + number).add(length)
      continueAgain(ipv4: slot, sid)
    case (.decapsulateIPv6, IPProtocol.ipv6), (.decapsulateAny, IPProtocol.ipv6):
      guard checkIPv6(slot, inner, length: innerLength, readable: readable, table: sid.pointee.table) else {
        return ntl_count(counters.sidErrors + number, 1)
      }
      (counters.sids + number).add(length)
      continueIPv6(slot, sid, counters.tables)
    case (.drop, _):
      refuse(slot, atSID: number, .srhSegmentsLeft, problem: 0, at: walk.srhOffset &+ 3)
    default: refuse(slot, atSID: number, .wrongNextHeader, problem: 4, at: walk.offset)
    }
  }

  /// Drops a packet at a SID whose pseudo-code has an ICMPv6 parameter problem of that code for it, which Linux does not
  /// send; nil: it has none.
  mutating func refuse(
    _ slot: UnsafeMutablePointer<Slot>, atSID number: Int, _ reason: DropReason, problem code: UInt8? = nil,
    at pointer: Int = 0
  ) {
    ntl_count(counters.sidErrors + number, 1)
    guard let code, !snapshot.isLikeLinux else { return drop(slot, reason) }
    report(slot, reason, code: code, at: pointer, table: 0)
  }

  /// Walks over the extension headers, bringing them into the first buffer as far as they reach.
  mutating func walk(_ slot: UnsafeMutablePointer<Slot>) -> ExtensionHeaderWalk {
    while true {
      let walk = ExtensionHeaderWalk.run(
        slot.pointee.header, length: Int(slot.pointee.length), readable: Int(slot.pointee.readable))
      guard walk.status == .needsMore, holds(slot, UInt32(truncatingIfNeeded: walk.needed)) else { return walk }
    }
  }

  /// Takes an IPv4 packet on from where its tunnel ended (RFC 8986, sections 4.5 and 4.7).
  @inline(__always) mutating func continueIPv4(
    _ slot: UnsafeMutablePointer<Slot>, _ sid: UnsafePointer<LocalSID>, _ tallies: UnsafeMutablePointer<Tally>,
    _ queue: inout LookupQueue<UInt32>
  ) {
    switch sid.pointee.continuation {
    case .tableLookup: Worker.queueIPv4(slot, table: sid.pointee.table, tallies, &queue)
    case .adjacency: crossConnectIPv4(slot, sid.pointee.nextHopIPv4)
    }
  }

  /// The same for a packet that was not plain.
  mutating func continueAgain(ipv4 slot: UnsafeMutablePointer<Slot>, _ sid: UnsafePointer<LocalSID>) {
    var queue = burst.ipv4
    continueIPv4(slot, sid, counters.tables, &queue)
    burst.ipv4.count = queue.count
  }

  /// Takes an IPv6 packet on from where its tunnel ended (RFC 8986, section 4.6).
  @inline(__always) mutating func continueIPv6(
    _ slot: UnsafeMutablePointer<Slot>, _ sid: UnsafePointer<LocalSID>, _ tallies: UnsafeMutablePointer<Tally>
  ) {
    switch sid.pointee.continuation {
    case .tableLookup:
      (tallies + Int(sid.pointee.table)).add(slot.pointee.length)
      burst.ipv6Again.append(slot: slot, table: sid.pointee.table, destination: Worker.ipv6(slot).destination)
    case .adjacency: crossConnectIPv6(slot, sid.pointee.nextHop)
    }
  }

  @inline(never) mutating func crossConnectIPv4(_ slot: UnsafeMutablePointer<Slot>, _ nextHop: UInt32) {
    if _slowPath(trace != nil) { note(.adjacency(nextHop: nextHop)) }
    sendIPv4(slot, to: snapshot.nextHops + Int(nextHop), at: -1, Output(self))
  }

  @inline(never) mutating func crossConnectIPv6(_ slot: UnsafeMutablePointer<Slot>, _ nextHop: UInt32) {
    if _slowPath(trace != nil) { note(.adjacency(nextHop: nextHop)) }
    sendIPv6(slot, to: snapshot.nextHops + Int(nextHop), at: -1, Output(self))
  }

  /// Drops a packet whose headers cannot be walked; `offset` is where they end to make sense.
  mutating func refuseAtEndpoint(
    _ slot: UnsafeMutablePointer<Slot>, sid number: Int, _ status: WalkStatus, at offset: Int
  ) {
    switch status {
    case .complete, .needsMore: refuse(slot, atSID: number, .headersTooLong)
    case .truncated: refuse(slot, atSID: number, .truncated)
    case .srhMalformed: refuse(slot, atSID: number, .srhMalformed, problem: 0, at: offset &+ 3)
    case .unknownRoutingHeader: refuse(slot, atSID: number, .unknownRoutingHeader, problem: 0, at: offset &+ 2)
    case .fragment: refuse(slot, atSID: number, .outerFragment)
    case .tooManyHeaders: refuse(slot, atSID: number, .tooManyHeaders)
    }
  }
}
