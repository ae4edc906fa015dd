import CDPDKShim
import Wire

// IPv4 packets for an address of this node: pings are answered, everything else is the host's where it has a twin and is
// told elsewhere that nobody listens (RFC 1122, sections 3.2.2 and 4.1.3).

extension Worker {
  /// Takes a packet to one of this node's addresses, which came by `table`.
  @inline(never) mutating func deliverIPv4(_ slot: UnsafeMutablePointer<Slot>, table: UInt32) {
    if trace != nil { note(.local) }
    let header = Worker.ipv4(slot)
    let (headerLength, total) = (header.headerLength, min(UInt32(header.totalLength), slot.pointee.length))
    let isWhole = header.fragmentOffset == 0 && !header.moreFragments
    if let owner = tableOfTwin(slot, table), !(isWhole && isEchoRequest(ipv4: slot)) {
      return puntLocal(slot, table: owner, isIPv4: true)
    }
    guard isWhole, headerLength >= IPv4View.minimumByteCount, Int(total) >= headerLength, holds(slot, total) else {
      return drop(slot, .localDestination)
    }
    let payload = slot.pointee.header + headerLength
    let count = Int(total) &- headerLength
    switch Worker.ipv4(slot).protocol {
    case IPProtocol.icmp:
      guard count >= ICMPView.byteCount, payload.loadByte(0) == ICMPType.echoRequest else {
        return drop(slot, .localDestination)
      }
      guard InternetChecksum.fold(InternetChecksum.sum(payload, count: count)) == 0xffff else {
        return drop(slot, .localChecksum)
      }
      answerEcho(ipv4: slot, payload, count: count, table: table)
    case IPProtocol.udp:
      guard Worker.udpHolds(ipv4: Worker.ipv4(slot), payload, count: count) else { return drop(slot, .localChecksum) }
      sendError(aboutIPv4: slot, ICMPError(type: 3, code: 3), table: table)
      drop(slot, .localProtocol)
    case IPProtocol.tcp: drop(slot, .localProtocol)
    default:
      sendError(aboutIPv4: slot, ICMPError(type: 3, code: 2), table: table)
      drop(slot, .localProtocol)
    }
  }

  /// Whether an IPv4 packet that is no fragment is a ping.
  private mutating func isEchoRequest(ipv4 slot: UnsafeMutablePointer<Slot>) -> Bool {
    let header = Worker.ipv4(slot)
    let at = header.headerLength
    return header.protocol == IPProtocol.icmp && holds(slot, UInt32(truncatingIfNeeded: at &+ 1))
      && slot.pointee.header.loadByte(at) == ICMPType.echoRequest
  }

  /// Whether a UDP datagram is as long as it says and its checksum, if it has one, right.
  private static func udpHolds(ipv4 header: IPv4View, _ udp: UnsafeMutableRawPointer, count: Int) -> Bool {
    guard count >= 8, Int(udp.loadBE16(4)) >= 8, Int(udp.loadBE16(4)) <= count else { return false }
    if udp.loadBE16(6) == 0 { return true }
    let length = udp.loadBE16(4)
    let pseudo = InternetChecksum.pseudoHeader(
      source: header.source, destination: header.destination, protocol: IPProtocol.udp, length: length)
    return InternetChecksum.fold(InternetChecksum.sum(udp, count: Int(length), initial: pseudo)) == 0xffff
  }

  /// Makes an echo request its reply, in its own buffer, behind a new header.
  private mutating func answerEcho(
    ipv4 slot: UnsafeMutablePointer<Slot>, _ message: UnsafeMutableRawPointer, count: Int, table: UInt32
  ) {
    let header = Worker.ipv4(slot)
    let (source, destination, service) = (header.destination, header.source, header.typeOfService)
    let answers = snapshot.tables[Int(table)].answers
    let length = UInt32(truncatingIfNeeded: IPv4View.minimumByteCount &+ count)
    slot.pointee.header = message - IPv4View.minimumByteCount
    slot.pointee.length = length
    slot.pointee.readable = length
    writeIPv4(slot.pointee.header, source: source, destination: destination, service: service, length: length)
    let icmp = ICMPView(at: message, length: count).unsafelyUnwrapped
    icmp.type = ICMPType.echoReply
    icmp.checksum = 0
    icmp.checksum = InternetChecksum.finish(InternetChecksum.sum(message, count: count))
    becomeOurs(slot)
    queueAgain(slot, ipv4: destination, table: answers)
  }

  /// Makes a received packet one of this node's.
  mutating func becomeOurs(_ slot: UnsafeMutablePointer<Slot>) {
    let history = history(slot)
    history.pointee = SlotHistory()
    history.pointee.burst = burst.number
    history.pointee.isOurs = true
  }
}
