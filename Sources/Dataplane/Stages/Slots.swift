import CDPDKShim

// Moving within a packet, and giving one up.

extension Worker {
  /// True when the first `count` bytes from the slot's header on are in the packet and may be read through the pointer.
  @inline(__always) func holds(_ slot: UnsafeMutablePointer<Slot>, _ count: UInt32) -> Bool {
    count <= slot.pointee.readable || Worker.pullUp(slot, count, histories)
  }

  /// Brings bytes of later buffers of a chain into the first, whose own before the header are of no more use. Static, so that
  /// nobody copies a worker to call it.
  @inline(never) static func pullUp(
    _ slot: UnsafeMutablePointer<Slot>, _ count: UInt32, _ histories: SlotHistories
  ) -> Bool {
    guard count <= slot.pointee.length else { return false }
    noteOrigin(slot, histories)
    let mbuf = slot.pointee.mbuf
    let passed = UInt16(truncatingIfNeeded: slot.pointee.header - Worker.frame(mbuf))
    mbuf.pointee.data_off &+= passed
    mbuf.pointee.data_len &-= passed
    mbuf.pointee.pkt_len &-= UInt32(passed)
    guard ntl_mbuf_pullup(mbuf, count) == 0 else { return false }
    slot.pointee.header = Worker.frame(mbuf)
    slot.pointee.readable = min(UInt32(mbuf.pointee.data_len), slot.pointee.length)
    return true
  }

  /// Where the buffer's data begins.
  @inline(__always) static func frame(_ mbuf: Mbuf) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(mbuf.pointee.buf_addr.unsafelyUnwrapped) + Int(mbuf.pointee.data_off)
  }

  /// Moves the slot's header over `count` bytes that it ``holds(_:_:)``.
  @inline(__always) func advance(_ slot: UnsafeMutablePointer<Slot>, by count: Int) {
    slot.pointee.header += count
    slot.pointee.length &-= UInt32(truncatingIfNeeded: count)
    slot.pointee.readable &-= UInt32(truncatingIfNeeded: count)
  }

  /// Cuts what is behind the packet's own length.
  func trim(_ slot: UnsafeMutablePointer<Slot>, to length: UInt32) {
    slot.pointee.length = length
    slot.pointee.readable = min(slot.pointee.readable, length)
  }

  /// Gives a packet up.
  @inline(__always) mutating func drop(_ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason) {
    burst.dropped[burst.droppedCount] = slot.pointee.mbuf
    burst.droppedCount &+= 1
    ntl_count(counters.drops + Int(reason.rawValue), 1)
    if _slowPath(trace != nil) { note(.drop(reason)) }
  }

  /// Writes a step down for `explain`.
  @inline(__always) func note(_ step: TraceStep) { Worker.write(step, trace) }

  @inline(never) private static func write(_ step: TraceStep, _ trace: UnsafeMutablePointer<TraceBuffer>?) {
    trace?.pointee.append(step)
  }

  /// The same, out of line: for what hot loops rarely meet.
  @inline(never) mutating func discard(_ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason) {
    drop(slot, reason)
  }

  /// Gives a packet up for a check that failed: false.
  mutating func refuse(_ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason) -> Bool {
    discard(slot, reason)
    return false
  }

  @inline(never) mutating func freeDropped() {
    ntl_free_bulk(burst.dropped, UInt32(truncatingIfNeeded: burst.droppedCount))
    burst.droppedCount = 0
  }
}
