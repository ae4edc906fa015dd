import CDPDKShim
import SRv6
import Wire

// What a router checks of a layer-3 header before it looks the destination up (RFC 1812, section 5.2.2; RFC 8200,
// section 3), for packets off the wire and out of a tunnel alike. Nearly every packet passes one plain test; what fails
// it goes the slow way, which finds out why, and whether that is a fault at all.

extension Worker {
  /// Queues an IPv4 packet that passed ``checkIPv4(_:_:length:readable:trust:)`` for lookup.
  @inline(__always) static func queueIPv4(
    _ slot: UnsafeMutablePointer<Slot>, table: UInt32, _ tallies: UnsafeMutablePointer<Tally>,
    _ queue: inout LookupQueue<UInt32>
  ) {
    let destination = Worker.ipv4(slot).destination.value
    (tallies + Int(table)).add(slot.pointee.length)
    queue.append(slot: slot, table: table, destination: destination)
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

  /// Moves the slot to an IPv6 header with `length` bytes of packet behind it, `readable` of them in the first buffer,
  /// and checks it; false: dropped. What is behind the packet's own length is cut off. `table` will route it.
  @inline(__always) mutating func checkIPv6(
    _ slot: UnsafeMutablePointer<Slot>, _ header: UnsafeMutableRawPointer, length: UInt32, readable: UInt32,
    table: UInt32
  ) -> Bool {
    slot.pointee.header = header
    if _fastPath(readable >= UInt32(IPv6View.byteCount)) {
      let total = Worker.plainIPv6Length(header, available: readable)
      if _fastPath(total != 0) {
        slot.pointee.length = total
        slot.pointee.readable = total
        return true
      }
    }
    slot.pointee.length = length
    slot.pointee.readable = readable
    return checkUnusualIPv6(slot, table: table)
  }

  /// The length of a sound IPv6 packet with plain addresses in `available` bytes; 0 for any other. 40 bytes are readable.
  @inline(__always) static func plainIPv6Length(_ header: UnsafeMutableRawPointer, available: UInt32) -> UInt32 {
    let view = IPv6View(at: header, length: IPv6View.byteCount).unsafelyUnwrapped
    let total = UInt32(IPv6View.byteCount) &+ UInt32(view.payloadLength)
    let isPlain = view.version == 6 && total <= available && isPlain(view.source) && isPlain(view.destination)
    return isPlain ? total : 0
  }

  /// Everything below fe80::/10 but ::/64, which holds the addresses that mean no host on the wire.
  @inline(__always) static func isPlain(_ address: IPv6Address) -> Bool {
    address.high &- 1 < 0xfe7f_ffff_ffff_ffff
  }

  @inline(never) mutating func checkUnusualIPv6(_ slot: UnsafeMutablePointer<Slot>, table: UInt32) -> Bool {
    guard holds(slot, UInt32(IPv6View.byteCount)) else { return refuse(slot, .truncated) }
    let header = Worker.ipv6(slot)
    guard header.version == 6 else { return refuse(slot, .ipv6Malformed) }
    let total = UInt32(IPv6View.byteCount) &+ UInt32(header.payloadLength)
    guard total <= slot.pointee.length else { return refuse(slot, .truncated) }
    trim(slot, to: total)
    if snapshot.isLikeLinux && takesSourceless(slot, table: table) { return true }
    let reason = Worker.scopeReason(source: header.source, destination: header.destination)
    return reason.map { refuse(slot, $0) } ?? true
  }

  /// Takes an IPv6 packet off the wire to a link-local address, which only means something on the link that it came by.
  mutating func acceptLinkLocal(_ slot: UnsafeMutablePointer<Slot>, table: UInt32, linkTable: UInt32) {
    let header = Worker.ipv6(slot)
    guard header.version == 6 else { return drop(slot, .ipv6Malformed) }
    let total = UInt32(IPv6View.byteCount) &+ UInt32(header.payloadLength)
    guard total <= slot.pointee.length else { return drop(slot, .truncated) }
    trim(slot, to: total)
    let (source, destination) = (header.source, header.destination)
    let isMartian = source.isMulticast || source.isUnspecified || source.isLoopback
    guard !isMartian else { return drop(slot, .martianSource) }
    guard isLocal(target(ipv6: destination, table: linkTable)) else { return drop(slot, .localDestination) }
    (counters.tables + Int(table)).add(total)
    deliverIPv6(slot, table: linkTable)
  }

  /// Why addresses cannot be forwarded (RFC 4291, section 2.5); nil: they can.
  static func scopeReason(source: IPv6Address, destination: IPv6Address) -> DropReason? {
    if source.isMulticast || source.isUnspecified || source.isLoopback { return .martianSource }
    if destination.isMulticast { return .multicast }
    if destination.isUnspecified || destination.isLoopback { return .martianDestination }
    return destination.isLinkLocal ? .localDestination : nil
  }

  // MARK: IPv4

  /// Moves the slot to an IPv4 header with `length` bytes of packet behind it, `readable` of them in the first buffer,
  /// and checks it; false: dropped. What is behind the packet's own length is cut off. `trust` holds the device's word on
  /// the checksum: `ol_flags` for the header that it saw, 0 for one that came out of a tunnel.
  @inline(__always) mutating func checkIPv4(
    _ slot: UnsafeMutablePointer<Slot>, _ header: UnsafeMutableRawPointer, length: UInt32, readable: UInt32,
    trust: UInt64
  ) -> Bool {
    slot.pointee.header = header
    if _fastPath(trust & NTL_RX_IP_CKSUM_MASK != NTL_RX_IP_CKSUM_BAD),
      let total = Worker.plainIPv4Length(header, available: readable, unusualNetworks)
    {
      slot.pointee.length = total
      slot.pointee.readable = total
      return true
    }
    slot.pointee.length = length
    slot.pointee.readable = readable
    return checkUnusualIPv4(slot, trust: trust)
  }

  /// The length of a sound IPv4 packet without options and with plain addresses in `available` bytes; nil for any other.
  @inline(__always) static func plainIPv4Length(
    _ header: UnsafeMutableRawPointer, available: UInt32, _ unusualNetworks: UnsafePointer<UInt8>
  ) -> UInt32? {
    let minimum = UInt32(IPv4View.minimumByteCount)
    guard _fastPath(available >= minimum) else { return nil }
    let view = IPv4View(at: header, length: IPv4View.minimumByteCount).unsafelyUnwrapped
    let total = UInt32(view.totalLength)
    // Neither address is in 0/8, 127/8 or 224/3, which hold every one that a router does not forward.
    let unusual =
      unusualNetworks[Int(view.source.value &>> 24)] | unusualNetworks[Int(view.destination.value &>> 24)]
    // One comparison for minimum <= total <= available.
    guard view.versionAndIHL == 0x45, total &- minimum <= available &- minimum, view.hasValidPlainChecksum, unusual == 0
    else { return nil }
    return total
  }

  /// A byte for each IPv4 /8, not 0 for those that hold addresses which are not forwarded.
  static func makeUnusualNetworks() -> UnsafePointer<UInt8> {
    let networks = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    networks.initialize(repeating: 0, count: 256)
    for network in [0, 127] + (224...255) { networks[network] = 1 }
    return UnsafePointer(networks)
  }

  @inline(never) mutating func checkUnusualIPv4(_ slot: UnsafeMutablePointer<Slot>, trust: UInt64) -> Bool {
    guard holds(slot, UInt32(IPv4View.minimumByteCount)) else { return refuse(slot, .truncated) }
    let headerLength = UInt32(truncatingIfNeeded: Worker.ipv4(slot).headerLength)
    let total = UInt32(Worker.ipv4(slot).totalLength)
    guard Worker.ipv4(slot).version == 4, headerLength >= 20, total >= headerLength else {
      return refuse(slot, .ipv4Malformed)
    }
    guard total <= slot.pointee.length, holds(slot, headerLength) else { return refuse(slot, .truncated) }
    trim(slot, to: total)
    let header = Worker.ipv4(slot)
    guard Worker.checksumHolds(header, trust: trust) else { return refuse(slot, .ipv4Checksum) }
    let reason = scopeReason(source: header.source, destination: header.destination)
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
  func scopeReason(source: IPv4Address, destination: IPv4Address) -> DropReason? {
    if source.isMulticast || source.isBroadcast || source.isLoopback || meansNoHost(source) { return .martianSource }
    if destination.isMulticast || destination.isBroadcast { return .multicast }
    return destination.isLoopback || meansNoHost(destination) ? .martianDestination : nil
  }

  /// All of 0/8 (RFC 1122, section 3.2.1.3), of which Linux forwards all but 0.0.0.0.
  private func meansNoHost(_ address: IPv4Address) -> Bool {
    snapshot.isLikeLinux ? address.value == 0 : address.isZeroNetwork
  }
}
