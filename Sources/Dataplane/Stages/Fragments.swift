import CDPDKShim
import Wire

// Fragmentation of IPv4 (RFC 791, section 3.2; RFC 1812, section 4.2.2.7). The first fragment stays in the packet's own
// buffers, each other one is a new packet, its header written whole.

/// How a packet is cut to an MTU.
struct FragmentCut {
  /// Bytes of the header, options included.
  let headerLength: Int
  /// Bytes of payload in each fragment but the last, a multiple of 8.
  let step: Int
  /// Fragments.
  let count: Int
  /// Bytes of the packet.
  let length: Int

  /// Nil where the header leaves no room, or the packet's own length says that it has another.
  init?(_ slot: UnsafeMutablePointer<Slot>, mtu: UInt32) {
    let header = Worker.ipv4(slot)
    headerLength = header.headerLength
    length = Int(slot.pointee.length)
    guard headerLength >= IPv4View.minimumByteCount, Int(header.totalLength) == length, Int(mtu) >= headerLength &+ 8,
      headerLength <= Int(slot.pointee.readable)
    else { return nil }
    step = (Int(mtu) &- headerLength) & ~7
    count = (length &- headerLength &+ step &- 1) / step
    guard count > 1 else { return nil }
  }

  /// Bytes of payload in a fragment.
  func payload(_ index: Int) -> Int { min(step, length &- headerLength &- index &* step) }
}

extension Worker {
  /// Sends a packet that is longer than its next hop takes in fragments that are not.
  @inline(never) mutating func sendFragments(_ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>) {
    let header = Worker.ipv4(slot)
    header.hopFields = header.hopFields.decremented
    guard let cut = FragmentCut(slot, mtu: hop.pointee.mtu), cut.count <= Burst.fragmentLimit else {
      return drop(slot, .packetTooBig)
    }
    guard cutFragments(slot, cut) else { return drop(slot, .noBuffers) }
    let output = Output(self)
    rewrite(slot, slot.pointee.header, slot.pointee.length, hop, output)
    for index in 1..<cut.count {
      var piece = Worker.slot(burst.fragments[index].unsafelyUnwrapped)
      countGenerated()
      rewrite(&piece, piece.header, piece.length, hop, output)
    }
  }

  /// Queues a packet for another lookup, in fragments of at most `mtu` bytes.
  mutating func queueFragments(_ slot: UnsafeMutablePointer<Slot>, mtu: UInt32, table: UInt32) {
    guard let cut = FragmentCut(slot, mtu: mtu), burst.round < Worker.roundLimit,
      cut.count &- 1 <= Burst.generatedLimit &- burst.generated
    else { return drop(slot, .packetTooBig) }
    guard cutFragments(slot, cut) else { return drop(slot, .noBuffers) }
    let destination = Worker.ipv4(slot).destination
    queueAgain(slot, ipv4: destination, table: table)
    for index in 1..<cut.count {
      let place = burst.slots + (Burst.capacity &+ burst.generated)
      burst.generated &+= 1
      countGenerated()
      place.pointee = Worker.slot(burst.fragments[index].unsafelyUnwrapped)
      history(place).pointee = SlotHistory()
      queueAgain(place, ipv4: destination, table: table)
    }
  }

  /// Copies all fragments but the first to buffers of their own, in `burst.fragments`, and cuts the packet down to the
  /// first; false, with nothing changed, where buffers end.
  private mutating func cutFragments(_ slot: UnsafeMutablePointer<Slot>, _ cut: FragmentCut) -> Bool {
    for index in 1..<cut.count {
      guard let mbuf = makeFragment(slot, cut, index) else {
        for made in 1..<index { ntl_mbuf_free(burst.fragments[made]) }
        return false
      }
      burst.fragments[index] = mbuf
    }
    let header = Worker.ipv4(slot)
    let length = UInt32(truncatingIfNeeded: cut.headerLength &+ cut.payload(0))
    header.totalLength = UInt16(truncatingIfNeeded: length)
    let fields = header.base.loadBE16(6)
    header.base.storeBE16(fields | 0x2000, at: 6)
    header.updateChecksum()
    trim(slot, to: length)
    if trace != nil { note(.fragments(UInt32(truncatingIfNeeded: cut.count))) }
    return true
  }

  /// A fragment but the first in a buffer of its own: the header, with options that are copied and others blanked (RFC
  /// 791, section 3.1), and its part of the payload.
  private func makeFragment(_ slot: UnsafeMutablePointer<Slot>, _ cut: FragmentCut, _ index: Int) -> Mbuf? {
    let (headerLength, payload) = (cut.headerLength, cut.payload(index))
    guard let pool, let mbuf = ntl_mbuf_alloc(pool) else { return nil }
    let room = Int(mbuf.pointee.buf_len) &- Int(mbuf.pointee.data_off)
    guard headerLength &+ payload <= room else {
      ntl_mbuf_free(mbuf)
      return nil
    }
    mbuf.pointee.data_len = UInt16(truncatingIfNeeded: headerLength &+ payload)
    mbuf.pointee.pkt_len = UInt32(truncatingIfNeeded: headerLength &+ payload)
    let at = Worker.frame(mbuf)
    at.copyMemory(from: slot.pointee.header, byteCount: headerLength)
    Worker.blankOptions(at, headerLength)
    let offset = slot.pointee.header - Worker.frame(slot.pointee.mbuf) &+ headerLength &+ index &* cut.step
    let bytes = (at + headerLength).assumingMemoryBound(to: UInt8.self)
    _ = ntl_mbuf_read(
      slot.pointee.mbuf, UInt32(truncatingIfNeeded: offset), UInt32(truncatingIfNeeded: payload), bytes)
    let header = IPv4View(at: at, length: headerLength).unsafelyUnwrapped
    header.totalLength = mbuf.pointee.data_len
    // The packet may be a fragment itself: its offset counts, and its own "more" holds for its last piece.
    let fields = at.loadBE16(6) &+ UInt16(truncatingIfNeeded: index &* cut.step &>> 3)
    at.storeBE16(index == cut.count &- 1 ? fields : fields | 0x2000, at: 6)
    header.updateChecksum()
    return mbuf
  }

  /// Overwrites options that belong to the first fragment alone.
  private static func blankOptions(_ header: UnsafeMutableRawPointer, _ headerLength: Int) {
    let (endOfOptions, noOperation, copied) = (UInt8(0), UInt8(1), UInt8(0x80))
    var offset = IPv4View.minimumByteCount
    while offset < headerLength {
      let kind = header.loadByte(offset)
      if kind == endOfOptions { return }
      if kind == noOperation {
        offset &+= 1
        continue
      }
      guard offset &+ 1 < headerLength else { return }
      let length = Int(header.loadByte(offset &+ 1))
      guard length >= 2, offset &+ length <= headerLength else { return }
      if kind & copied == 0 {
        for place in offset..<offset &+ length { header.storeByte(noOperation, at: place) }
      }
      offset &+= length
    }
  }

  /// A slot for a packet that is whole in one buffer.
  private static func slot(_ mbuf: Mbuf) -> Slot {
    Slot(mbuf: mbuf, header: frame(mbuf), length: mbuf.pointee.pkt_len, readable: mbuf.pointee.pkt_len)
  }
}
