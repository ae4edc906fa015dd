import CDPDKShim

// Moving within a packet, and giving one up.

extension Worker {
  /// True when the first `count` bytes from the slot's header on are in the packet and may be read through the pointer.
  @inline(__always) func holds(_ slot: UnsafeMutablePointer<Slot>, _ count: UInt32) -> Bool {
    count <= slot.pointee.readable || pullUp(slot, count)
  }

  /// Brings bytes of later buffers of a chain into the first.
  @inline(never) func pullUp(_ slot: UnsafeMutablePointer<Slot>, _ count: UInt32) -> Bool {
    guard count <= slot.pointee.length else { return false }
    let mbuf = slot.pointee.mbuf
    let offset = UInt32(truncatingIfNeeded: slot.pointee.header - Worker.frame(mbuf))
    guard ntl_mbuf_pullup(mbuf, offset &+ count) == 0 else { return false }
    slot.pointee.header = Worker.frame(mbuf) + Int(offset)
    slot.pointee.contiguous = UInt32(mbuf.pointee.data_len) &- offset
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
    slot.pointee.contiguous &-= UInt32(truncatingIfNeeded: count)
  }

  /// Gives a packet up.
  @inline(__always) mutating func drop(_ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason) {
    burst.dropped[burst.droppedCount] = slot.pointee.mbuf
    burst.droppedCount &+= 1
    counters.drops[Int(reason.rawValue)] &+= 1
    if let trace { trace.pointee.append(.drop(reason)) }
  }

  /// Gives a packet up for its next hop's reason.
  @inline(never) mutating func dropAtNextHop(_ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>) {
    drop(slot, DropReason(rawValue: hop.pointee.reason) ?? .noRoute)
  }

  @inline(never) mutating func freeDropped() {
    ntl_free_bulk(burst.dropped, UInt32(truncatingIfNeeded: burst.droppedCount))
    burst.droppedCount = 0
  }
}
