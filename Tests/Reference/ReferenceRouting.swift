// What a router does with the packets that SIDs and routes leave it with (RFC 8200, RFC 4443; RFC 791, RFC 1812, RFC 792).

extension ReferenceNode {
  mutating func receive6(_ whole: Bytes, _ context: Context) {
    if let mtu = context.mtu, whole.count > mtu { return drop("giant-frame") }
    if whole.count < 40 { return drop("truncated") }
    if whole[0] >> 4 != 6 { return drop("ipv6-malformed") }
    let length = 40 + number(whole, 4)
    if whole.count < length { return drop("truncated") }
    let packet = Bytes(whole.prefix(length))
    let (source, destination) = (Bytes(packet[8..<24]), Bytes(packet[24..<40]))
    if source[0] == 0xff || isUnspecifiedOrLoopback(source) { return drop("martian-source") }
    if destination[0] == 0xff { return drop("multicast") }
    if isUnspecifiedOrLoopback(destination) { return drop("martian-destination") }
    if isLinkLocal(destination) { return deliver() }
    submit(packet, context)
  }

  func isUnspecifiedOrLoopback(_ address: Bytes) -> Bool {
    !address.dropLast().contains { $0 != 0 } && address[15] <= 1
  }

  func isLinkLocal(_ address: Bytes) -> Bool { address[0] == 0xfe && address[1] & 0xc0 == 0x80 }

  /// "Submit the packet to the egress IPv6 FIB lookup for transmission to the new destination", or to the adjacency.
  mutating func submit(_ packet: Bytes, _ context: Context) {
    if context.visits > 8 { return drop("too-many-sids") }
    if let adjacency = context.adjacency { return send6(packet, adjacency, context) }
    let destination = Bytes(packet[24..<40])
    if destination[0] == 0xff { return drop("multicast") }
    if isUnspecifiedOrLoopback(destination) { return drop("martian-destination") }
    if isLinkLocal(destination) { return deliver() }
    switch lookup(destination, context.table) {
    case nil: error6(packet, "no-route", type: 1, code: 0, word: 0, context)
    case .local: deliver()
    case .send(let adjacency): send6(packet, adjacency, context)
    case .endpoint(let sid): process(packet, at: sid, context)
    case .policy(let mode, let segments): steer(packet, mode, segments, context)
    case .refuse(let reason):
      switch reason {
      case "unreachable": error6(packet, reason, type: 1, code: 0, word: 0, context)
      case "prohibit": error6(packet, reason, type: 1, code: 1, word: 0, context)
      default: drop(reason)
      }
    }
  }

  mutating func deliver() {
    verdict.isLocal = true
    verdict.drop = "local"
  }

  mutating func send6(_ packet: Bytes, _ adjacency: Adjacency, _ context: Context) {
    var packet = packet
    // RFC 4291, section 2.5.6: no router forwards them.
    if isLinkLocal(Bytes(packet[8..<24])) { return error6(packet, "beyond-scope", type: 1, code: 2, word: 0, context) }
    if !context.isCounted && packet[7] <= 1 {
      return error6(packet, "hop-limit-exceeded", type: 3, code: 0, word: 0, context)
    }
    let mtu = ports[adjacency.port].mtu
    if packet.count > mtu { return error6(packet, "packet-too-big", type: 2, code: 0, word: mtu, context) }
    if !context.isCounted { packet[7] -= 1 }
    leave(packet, 0x86dd, adjacency)
  }

  mutating func leave(_ packet: Bytes, _ etherType: Int, _ adjacency: Adjacency) {
    verdict.frames.append(
      Frame(port: adjacency.port, bytes: adjacency.mac + ports[adjacency.port].mac + big(etherType) + packet))
  }

  mutating func receive4(_ whole: Bytes, _ context: Context) {
    if let mtu = context.mtu, whole.count > mtu { return drop("giant-frame") }
    if whole.count < 20 { return drop("truncated") }
    let header = Int(whole[0] & 15) * 4
    let length = number(whole, 2)
    if whole[0] >> 4 != 4 || header < 20 || length < header { return drop("ipv4-malformed") }
    if whole.count < length { return drop("truncated") }
    let packet = Bytes(whole.prefix(length))
    if internetChecksum(Bytes(packet.prefix(header))) != 0 { return drop("ipv4-checksum") }
    let (source, destination) = (Bytes(packet[12..<16]), Bytes(packet[16..<20]))
    if source[0] == 127 || source[0] == 0 || source[0] >> 4 == 14 || source == [255, 255, 255, 255] {
      return drop("martian-source")
    }
    if destination[0] >> 4 == 14 || destination == [255, 255, 255, 255] { return drop("multicast") }
    if destination[0] == 127 || destination[0] == 0 { return drop("martian-destination") }
    if let adjacency = context.adjacency { return send4(packet, adjacency, context) }
    switch lookup(destination, context.table) {
    case nil: error4(packet, "no-route", type: 3, code: 0, word: 0, context)
    case .local: deliver()
    case .send(let adjacency): send4(packet, adjacency, context)
    case .endpoint: preconditionFailure("SIDs are IPv6")
    case .policy(let mode, let segments): steer(packet, mode, segments, context)
    case .refuse(let reason):
      switch reason {
      case "unreachable": error4(packet, reason, type: 3, code: 1, word: 0, context)
      case "prohibit": error4(packet, reason, type: 3, code: 13, word: 0, context)
      default: drop(reason)
      }
    }
  }

  mutating func send4(_ packet: Bytes, _ adjacency: Adjacency, _ context: Context) {
    if packet[8] <= 1 { return error4(packet, "hop-limit-exceeded", type: 11, code: 0, word: 0, context) }
    let mtu = ports[adjacency.port].mtu
    if packet.count > mtu && packet[6] & 0x40 != 0 {
      return error4(packet, "packet-too-big", type: 3, code: 4, word: mtu, context)
    }
    var packet = packet
    packet[8] -= 1
    for fragment in fragments(packet, mtu) { leave(summed(fragment), 0x0800, adjacency) }
  }

  /// RFC 791, section 3.2: pieces whose data is a multiple of 8 bytes, but for the last.
  func fragments(_ packet: Bytes, _ mtu: Int) -> [Bytes] {
    if packet.count <= mtu { return [packet] }
    let header = Int(packet[0] & 15) * 4
    let field = number(packet, 6)
    var pieces: [Bytes] = []
    var at = header
    while at < packet.count {
      let isFirst = at == header
      var head = Bytes(packet.prefix(header))
      if !isFirst { head = onlyCopiedOptions(head) }
      let room = (mtu - head.count) & ~7
      let count = packet.count - at <= mtu - head.count ? packet.count - at : room
      let isLast = at + count == packet.count
      let offset = field & 0x1fff + (at - header) / 8
      head.replaceSubrange(2..<4, with: big(head.count + count))
      head.replaceSubrange(6..<8, with: big(field & 0xe000 | (isLast ? 0 : 0x2000) | offset))
      pieces.append(head + packet[at..<at + count])
      at += count
    }
    return pieces
  }

  /// RFC 791, section 3.1: an option goes into every fragment if its type says so, else into the first alone. The room of
  /// others is filled by no-operations.
  private func onlyCopiedOptions(_ header: Bytes) -> Bytes {
    var header = header
    var at = 20
    while at < header.count && header[at] != 0 {
      let length = header[at] == 1 || at + 1 == header.count ? 1 : max(Int(header[at + 1]), 2)
      let end = min(at + length, header.count)
      if header[at] & 0x80 == 0 { header.replaceSubrange(at..<end, with: Bytes(repeating: 1, count: end - at)) }
      at = end
    }
    return header
  }

  func summed(_ packet: Bytes) -> Bytes {
    var packet = packet
    packet.replaceSubrange(10..<12, with: [0, 0])
    packet.replaceSubrange(10..<12, with: big(internetChecksum(Bytes(packet.prefix(Int(packet[0] & 15) * 4)))))
    return packet
  }
}
