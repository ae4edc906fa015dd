// ICMPv6 (RFC 4443) and ICMP (RFC 792, RFC 1812) errors.

extension ReferenceNode {
  /// Drops a packet and tells its sender.
  mutating func error6(
    _ packet: Bytes, _ reason: String, type: UInt8, code: UInt8, word: Int, _ context: Context
  ) {
    if let inside = context.inside {
      var context = context
      (context.inside, context.table, context.isCounted) = (nil, inside.table, false)
      let overhead = packet.count - inside.packet.count
      return error(inside.packet, reason, type, word: type == 2 ? word - overhead : word, context)
    }
    drop(reason)
    let word = type == 2 ? word - context.inserted : word
    var packet = packet
    // Whether S12's hop shows is left open: what is quoted is as it came.
    if context.isCounted { packet[7] += 1 }
    if isErrorOrRedirect6(packet) { return }
    let sender = Bytes(packet[8..<24])
    if isLinkLocal(sender) { return }
    guard case .send(let adjacency) = lookup(sender, context.table) else { return }
    // RFC 4443, section 2.4 (c): as much as fits the minimum MTU.
    let quoted = packet.prefix(1280 - 48)
    let source = ports[adjacency.port].address6
    var message: Bytes = [type, code, 0, 0] + big(word >> 16) + big(word & 0xffff) + quoted
    let pseudo = source + sender + [0, 0] + big(message.count) + [0, 0, 0, 58]
    message.replaceSubrange(2..<4, with: big(internetChecksum(pseudo + message)))
    let header: Bytes = [0x60, 0, 0, 0] + big(message.count) + [58, 64] + source + sender
    leave(header + message, 0x86dd, adjacency)
  }

  /// The error about what is inside a tunnel that begins here (RFC 2473, section 8), by that of ICMPv6 about the outer packet.
  /// What may be fragmented is, before it is tunnelled (section 7.2).
  private mutating func error(_ packet: Bytes, _ reason: String, _ type: UInt8, word: Int, _ context: Context) {
    if packet[0] >> 4 == 6 { return error6(packet, reason, type: type, code: 0, word: word, context) }
    switch type {
    case 2 where packet[6] & 0x40 == 0: drop("fragments")
    case 2: error4(packet, reason, type: 3, code: 4, word: word, context)
    case 3: error4(packet, reason, type: 11, code: 0, word: 0, context)
    default: error4(packet, reason, type: 3, code: 0, word: 0, context)
    }
  }

  /// RFC 4443, section 2.4 (e.1, e.2): no error about an error.
  private func isErrorOrRedirect6(_ packet: Bytes) -> Bool {
    var kind = packet[6]
    var at = 40
    while [0, 43, 60, 51, 44].contains(kind) {
      guard packet.count >= at + 8 else { return false }
      if kind == 44 && number(packet, at + 2) & 0xfff8 != 0 { return false }
      let length = kind == 44 ? 8 : kind == 51 ? (Int(packet[at + 1]) + 2) * 4 : (Int(packet[at + 1]) + 1) * 8
      kind = packet[at]
      at += length
    }
    return kind == 58 && at < packet.count && (packet[at] < 128 || packet[at] == 137)
  }

  mutating func error4(
    _ packet: Bytes, _ reason: String, type: UInt8, code: UInt8, word: Int, _ context: Context
  ) {
    drop(reason)
    // RFC 1812, section 4.3.2.7.
    if number(packet, 6) & 0x1fff != 0 { return }
    let header = Int(packet[0] & 15) * 4
    if packet[9] == 1 && (packet.count == header || [3, 4, 5, 11, 12].contains(packet[header])) { return }
    let sender = Bytes(packet[12..<16])
    guard case .send(let adjacency) = lookup(sender, context.table) else { return }
    // RFC 1812, section 4.3.2.3: as much as fits 576 bytes.
    let quoted = packet.prefix(576 - 28)
    let source = ports[adjacency.port].address4
    var message: Bytes = [type, code, 0, 0] + big(word >> 16) + big(word & 0xffff) + quoted
    message.replaceSubrange(2..<4, with: big(internetChecksum(message)))
    // RFC 1812, section 4.3.2.5: the precedence of internetwork control, and the type of service that the packet had.
    let front: Bytes =
      [0x45, 0xc0 | packet[1] & 0x1e] + big(20 + message.count) + [0, 0, 0, 0, 64, 1, 0, 0] + source + sender
    leave(summed(front + message), 0x0800, adjacency)
  }
}
