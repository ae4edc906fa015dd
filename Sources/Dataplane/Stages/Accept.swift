import CDPDKShim
import SRv6
import Wire

// What a router checks of a layer-3 header before it looks the destination up (RFC 1812, section 5.2.2; RFC 8200,
// section 3), for packets off the wire and out of a tunnel alike. Nearly every packet passes one plain test; what fails
// it goes the slow way, which finds out why, and whether that is a fault at all.

extension Worker {
  /// Checks an IPv6 packet and queues it for lookup. `slot.length` is what is there from the header on.
  @inline(__always) mutating func acceptIPv6(_ slot: UnsafeMutablePointer<Slot>, index: Int, table: UInt32) {
    guard checkIPv6(slot) else { return }
    (counters.tables + Int(table)).pointee.add(slot.pointee.length)
    burst.ipv6.append(slot: index, table: table, destination: Worker.ipv6(slot).destination)
  }

  /// The same for a packet out of a tunnel: it waits for the next round.
  @inline(__always) mutating func acceptInnerIPv6(_ slot: UnsafeMutablePointer<Slot>, index: Int, table: UInt32) {
    guard checkIPv6(slot) else { return }
    (counters.tables + Int(table)).pointee.add(slot.pointee.length)
    burst.ipv6Again.append(slot: index, table: table, destination: Worker.ipv6(slot).destination)
  }

  /// Checks an IPv4 packet and queues it for lookup. `trust` holds the device's word on the checksum: `ol_flags` for the
  /// header that it saw, 0 for one that came out of a tunnel.
  @inline(__always) mutating func acceptIPv4(
    _ slot: UnsafeMutablePointer<Slot>, index: Int, table: UInt32, trust: UInt64
  ) {
    guard checkIPv4(slot, trust: trust) else { return }
    (counters.tables + Int(table)).pointee.add(slot.pointee.length)
    let destination = Worker.ipv4(slot).destination.value
    ntl_prefetch(snapshot.fib4.cellAddress(table: table, destination: destination))
    burst.ipv4.append(slot: index, table: table, destination: destination)
  }

  /// The IPv4 header that the slot ``holds(_:_:)``.
  @inline(__always) static func ipv4(_ slot: UnsafeMutablePointer<Slot>) -> IPv4View {
    IPv4View(at: slot.pointee.header, length: IPv4View.minimumByteCount).unsafelyUnwrapped
  }

  /// The IPv6 header that the slot ``holds(_:_:)``.
  @inline(__always) static func ipv6(_ slot: UnsafeMutablePointer<Slot>) -> IPv6View {
    IPv6View(at: slot.pointee.header, length: IPv6View.byteCount).unsafelyUnwrapped
  }

  // MARK: IPv6

  /// Checks an IPv6 header and trims what is behind the packet; false: dropped.
  @inline(__always) mutating func checkIPv6(_ slot: UnsafeMutablePointer<Slot>) -> Bool {
    let length = slot.pointee.length
    if min(length, slot.pointee.contiguous) >= UInt32(IPv6View.byteCount) {
      let header = Worker.ipv6(slot)
      let total = UInt32(IPv6View.byteCount) &+ UInt32(header.payloadLength)
      let isPlain =
        header.version == 6 && total <= length && Worker.isPlain(header.source) && Worker.isPlain(header.destination)
      if isPlain {
        slot.pointee.length = total
        return true
      }
    }
    return checkUnusualIPv6(slot)
  }

  /// Everything below fe80::/10 but ::/64, which holds the addresses that mean no host on the wire.
  @inline(__always) static func isPlain(_ address: IPv6Address) -> Bool {
    address.high &- 1 < 0xfe7f_ffff_ffff_ffff
  }

  @inline(never) mutating func checkUnusualIPv6(_ slot: UnsafeMutablePointer<Slot>) -> Bool {
    guard holds(slot, UInt32(IPv6View.byteCount)) else { return refuse(slot, .truncated) }
    let header = Worker.ipv6(slot)
    guard header.version == 6 else { return refuse(slot, .ipv6Malformed) }
    let total = UInt32(IPv6View.byteCount) &+ UInt32(header.payloadLength)
    guard total <= slot.pointee.length else { return refuse(slot, .truncated) }
    slot.pointee.length = total
    let reason = Worker.scopeReason(source: header.source, destination: header.destination)
    return reason.map { refuse(slot, $0) } ?? true
  }

  /// Why addresses cannot be forwarded (RFC 4291, section 2.5); nil: they can.
  static func scopeReason(source: IPv6Address, destination: IPv6Address) -> DropReason? {
    if source.isMulticast || source.isUnspecified || source.isLoopback { return .martianSource }
    if destination.isMulticast { return .multicast }
    if destination.isUnspecified || destination.isLoopback { return .martianDestination }
    return destination.isLinkLocal ? .localDestination : nil
  }

  // MARK: IPv4

  /// Checks an IPv4 header and trims what is behind the packet; false: dropped.
  @inline(__always) mutating func checkIPv4(_ slot: UnsafeMutablePointer<Slot>, trust: UInt64) -> Bool {
    let length = slot.pointee.length
    if min(length, slot.pointee.contiguous) >= UInt32(IPv4View.minimumByteCount) {
      let header = Worker.ipv4(slot)
      let total = UInt32(header.totalLength)
      let isPlain =
        header.versionAndIHL == 0x45 && total >= UInt32(IPv4View.minimumByteCount) && total <= length
        && header.hasValidPlainChecksum && Worker.isPlain(header.source) && Worker.isPlain(header.destination)
      if isPlain && trust & NTL_RX_IP_CKSUM_MASK != NTL_RX_IP_CKSUM_BAD {
        slot.pointee.length = total
        return true
      }
    }
    return checkUnusualIPv4(slot, trust: trust)
  }

  /// Everything but 0/8, 127/8 and 224/3, which hold every address that a router does not forward.
  @inline(__always) static func isPlain(_ address: IPv4Address) -> Bool {
    let network = address.value &>> 24
    return network &- 1 < 223 && network != 127
  }

  @inline(never) mutating func checkUnusualIPv4(_ slot: UnsafeMutablePointer<Slot>, trust: UInt64) -> Bool {
    guard holds(slot, UInt32(IPv4View.minimumByteCount)) else { return refuse(slot, .truncated) }
    let headerLength = UInt32(truncatingIfNeeded: Worker.ipv4(slot).headerLength)
    let total = UInt32(Worker.ipv4(slot).totalLength)
    guard Worker.ipv4(slot).version == 4, headerLength >= 20, total >= headerLength else {
      return refuse(slot, .ipv4Malformed)
    }
    guard total <= slot.pointee.length, holds(slot, headerLength) else { return refuse(slot, .truncated) }
    slot.pointee.length = total
    let header = Worker.ipv4(slot)
    guard Worker.checksumHolds(header, trust: trust) else { return refuse(slot, .ipv4Checksum) }
    let reason = Worker.scopeReason(source: header.source, destination: header.destination)
    return reason.map { refuse(slot, $0) } ?? true
  }

  /// The device's word where it has one; else the sum.
  static func checksumHolds(_ header: IPv4View, trust: UInt64) -> Bool {
    switch trust & NTL_RX_IP_CKSUM_MASK {
    case NTL_RX_IP_CKSUM_GOOD: true
    case NTL_RX_IP_CKSUM_BAD: false
    default: header.hasValidChecksum
    }
  }

  /// Why addresses cannot be forwarded (RFC 1812, section 5.3.7, and what Linux makes of it: class E is forwarded); nil:
  /// they can.
  static func scopeReason(source: IPv4Address, destination: IPv4Address) -> DropReason? {
    if source.isMulticast || source.isBroadcast || source.isLoopback || source.isZeroNetwork { return .martianSource }
    if destination.isMulticast || destination.isBroadcast { return .multicast }
    return destination.isLoopback || destination.isZeroNetwork ? .martianDestination : nil
  }

  /// Drops a packet and says that it was.
  mutating func refuse(_ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason) -> Bool {
    drop(slot, reason)
    return false
  }
}
