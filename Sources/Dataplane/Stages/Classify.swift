import CDPDKShim
import Wire

// The first stage: which interface a frame belongs to, whether it is for us, and what it carries.

extension Worker {
  /// Packets whose headers are fetched into the cache ahead of the one being looked at.
  static var prefetchDistance: Int { 4 }

  /// Sorts the received frames into the lookup queues, or drops them.
  @inline(never) mutating func classify(_ count: Int, port: UnsafePointer<IngressPort>) {
    let received = burst.received
    var index = 0
    while index < min(Worker.prefetchDistance, count) {
      ntl_prefetch(Worker.frame(received[index].unsafelyUnwrapped))
      index &+= 1
    }
    let ingress = port.pointee
    let owner = (snapshot.interfaces + Int(ingress.untagged)).pointee
    var bytes: UInt64 = 0
    index = 0
    while index < count {
      if index &+ Worker.prefetchDistance < count {
        ntl_prefetch(Worker.frame(received[index &+ Worker.prefetchDistance].unsafelyUnwrapped))
      }
      let mbuf = received[index].unsafelyUnwrapped
      bytes &+= UInt64(mbuf.pointee.pkt_len)
      classifyFrame(mbuf, index: index, ingress: ingress, owner: owner)
      index &+= 1
    }
    let tally = counters.interfaces + Int(ingress.untagged)
    tally.pointee.received.packets &+= UInt64(truncatingIfNeeded: count)
    tally.pointee.received.bytes &+= bytes
  }

  /// Nearly every frame is untagged, for us, IPv6 and whole; the rest goes the slow way.
  @inline(__always) mutating func classifyFrame(_ mbuf: Mbuf, index: Int, ingress: IngressPort, owner: Interface) {
    let slot = burst.slots + index
    let start = Worker.frame(mbuf)
    let linkLength = UInt32(EthernetView.byteCount)
    let length = mbuf.pointee.pkt_len
    let contiguous = UInt32(mbuf.pointee.data_len)
    if contiguous >= linkLength {
      let frame = EthernetView(at: start, length: EthernetView.byteCount).unsafelyUnwrapped
      let isPlain =
        start.loadBE64(0) &>> 16 == owner.mac && frame.etherType == EtherType.ipv6
        && length &- linkLength <= owner.mtu
      if isPlain {
        slot.pointee = Slot(
          mbuf: mbuf, header: start + EthernetView.byteCount, length: length &- linkLength,
          contiguous: contiguous &- linkLength)
        return acceptIPv6(slot, index: index, table: owner.table)
      }
    }
    slot.pointee = Slot(mbuf: mbuf, header: start, length: length, contiguous: contiguous)
    classifyUnusual(slot, index: index, ingress: ingress)
  }

  @inline(never) mutating func classifyUnusual(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, ingress: IngressPort
  ) {
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
    }
    advance(slot, by: linkLength)
    acceptFrame(slot, index: index, owner: snapshot.interfaces + interface, destination, etherType)
  }

  /// A frame whose interface is known: whether it is for it, and what it carries.
  mutating func acceptFrame(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, owner: UnsafePointer<Interface>, _ destination: UInt64,
    _ etherType: UInt16
  ) {
    if destination != owner.pointee.mac, let reason = Worker.foreignReason(destination, etherType, owner) {
      return drop(slot, reason)
    }
    guard slot.pointee.length <= owner.pointee.mtu else { return drop(slot, .giantFrame) }
    let table = owner.pointee.table
    switch etherType {
    case EtherType.ipv6: acceptIPv6(slot, index: index, table: table)
    case EtherType.ipv4: acceptIPv4(slot, index: index, table: table, trust: slot.pointee.mbuf.pointee.ol_flags)
    default: drop(slot, etherType == EtherType.arp ? .arp : .unknownEtherType)
    }
  }

  /// The interface of a tagged frame, moving its count there from the untagged one's.
  func taggedInterface(_ slot: UnsafeMutablePointer<Slot>, tag: Int, ingress: IngressPort) -> Int? {
    if tag == 0 { return Int(ingress.untagged) }
    guard let tagged = ingress.tagged, tagged[tag] != IngressPort.unknown else { return nil }
    let interface = Int(tagged[tag])
    let length = UInt64(slot.pointee.length)
    counters.interfaces[interface].received.packets &+= 1
    counters.interfaces[interface].received.bytes &+= length
    counters.interfaces[Int(ingress.untagged)].received.packets &-= 1
    counters.interfaces[Int(ingress.untagged)].received.bytes &-= length
    return interface
  }

  /// Why a frame to another Ethernet address than the interface's is not for it; nil: it is.
  static func foreignReason(
    _ destination: UInt64, _ etherType: UInt16, _ owner: UnsafePointer<Interface>
  ) -> DropReason? {
    let isGroup = destination & 0x0100_0000_0000 != 0
    if !isGroup { return owner.pointee.takesAnyMAC ? nil : .notOurMAC }
    return etherType == EtherType.arp ? .arp : .multicast
  }
}
