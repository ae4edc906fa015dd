import CDPDKShim
import SRv6
import Wire

// Errors about packets (RFC 792, RFC 1812, section 4.3; RFC 4443): what they quote, from whom, to whom, and when not.

/// An ICMP or ICMPv6 error.
struct ICMPError {
  /// Its type.
  var type: UInt8
  /// Its code.
  var code: UInt8
  /// The second word: an MTU or a pointer.
  var parameter: UInt32 = 0
}

extension Worker {
  /// Hops that packets made here begin with: they pass one router, which is this one.
  static var originalHops: UInt8 { 65 }

  /// Bytes of an ICMP error at most (RFC 1812, section 4.3.2.3).
  private static var longestError: UInt32 { 576 }

  /// Bytes of an ICMPv6 error at most (RFC 4443, section 2.4 (c)).
  private static var longestIPv6Error: UInt32 { 1280 }

  // MARK: IPv4

  /// Tells the sender of an IPv4 packet; that packet stays as it is.
  @inline(never) mutating func sendError(
    aboutIPv4 slot: UnsafeMutablePointer<Slot>, _ error: ICMPError, table: UInt32
  ) {
    let answers = snapshot.tables[Int(table)].answers
    let header = Worker.ipv4(slot)
    let (from, to) = (header.destination, header.source)
    guard mayAnswer(ipv4: slot) else { return }
    let hop = nextHop(ipv4: to, table: answers)
    // An unreachable protocol or port is one of ours.
    let isDelivered = error.type == 3 && (error.code == 2 || error.code == 3)
    let isToHost = isToHost(hop, table: answers)
    let near = isToHost ? ingress(slot) ?? hop.pointee.interface : hop.pointee.interface
    let source = isDelivered ? from : source(ipv4: to, interface: UInt32(near), table: answers)
    guard isToHost || hop.pointee.isTowardsNeighbor, let source, limiter.take(now: ntl_cycles()) else { return }
    let headers = UInt32(IPv4View.minimumByteCount &+ ICMPView.byteCount)
    let quoted = min(slot.pointee.length, Worker.longestError &- headers)
    let service = Worker.ipv4(slot).typeOfService & 0x1e | 0xc0
    guard let answer = makePacket(headers &+ quoted) else { return }
    writeIPv4(answer.pointee.header, source: source, destination: to, service: service, length: headers &+ quoted)
    writeICMP(answer.pointee.header + IPv4View.minimumByteCount, error, about: slot, quoted: quoted)
    let icmp = ICMPView(at: answer.pointee.header + IPv4View.minimumByteCount, length: Int(quoted) &+ 8)
      .unsafelyUnwrapped
    icmp.checksum = InternetChecksum.finish(InternetChecksum.sum(icmp.base, count: Int(quoted) &+ 8))
    if trace != nil { note(.icmpError(isIPv6: false, type: error.type, code: error.code)) }
    queueAgain(answer, ipv4: to, table: answers)
  }

  /// Whether an error about an IPv4 packet is allowed (RFC 1812, section 4.3.2.7).
  private func mayAnswer(ipv4 slot: UnsafeMutablePointer<Slot>) -> Bool {
    let header = Worker.ipv4(slot)
    if history(slot).pointee.isOurs || header.fragmentOffset != 0 { return false }
    // Linux asks where a packet was routed, and not what its destination means.
    let asked = snapshot.isLikeLinux ? header.source : header.destination
    if scopeReason(source: header.source, destination: asked) != nil { return false }
    guard header.protocol == IPProtocol.icmp else { return true }
    let at = header.headerLength
    guard holds(slot, UInt32(truncatingIfNeeded: at &+ 1)) else { return false }
    return !ICMPType.isError(slot.pointee.header.loadByte(at))
  }

  /// Writes a whole IPv4 header without options, of protocol ICMP.
  mutating func writeIPv4(
    _ at: UnsafeMutableRawPointer, source: IPv4Address, destination: IPv4Address, service: UInt8, length: UInt32
  ) {
    let header = IPv4View(at: at, length: IPv4View.minimumByteCount).unsafelyUnwrapped
    identification &+= 1
    at.storeBE32(0x4500_0000 | UInt32(service) &<< 16 | length, at: 0)
    at.storeBE32(UInt32(identification) &<< 16, at: 4)
    at.storeBE32(UInt32(Worker.originalHops) &<< 24 | UInt32(IPProtocol.icmp) &<< 16, at: 8)
    header.source = source
    header.destination = destination
    header.updateChecksum()
  }

  // MARK: IPv6

  /// Tells the sender of an IPv6 packet; that packet stays as it is.
  @inline(never) mutating func sendError(
    aboutIPv6 slot: UnsafeMutablePointer<Slot>, _ error: ICMPError, table: UInt32
  ) {
    let header = Worker.ipv6(slot)
    let (from, to) = (header.destination, header.source)
    let answers = answers(table, to: to)
    guard mayAnswer(ipv6: slot, error) else { return }
    let target = target(ipv6: to, table: answers)
    guard !target.isSID else { return }
    let hop = hop(of: target)
    let isToHost = isToHost(hop, table: answers)
    let isNearer = isToHost || snapshot.isLikeLinux
    let near = isNearer ? ingress(slot) ?? hop.pointee.interface : hop.pointee.interface
    let source = isOwn(from, table: table) ? from : source(ipv6: to, interface: UInt32(near), table: answers)
    guard isToHost || hop.pointee.isTowardsNeighbor, let source, limiter.take(now: ntl_cycles()) else { return }
    let headers = UInt32(IPv6View.byteCount &+ ICMPView.byteCount)
    let quoted = min(slot.pointee.length, Worker.longestIPv6Error &- headers)
    guard let answer = makePacket(headers &+ quoted) else { return }
    let length = quoted &+ UInt32(ICMPView.byteCount)
    Worker.writeIPv6(answer.pointee.header, source: source, destination: to, trafficClass: 0, length: length)
    writeICMP(answer.pointee.header + IPv6View.byteCount, error, about: slot, quoted: quoted)
    Worker.finishICMPv6(answer.pointee.header, length: length)
    if trace != nil { note(.icmpError(isIPv6: true, type: error.type, code: error.code)) }
    queueAgain(answer, ipv6: to, table: answers)
  }

  /// Whether an error about an IPv6 packet is allowed (RFC 4443, section 2.4 (e)).
  private func mayAnswer(ipv6 slot: UnsafeMutablePointer<Slot>, _ error: ICMPError) -> Bool {
    let header = Worker.ipv6(slot)
    let source = header.source
    if history(slot).pointee.isOurs || source.isMulticast || source.isUnspecified || source.isLoopback { return false }
    let isToMany = error.type == ICMPv6Type.packetTooBig || (error.type == 4 && error.code == 2)
    if header.destination.isMulticast && !isToMany { return false }
    let upper = search(slot, for: nil)
    if upper.status == .needsMore { return false }
    guard upper.status == .found, upper.nextHeader == IPProtocol.icmpv6,
      holds(slot, UInt32(truncatingIfNeeded: upper.offset &+ 1))
    else { return true }
    return !ICMPv6Type.isError(slot.pointee.header.loadByte(upper.offset))
  }

  /// Writes a whole IPv6 header for ICMPv6; `length` is that of what follows.
  static func writeIPv6(
    _ at: UnsafeMutableRawPointer, source: IPv6Address, destination: IPv6Address, trafficClass: UInt8, length: UInt32
  ) {
    let header = IPv6View(at: at, length: IPv6View.byteCount).unsafelyUnwrapped
    at.storeBE32(6 &<< 28 | UInt32(trafficClass) &<< 20, at: 0)
    at.storeBE32(length &<< 16 | UInt32(IPProtocol.icmpv6) &<< 8 | UInt32(originalHops), at: 4)
    header.source = source
    header.destination = destination
  }

  /// Writes the checksum of the ICMPv6 message of `length` bytes behind an IPv6 header.
  static func finishICMPv6(_ at: UnsafeMutableRawPointer, length: UInt32) {
    let header = IPv6View(at: at, length: IPv6View.byteCount).unsafelyUnwrapped
    let icmp = ICMPView(at: at + IPv6View.byteCount, length: Int(length)).unsafelyUnwrapped
    icmp.checksum = 0
    let pseudo = InternetChecksum.pseudoHeader(
      source: header.source, destination: header.destination, nextHeader: IPProtocol.icmpv6, length: length)
    icmp.checksum = InternetChecksum.finish(InternetChecksum.sum(icmp.base, count: Int(length), initial: pseudo))
  }

  /// Writes an error's header, without checksum, and what it quotes.
  private func writeICMP(
    _ at: UnsafeMutableRawPointer, _ error: ICMPError, about slot: UnsafeMutablePointer<Slot>, quoted: UInt32
  ) {
    at.storeBE32(UInt32(error.type) &<< 24 | UInt32(error.code) &<< 16, at: 0)
    at.storeBE32(error.parameter, at: 4)
    let mbuf = slot.pointee.mbuf
    let offset = UInt32(truncatingIfNeeded: slot.pointee.header - Worker.frame(mbuf))
    let bytes = (at + ICMPView.byteCount).assumingMemoryBound(to: UInt8.self)
    let count = ntl_mbuf_read(mbuf, offset, quoted, bytes)
    // Nothing that was in the buffer before may leave with it.
    for index in Int(count)..<Int(quoted) { bytes[index] = 0 }
  }
}
