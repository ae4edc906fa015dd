import CDPDKShim

// The last stage: a new link-layer header, and out.

/// What the last stage reads for every packet, copied from the worker to registers: a store to a packet tells the compiler
/// that any other memory may have changed.
struct Output {
  let nextHops: UnsafePointer<NextHop>
  let interfaces: UnsafeMutablePointer<InterfaceTally>
  let transmit: UnsafeMutablePointer<TransmitBuffer>

  @inline(__always) init(_ worker: Worker) {
    nextHops = worker.snapshot.nextHops
    interfaces = worker.counters.interfaces
    transmit = worker.transmit
  }
}

extension Worker {
  /// Bytes in front of the layer-3 header that the rewrite may write, whatever the header's length.
  static var rewriteRoom: Int { 2 &* MemoryLayout<SIMD16<UInt8>>.size }

  /// Writes the next hop's link-layer header in front of the layer-3 packet of `length` bytes at `header` and gives it to
  /// the port's buffer.
  @inline(__always) mutating func rewrite(
    _ slot: UnsafeMutablePointer<Slot>, _ header: UnsafeMutableRawPointer, _ length: UInt32,
    _ hop: UnsafePointer<NextHop>, _ output: Output
  ) {
    let mbuf = slot.pointee.mbuf
    let (rewriteLength, interface, port) = (hop.pointee.rewriteLength, hop.pointee.interface, hop.pointee.port)
    let length = length &+ rewriteLength
    let headroom = header - UnsafeMutableRawPointer(mbuf.pointee.buf_addr.unsafelyUnwrapped)
    guard _fastPath(headroom >= Worker.rewriteRoom) else { return discard(slot, .noHeadroom) }
    (header - 32).storeBytes(of: hop.pointee.rewrite.front, as: SIMD16<UInt8>.self)
    (header - 16).storeBytes(of: hop.pointee.rewrite.back, as: SIMD16<UInt8>.self)
    let start = headroom &- Int(rewriteLength)
    Worker.reframe(mbuf, start: start, length: length)
    if _slowPath(mbuf.pointee.nb_segs != 1) {
      guard hop.pointee.takesChains || Worker.isOneBuffer(mbuf, length) else { return discard(slot, .chainTooLong) }
    }
    // The receiving port's number is of no more use; the interface is wanted if the device refuses the packet.
    mbuf.pointee.port = interface
    (output.interfaces + Int(interface)).transmitted.add(length)
    enqueue(mbuf, output.transmit + Int(port))
  }

  /// Has a buffer hold the `length` bytes from `start` on, its headroom included.
  @inline(__always) static func reframe(_ mbuf: Mbuf, start: Int, length: UInt32) {
    guard _fastPath(mbuf.pointee.nb_segs == 1) else { return reshapeChain(mbuf, start: start, length: length) }
    mbuf.pointee.data_off = UInt16(truncatingIfNeeded: start)
    mbuf.pointee.data_len = UInt16(truncatingIfNeeded: length)
    mbuf.pointee.pkt_len = length
  }

  /// The same for a packet in several buffers.
  @inline(never) static func reshapeChain(_ mbuf: Mbuf, start: Int, length: UInt32) {
    let moved = Int(mbuf.pointee.data_off) &- start
    mbuf.pointee.data_off = UInt16(truncatingIfNeeded: start)
    mbuf.pointee.data_len = UInt16(truncatingIfNeeded: Int(mbuf.pointee.data_len) &+ moved)
    mbuf.pointee.pkt_len = UInt32(truncatingIfNeeded: Int(mbuf.pointee.pkt_len) &+ moved)
    ntl_mbuf_truncate(mbuf, length)
  }

  /// Brings a packet into one buffer; false: it does not fit.
  @inline(never) static func isOneBuffer(_ mbuf: Mbuf, _ length: UInt32) -> Bool {
    ntl_mbuf_pullup(mbuf, length) == 0
  }

  @inline(__always) mutating func enqueue(_ mbuf: Mbuf, _ buffer: UnsafeMutablePointer<TransmitBuffer>) {
    let count = buffer.pointee.count
    buffer.pointee.packets[count] = mbuf
    buffer.pointee.count = count &+ 1
    if _slowPath(count == 0) { pending |= 1 &<< UInt64(truncatingIfNeeded: buffer - transmit) }
  }

  /// Makes room for `count` packets in every port's buffer.
  @inline(__always) mutating func reserveTransmit(_ count: Int) {
    waiting &+= count
    if waiting > TransmitBuffer.capacity {
      flush()
      waiting = count
    }
  }

  /// Sends what waits at every port.
  @inline(__always) mutating func flush() {
    while pending != 0 { send(pending.trailingZeroBitCount) }
  }

  @inline(never) mutating func send(_ port: Int) {
    let buffer = transmit + port
    if trace != nil { traceTransmit(buffer) }
    let sent = buffer.pointee.send()
    if sent < buffer.pointee.count { dropUnsent(buffer, from: sent) }
    buffer.pointee.count = 0
    pending &= ~(1 &<< UInt64(truncatingIfNeeded: port))
  }

  @inline(never) func traceTransmit(_ buffer: UnsafeMutablePointer<TransmitBuffer>) {
    for index in 0..<buffer.pointee.count {
      note(.transmit(interface: buffer.pointee.packets[index].unsafelyUnwrapped.pointee.port))
    }
  }

  /// Takes packets that the device refused out of the transmitted counts and drops them.
  @inline(never) mutating func dropUnsent(_ buffer: UnsafeMutablePointer<TransmitBuffer>, from first: Int) {
    let count = buffer.pointee.count &- first
    let isUp = ntl_load_relaxed32(shared.linkUp + Int(buffer.pointee.port)) != 0
    let reason = isUp ? DropReason.txQueueFull : .linkDown
    ntl_count(counters.drops + Int(reason.rawValue), UInt64(truncatingIfNeeded: count))
    for index in first..<buffer.pointee.count {
      let mbuf = buffer.pointee.packets[index].unsafelyUnwrapped
      (counters.interfaces + Int(mbuf.pointee.port)).transmitted.remove(mbuf.pointee.pkt_len)
      if let trace { trace.pointee.append(.drop(reason)) }
    }
    ntl_free_bulk(buffer.pointee.packets + first, UInt32(truncatingIfNeeded: count))
  }
}
