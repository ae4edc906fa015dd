import CDPDKShim
import Wire

// Packets that control has to look at, and those that it gives back.

extension Worker {
  /// Hands a packet to control, from the slot's header on; drops it where control cannot take it.
  @inline(never) mutating func punt(
    _ slot: UnsafeMutablePointer<Slot>, _ kind: PuntKind, interface: UInt32 = 0, nextHop: UInt32 = 0,
    table: UInt32 = 0, isIPv4: Bool = false
  ) {
    guard let exchange, puntLimiters.take(kind, now: ntl_cycles()), exchange.hasRoom(for: kind) else {
      return refuse(slot, kind)
    }
    let mbuf = slot.pointee.mbuf
    let start = slot.pointee.header - UnsafeMutableRawPointer(mbuf.pointee.buf_addr.unsafelyUnwrapped)
    Worker.reframe(mbuf, start: start, length: slot.pointee.length)
    ntl_mbuf_note(mbuf).pointee = ntl_note(
      next_hop: nextHop, table: table, interface: UInt16(truncatingIfNeeded: interface), kind: kind.rawValue,
      worker: exchange.worker, is_ipv4: isIPv4, is_ours: history(slot).pointee.isOurs)
    guard ntl_ring_put(exchange.punts, mbuf) else { return refuse(slot, kind) }
    ntl_count(counters.punted + Int(kind.rawValue), 1)
    if trace != nil { note(.punt(kind)) }
  }

  /// Drops a packet that control does not take.
  private mutating func refuse(_ slot: UnsafeMutablePointer<Slot>, _ kind: PuntKind) {
    ntl_count(counters.puntsLimited + Int(kind.rawValue), 1)
    drop(slot, kind == .neighbor ? .neighborUnresolved : .puntLimited)
  }

  /// Has an IP packet wait for its next hop's Ethernet address.
  @inline(never) mutating func awaitNeighbor(
    _ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>, table: UInt32, isIPv4: Bool
  ) {
    let index = UInt32(truncatingIfNeeded: hop - snapshot.nextHops)
    punt(slot, .neighbor, nextHop: index, table: table, isIPv4: isIPv4)
  }

  /// Whether the IPv6 packet in a slot is of neighbour discovery, as far as its first bytes say.
  func isNeighborDiscovery(_ slot: UnsafeMutablePointer<Slot>) -> Bool {
    guard holds(slot, UInt32(IPv6View.byteCount &+ ICMPView.byteCount)) else { return false }
    let header = slot.pointee.header
    return header.loadByte(0) &>> 4 == 6 && header.loadByte(6) == IPProtocol.icmpv6
      && ICMPv6Type.isNeighborDiscovery(header.loadByte(IPv6View.byteCount))
  }

  // MARK: Back from control

  /// Takes what control gave this worker, and sends or drops it.
  @inline(__always) mutating func takeReturned() {
    guard let exchange, _slowPath(!ntl_ring_is_empty(exchange.returns)) else { return }
    processReturned(exchange.returns)
  }

  @inline(never) mutating func processReturned(_ ring: UnsafeMutableRawPointer) {
    let count = Int(ntl_ring_take(ring, burst.received, UInt32(Burst.capacity)))
    // Their next hops may be those of a snapshot that was published since this poll began.
    refreshSnapshot()
    begin(count)
    for index in 0..<count {
      let mbuf = burst.received[index].unsafelyUnwrapped
      let slot = burst.slots + index
      ntl_count(counters.generated, 1)
      slot.pointee = Slot(
        mbuf: mbuf, header: Worker.frame(mbuf), length: mbuf.pointee.pkt_len, readable: UInt32(mbuf.pointee.data_len))
      takeReturned(slot, ntl_mbuf_note(mbuf).pointee)
    }
    routeRounds()
    if burst.droppedCount > 0 { freeDropped() }
  }

  private mutating func takeReturned(_ slot: UnsafeMutablePointer<Slot>, _ note: ntl_note) {
    guard let kind = ReturnKind(rawValue: note.kind), kind != .drop else { return drop(slot, .neighborUnresolved) }
    if kind == .frame { return sendFrame(slot, interface: note.interface) }
    if kind == .receive { return receive(slot, interface: note.interface) }
    // Where its table has sent it is decided: main is not asked again.
    history(slot).pointee.hasFallenBack = true
    history(slot).pointee.table = note.table
    history(slot).pointee.isOurs = note.is_ours
    let hop = snapshot.nextHops + Int(note.next_hop)
    switch (kind, note.is_ipv4) {
    case (.route, true): sendIPv4(slot, to: hop, at: -1, Output(self))
    case (.route, false): sendIPv6(slot, to: hop, at: -1, Output(self))
    case (_, true):
      sendError(aboutIPv4: slot, ICMPError(type: 3, code: 1), table: note.table)
      drop(slot, .neighborUnresolved)
    case (_, false):
      sendError(aboutIPv6: slot, ICMPError(type: 1, code: 3), table: note.table)
      drop(slot, .neighborUnresolved)
    }
  }

  /// Sends a finished frame.
  private mutating func sendFrame(_ slot: UnsafeMutablePointer<Slot>, interface: UInt16) {
    let mbuf = slot.pointee.mbuf
    // Control said by which device's port.
    let port = mbuf.pointee.port
    mbuf.pointee.port = interface
    (counters.interfaces + Int(interface)).transmitted.add(slot.pointee.length)
    enqueue(mbuf, transmit + Int(port))
  }
}
