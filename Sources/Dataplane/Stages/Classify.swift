import CDPDKShim
import CIntrinsics
import Wire

// The first stage: which interface a frame belongs to, whether it is for us, and what it carries.

extension Worker {
  /// Sorts the received frames into the lookup queues, or drops them.
  @inline(never) mutating func classify(_ count: Int, port: UnsafePointer<IngressPort>) {
    let received = burst.received
    for ahead in 0..<Burst.prefetchDistance {
      received[count &+ ahead] = received[count &- 1]
      ntl_prefetch_line(Worker.frame(received[ahead].unsafelyUnwrapped))
    }
    let ingress = port.pointee
    let owner = (snapshot.interfaces + Int(ingress.untagged)).pointee
    // In registers: a store to a packet's memory tells the compiler that any other may have changed.
    let slots = burst.slots
    var queue = burst.ipv6
    var bytes: UInt64 = 0
    var plainBytes: UInt64 = 0
    var unusual = 0
    var index = 0
    while index < count {
      // Two cache lines: a tunnel's inner header is in the second.
      let ahead = Worker.frame(received[index &+ Burst.prefetchDistance].unsafelyUnwrapped)
      ntl_prefetch_line(ahead)
      ntl_prefetch_line(ahead + 64)
      let mbuf = received[index].unsafelyUnwrapped
      bytes &+= UInt64(mbuf.pointee.pkt_len)
      let length = Worker.classifyPlain(mbuf, slots + index, owner: owner, &queue)
      plainBytes &+= UInt64(length)
      if _slowPath(length == 0) {
        unusual &+= 1
        burst.ipv6.count = queue.count
        classifyUnusual(mbuf, slots + index, ingress: ingress)
        queue.count = burst.ipv6.count
      }
      index &+= 1
    }
    burst.ipv6.count = queue.count
    (counters.interfaces + Int(ingress.untagged)).received.add(packets: count, bytes: bytes)
    (counters.tables + Int(owner.table)).add(packets: count &- unusual, bytes: plainBytes)
  }

  /// Takes a frame as nearly every one is: untagged, for us, in one buffer, and a sound IPv6 packet. Returns its
  /// layer-3 length, which the caller is to count, or 0 for any other frame, which is then left as it was.
  @inline(__always) static func classifyPlain(
    _ mbuf: Mbuf, _ slot: UnsafeMutablePointer<Slot>, owner: Interface,
    _ queue: inout LookupQueue<IPv6Address>
  ) -> UInt32 {
    let start = Worker.frame(mbuf)
    let linkLength = UInt32(EthernetView.byteCount)
    let contiguous = UInt32(mbuf.pointee.data_len)
    guard contiguous >= linkLength &+ UInt32(IPv6View.byteCount) else { return 0 }
    let frame = EthernetView(at: start, length: EthernetView.byteCount).unsafelyUnwrapped
    guard start.loadBE64(0) &>> 16 == owner.mac, frame.etherType == EtherType.ipv6,
      mbuf.pointee.pkt_len &- linkLength <= owner.mtu
    else { return 0 }
    let header = start + EthernetView.byteCount
    let length = Worker.plainIPv6Length(header, available: contiguous &- linkLength)
    guard length != 0 else { return 0 }
    slot.pointee = Slot(mbuf: mbuf, header: header, length: length, readable: length)
    let destination = IPv6View(at: header, length: IPv6View.byteCount).unsafelyUnwrapped.destination
    queue.append(slot: slot, table: owner.table, destination: destination)
    return length
  }

  /// Takes any frame.
  @inline(never) mutating func classifyUnusual(
    _ mbuf: Mbuf, _ slot: UnsafeMutablePointer<Slot>, ingress: IngressPort
  ) {
    slot.pointee = Slot(
      mbuf: mbuf, header: Worker.frame(mbuf), length: mbuf.pointee.pkt_len, readable: UInt32(mbuf.pointee.data_len))
    guard holds(slot, UInt32(EthernetView.byteCount)) else { return drop(slot, .truncated) }
    let frame = EthernetView(at: slot.pointee.header, length: EthernetView.byteCount).unsafelyUnwrapped
    let destination = frame.destination.value
    var interface = Int(ingress.untagged)
    var linkLength = EthernetView.byteCount
    var etherType = frame.etherType
    if etherType == EtherType.vlan {
      linkLength &+= VLANView.byteCount
      guard holds(slot, UInt32(linkLength)) else { return drop(slot, .truncated) }
      let tag = VLANView(at: slot.pointee.header + EthernetView.byteCount, length: VLANView.byteCount).unsafelyUnwrapped
      guard let found = taggedInterface(slot, tag: Int(tag.vlanID), ingress: ingress) else {
        return drop(slot, .unknownVLAN)
      }
      interface = found
      etherType = tag.etherType
      history(slot).pointee.ingress = UInt16(truncatingIfNeeded: interface)
    }
    advance(slot, by: linkLength)
    acceptFrame(slot, owner: snapshot.interfaces + interface, destination, etherType)
  }

  /// A frame whose interface is known: whether it is for it, and what it carries.
  mutating func acceptFrame(
    _ slot: UnsafeMutablePointer<Slot>, owner: UnsafePointer<Interface>, _ destination: UInt64,
    _ etherType: UInt16
  ) {
    let interface = UInt32(truncatingIfNeeded: owner - snapshot.interfaces)
    if destination != owner.pointee.mac, let reason = Worker.foreignReason(destination, etherType, owner) {
      return reason == .multicast ? acceptGroup(slot, owner, etherType) : drop(slot, reason)
    }
    guard slot.pointee.length <= owner.pointee.mtu else { return drop(slot, .giantFrame) }
    switch etherType {
    case EtherType.ipv6: acceptIPv6(slot, table: owner.pointee.table, interface: interface)
    case EtherType.ipv4: acceptIPv4(slot, owner: owner)
    case EtherType.arp: punt(slot, .arp, interface: interface)
    default: acceptOther(slot, owner)
    }
  }

  mutating func acceptIPv6(_ slot: UnsafeMutablePointer<Slot>, table: UInt32, interface: UInt32) {
    if holds(slot, UInt32(IPv6View.byteCount)), Worker.ipv6(slot).destination.isLinkLocal {
      return acceptLinkLocal(slot, table: table, linkTable: snapshot.firstLinkTable &+ interface)
    }
    let (header, length, readable) = (slot.pointee.header, slot.pointee.length, slot.pointee.readable)
    guard checkIPv6(slot, header, length: length, readable: readable, table: table) else { return }
    (counters.tables + Int(table)).add(slot.pointee.length)
    burst.ipv6.append(slot: slot, table: table, destination: Worker.ipv6(slot).destination)
  }

  mutating func acceptIPv4(_ slot: UnsafeMutablePointer<Slot>, owner: UnsafePointer<Interface>) {
    let (header, length, readable) = (slot.pointee.header, slot.pointee.length, slot.pointee.readable)
    let trust = slot.pointee.mbuf.pointee.ol_flags
    guard checkIPv4(slot, header, length: length, readable: readable, trust: trust) else { return }
    if _slowPath(owner.pointee.looksAtSources), refusesSource(slot, owner) { return }
    Worker.queueIPv4(slot, table: owner.pointee.table, counters.tables, &burst.ipv4)
  }

  /// The interface of a tagged frame, moving its count there from the untagged one's.
  func taggedInterface(_ slot: UnsafeMutablePointer<Slot>, tag: Int, ingress: IngressPort) -> Int? {
    if tag == 0 { return Int(ingress.untagged) }
    guard let tagged = ingress.tagged, tagged[tag] != IngressPort.unknown else { return nil }
    let interface = Int(tagged[tag])
    (counters.interfaces + interface).received.add(slot.pointee.length)
    (counters.interfaces + Int(ingress.untagged)).received.remove(slot.pointee.length)
    return interface
  }

  /// Why a frame to another Ethernet address than the interface's is not for it; nil: it is.
  static func foreignReason(
    _ destination: UInt64, _ etherType: UInt16, _ owner: UnsafePointer<Interface>
  ) -> DropReason? {
    let isGroup = destination & 0x0100_0000_0000 != 0
    if !isGroup { return owner.pointee.takesAnyMAC ? nil : .notOurMAC }
    return etherType == EtherType.arp ? nil : .multicast
  }
}
