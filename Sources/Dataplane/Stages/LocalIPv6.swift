import CDPDKShim
import SRv6
import Wire

// IPv6 packets for an address of this node that is no SID (RFC 8200, section 4; RFC 8754, section 4.3.2): extension
// headers are obeyed in their order, pings are answered, everything else is the host's where it has a twin and is told
// elsewhere that nobody listens.

extension Worker {
  /// What became of an extension header of a packet for this node.
  private enum HeaderOutcome {
    /// The next header is to be looked at.
    case next
    /// The same header again: it has another segment of ours.
    case again
    /// The packet is gone.
    case done
  }

  /// Takes a packet to one of this node's addresses, which came by `table`.
  @inline(never) mutating func deliverIPv6(_ slot: UnsafeMutablePointer<Slot>, table: UInt32) {
    // Linux lets no SID lead to an address of its own node.
    if snapshot.isLikeLinux && history(slot).pointee.hasAdvanced { return drop(slot, .localDestination) }
    if trace != nil { note(.local) }
    var (next, namedAt, offset) = (Worker.ipv6(slot).nextHeader, 6, IPv6View.byteCount)
    var hasSRH = false
    var left = 1024
    while ExtensionHeaderWalk.isExtensionHeader(next) && next != IPProtocol.ah {
      guard left > 0 else { return drop(slot, .tooManyHeaders) }
      left &-= 1
      guard let end = headerEnd(slot, next, at: offset) else { return drop(slot, .truncated) }
      switch obey(slot, next, at: offset, end: end, namedAt: namedAt, table: table) {
      case .done: return
      case .again: continue
      case .next: break
      }
      hasSRH = hasSRH || (next == IPProtocol.routing && slot.pointee.header.loadByte(offset &+ 2) == 4)
      namedAt = offset
      next = slot.pointee.header.loadByte(offset)
      offset = end
    }
    deliverUpper(slot, next, at: offset, namedAt: namedAt, hasSRH: hasSRH, table: table)
  }

  /// Where an extension header ends, all of it readable; nil: it does not within the packet.
  private func headerEnd(_ slot: UnsafeMutablePointer<Slot>, _ kind: UInt8, at offset: Int) -> Int? {
    guard holds(slot, UInt32(truncatingIfNeeded: offset &+ 8)) else { return nil }
    let units = Int(slot.pointee.header.loadByte(offset &+ 1)) &+ 1
    let end = offset &+ (kind == IPProtocol.fragment ? 8 : units &* 8)
    return holds(slot, UInt32(truncatingIfNeeded: end)) ? end : nil
  }

  private mutating func obey(
    _ slot: UnsafeMutablePointer<Slot>, _ kind: UInt8, at offset: Int, end: Int, namedAt: Int, table: UInt32
  ) -> HeaderOutcome {
    switch kind {
    case IPProtocol.hopByHop where offset != IPv6View.byteCount:
      report(slot, .wrongNextHeader, code: 1, at: namedAt, table: table)
      return .done
    case IPProtocol.hopByHop, IPProtocol.destinationOptions:
      return obeysOptions(slot, at: offset, table: table) ? .next : .done
    case IPProtocol.fragment:
      if slot.pointee.header.loadBE16(offset &+ 2) & 0xfff9 == 0 { return .next }
      if let owner = tableOfTwin(slot, table) {
        puntLocal(slot, table: owner, isIPv4: false)
      } else {
        drop(slot, .outerFragment)
      }
      return .done
    default: return obeyRouting(slot, at: offset, table: table)
    }
  }

  /// Obeys the options of a header; false: the packet is gone.
  mutating func obeysOptions(_ slot: UnsafeMutablePointer<Slot>, at offset: Int, table: UInt32) -> Bool {
    switch OptionsVerdict(slot.pointee.header, at: offset) {
    case .pass: return true
    case .drop: drop(slot, .ipv6Option)
    case .report(let code, let place, let multicastIsSilent):
      if multicastIsSilent && Worker.ipv6(slot).destination.isMulticast {
        drop(slot, .ipv6Option)
      } else {
        report(slot, .ipv6Option, code: code, at: place, table: table)
      }
    }
    return false
  }

  /// A routing header at an address that is no SID: RFC 8754 passes what is at its end and reports the rest; Linux moves
  /// to the next segment.
  private mutating func obeyRouting(
    _ slot: UnsafeMutablePointer<Slot>, at offset: Int, table: UInt32
  ) -> HeaderOutcome {
    let srh = SRHView(at: slot.pointee.header + offset, length: SRHView.minimumByteCount).unsafelyUnwrapped
    let left = Int(srh.segmentsLeft)
    if left == 0 { return .next }
    if srh.routingType != SRHView.routingType {
      // Linux takes type 2 for Mobile IPv6, whatever else it knows of that.
      if snapshot.isLikeLinux && srh.routingType == 2 {
        drop(slot, .unknownRoutingHeader)
        return .done
      }
      report(slot, .unknownRoutingHeader, code: 0, at: offset &+ 2, table: table)
      return .done
    }
    guard snapshot.isLikeLinux, left < Int(srh.hdrExtLen) &>> 1 else {
      report(slot, .srhSegmentsLeft, code: 0, at: offset &+ 3, table: table)
      return .done
    }
    SRHEdits.advance(slot.pointee.header, srh: offset)
    let header = Worker.ipv6(slot)
    let destination = header.destination
    if destination.isMulticast {
      drop(slot, .multicast)
    } else if !isLocal(destination, table: table) {
      queueAgain(slot, ipv6: destination, table: table)
    } else if header.hopLimit <= 1 {
      refuseIPv6(slot, .hopLimitExceeded, table: table)
    } else {
      header.hopLimit &-= 1
      return .again
    }
    return .done
  }

  private mutating func deliverUpper(
    _ slot: UnsafeMutablePointer<Slot>, _ kind: UInt8, at offset: Int, namedAt: Int, hasSRH: Bool, table: UInt32
  ) {
    let whole = UInt32(IPv6View.byteCount) &+ UInt32(Worker.ipv6(slot).payloadLength)
    let total = min(whole, slot.pointee.length)
    guard Int(total) >= offset else { return drop(slot, .localDestination) }
    let host = tableOfTwin(slot, table)
    if let host, kind != IPProtocol.icmpv6 || !holds(slot, total), !(hasSRH && snapshot.isLikeLinux) {
      return puntLocal(slot, table: host, isIPv4: false)
    }
    guard holds(slot, total) else { return drop(slot, .localDestination) }
    let upper = slot.pointee.header + offset
    let count = Int(total) &- offset
    switch kind {
    case IPProtocol.icmpv6:
      guard count >= ICMPView.byteCount else { return drop(slot, .localDestination) }
      if offset == IPv6View.byteCount && ICMPv6Type.isNeighborDiscovery(upper.loadByte(0)) {
        return punt(slot, .neighborDiscovery, interface: UInt32(ingress(slot) ?? 0), table: table)
      }
      guard upper.loadByte(0) == ICMPv6Type.echoRequest else {
        return host.map { puntLocal(slot, table: $0, isIPv4: false) } ?? drop(slot, .localDestination)
      }
      guard checksumHolds(slot, kind, upper, count: count) else { return drop(slot, .localChecksum) }
      answerEcho(ipv6: slot, upper, count: count, table: table)
    case IPProtocol.udp:
      guard count >= 8, checksumHolds(slot, kind, upper, count: count) else { return drop(slot, .localChecksum) }
      sendError(aboutIPv6: slot, ICMPError(type: 1, code: 4), table: table)
      drop(slot, .localProtocol)
    case IPProtocol.tcp, IPProtocol.noNextHeader: drop(slot, .localProtocol)
    case IPProtocol.ipv4 where hasSRH && snapshot.isLikeLinux:
      guard checkIPv4(slot, upper, length: UInt32(count), readable: UInt32(count), trust: 0) else { return }
      queueAgain(slot, ipv4: Worker.ipv4(slot).destination, table: table)
    case IPProtocol.ipv6 where hasSRH && snapshot.isLikeLinux:
      guard checkIPv6(slot, upper, length: UInt32(count), readable: UInt32(count), table: table) else { return }
      queueAgain(slot, ipv6: Worker.ipv6(slot).destination, table: table)
    case IPProtocol.ipv4, IPProtocol.ipv6:
      sendError(aboutIPv6: slot, ICMPError(type: 1, code: 4), table: table)
      drop(slot, .localProtocol)
    default: report(slot, .localProtocol, code: 1, at: namedAt, table: table)
    }
  }

  private func checksumHolds(
    _ slot: UnsafeMutablePointer<Slot>, _ kind: UInt8, _ upper: UnsafeMutableRawPointer, count: Int
  ) -> Bool {
    let header = Worker.ipv6(slot)
    let pseudo = InternetChecksum.pseudoHeader(
      source: header.source, destination: header.destination, nextHeader: kind,
      length: UInt32(truncatingIfNeeded: count))
    return InternetChecksum.fold(InternetChecksum.sum(upper, count: count, initial: pseudo)) == 0xffff
  }

  /// Makes an echo request its reply, in its own buffer, behind a new header (RFC 4443, section 4.2).
  private mutating func answerEcho(
    ipv6 slot: UnsafeMutablePointer<Slot>, _ message: UnsafeMutableRawPointer, count: Int, table: UInt32
  ) {
    let header = Worker.ipv6(slot)
    let (source, destination, trafficClass) = (header.destination, header.source, header.trafficClass)
    // Linux routes the reply of an address of main by main.
    let isOfMain = snapshot.isLikeLinux && history(slot).pointee.hasFallenBack
    let answers = isOfMain ? 0 : answers(table, to: destination)
    let length = UInt32(truncatingIfNeeded: count)
    slot.pointee.header = message - IPv6View.byteCount
    slot.pointee.length = length &+ UInt32(IPv6View.byteCount)
    slot.pointee.readable = slot.pointee.length
    message.storeByte(ICMPv6Type.echoReply, at: 0)
    Worker.writeIPv6(
      slot.pointee.header, source: source, destination: destination, trafficClass: trafficClass, length: length)
    Worker.finishICMPv6(slot.pointee.header, length: length)
    becomeOurs(slot)
    queueAgain(slot, ipv6: destination, table: answers)
  }

  /// Drops a packet with an ICMPv6 parameter problem; `pointer` is in bytes from the IPv6 header.
  mutating func report(
    _ slot: UnsafeMutablePointer<Slot>, _ reason: DropReason, code: UInt8, at pointer: Int, table: UInt32
  ) {
    let parameter = UInt32(truncatingIfNeeded: pointer)
    sendError(
      aboutIPv6: slot, ICMPError(type: ICMPv6Type.parameterProblem, code: code, parameter: parameter), table: table)
    drop(slot, reason)
  }
}
