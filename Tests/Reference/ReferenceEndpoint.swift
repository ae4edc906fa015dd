// RFC 8986, section 4, and the walk that leads there (RFC 8200, section 4).

extension ReferenceNode {
  /// A segment routing header as it stands in a packet (RFC 8754, section 2).
  struct SRH {
    var at: Int
    var length: Int
    var segmentsLeft: Int
    var lastEntry: Int
  }

  /// "When N receives a packet whose IPv6 DA is S": the headers in their order, each processed before the next is looked at.
  mutating func process(_ packet: Bytes, at sid: Endpoint, _ context: Context) {
    var kind = packet[6]
    var at = 40
    // Where the Next Header field that says `kind` stands.
    var named = 6
    var headers = 0
    // Segments Left of a header that contradicts itself, but had no segments left. The pseudo-code of End does not look at its
    // other fields; nothing is taken for the upper layer behind it.
    var malformed: Int?
    while true {
      switch kind {
      case 0, 43, 44, 51, 60:
        headers += 1
      default:
        // No more than eight are passed on the way to what is inside.
        if headers > 8 { return drop("too-many-headers") }
        if let malformed { return error6(packet, "srh-malformed", type: 4, code: 0, word: malformed, context) }
        return upperLayer(packet, kind, at, sid, context)
      }
      guard packet.count >= at + 8 else { return drop("truncated") }
      let length = kind == 44 ? 8 : kind == 51 ? (Int(packet[at + 1]) + 2) * 4 : (Int(packet[at + 1]) + 1) * 8
      guard packet.count >= at + length else { return drop("truncated") }
      verdict.headerBytes = max(verdict.headerBytes, at + length)
      switch kind {
      // RFC 8200, section 4: the type 0 in any header but the IPv6 header.
      case 0 where named != 6:
        return error6(packet, "wrong-next-header", type: 4, code: 1, word: named, context)
      case 0 where !context.isOuter: break
      case 0, 60:
        if !obeys(packet, options: at, length, context) { return }
      case 44:
        // Fragments are put together by the destination before what is behind them can be processed (RFC 8200, section 4.5);
        // a packet of one fragment is whole (RFC 6946).
        if number(packet, at + 2) & 0xfff9 != 0 { return drop("outer-fragment") }
      case 43 where packet[at + 2] != 4:
        if packet[at + 3] != 0 {
          return error6(packet, "unknown-routing-header", type: 4, code: 0, word: at + 2, context)
        }
      case 43:
        let srh = SRH(at: at, length: length, segmentsLeft: Int(packet[at + 3]), lastEntry: Int(packet[at + 4]))
        if srh.segmentsLeft == 0 {
          if isMalformed(packet, srh) { malformed = malformed ?? at + 3 }
          if let malformed, !sid.isTransit {
            return error6(packet, "srh-malformed", type: 4, code: 0, word: malformed, context)
          }
        } else {
          return segmentsAreLeft(packet, srh, named, sid, context)
        }
      default: break
      }
      kind = packet[at]
      named = at
      at += length
    }
  }

  /// What RFC 8754, section 2, rules out, and the check of RFC 8986, section 4.1, S09.
  private func isMalformed(_ packet: Bytes, _ srh: SRH) -> Bool {
    let maxLE = srh.length / 16 - 1
    return srh.lastEntry > maxLE || srh.segmentsLeft > srh.lastEntry + 1 || !tlvsFit(packet, srh)
  }

  /// "When an SRH is processed" and Segments Left is not 0.
  private mutating func segmentsAreLeft(
    _ packet: Bytes, _ srh: SRH, _ named: Int, _ sid: Endpoint, _ context: Context
  ) {
    let isMalformed = isMalformed(packet, srh)
    if !sid.isTransit {
      // 4.4 to 4.8, S02 and S03; the same message for either fault.
      let reason = isMalformed ? "srh-malformed" : "srh-segments-left"
      return error6(packet, reason, type: 4, code: 0, word: srh.at + 3, context)
    }
    // S05
    if packet[7] <= 1 {
      return error6(packet, "hop-limit-exceeded", type: 3, code: 0, word: 0, context)
    }
    // S09
    if isMalformed { return error6(packet, "srh-malformed", type: 4, code: 0, word: srh.at + 3, context) }
    var context = context
    context.visits += 1
    context.table = 0
    var packet = packet
    // S12
    packet[7] -= 1
    context.isCounted = true
    if sid.behavior == .endB6 {
      // Linux inserts the policy in front of what is there, which stays at its segment.
      context.inserted += 24 + 16 * sid.policy.count
      return submit(inserting(packet, sid.policy), context)
    }
    // S13, S14
    packet[srh.at + 3] -= 1
    let segment = srh.at + 8 + 16 * Int(packet[srh.at + 3])
    packet.replaceSubrange(24..<40, with: packet[segment..<segment + 16])
    // 4.16.1, S14.1 to S14.4
    if sid.isPSP && packet[srh.at + 3] == 0 {
      packet[named] = packet[srh.at]
      packet.replaceSubrange(4..<6, with: big(number(packet, 4) - srh.length))
      packet.removeSubrange(srh.at..<srh.at + srh.length)
      // What a header was taken from counts as come from elsewhere.
      context.isOuter = false
    }
    switch sid.behavior {
    case .endX: context.adjacency = sid.adjacency
    case .endT: context.table = sid.table
    // 4.13 and 4.14, S15 to S18
    case .endB6Encaps, .endB6EncapsRed:
      return tunnel(packet, sid.policy, isReduced: sid.behavior == .endB6EncapsRed, hopLimit: packet[7], context)
    default: break
    }
    submit(packet, context)
  }

  /// RFC 8754, section 2.1: TLVs fill the header up behind the segment list.
  private func tlvsFit(_ packet: Bytes, _ srh: SRH) -> Bool {
    var at = srh.at + 8 + 16 * (srh.lastEntry + 1)
    let end = srh.at + srh.length
    while at < end {
      if packet[at] == 0 {
        at += 1
      } else {
        if at + 2 > end { return false }
        at += 2 + Int(packet[at + 1])
      }
    }
    return at == end
  }

  /// "When processing the Upper-Layer header".
  private mutating func upperLayer(
    _ packet: Bytes, _ kind: UInt8, _ at: Int, _ sid: Endpoint, _ context: Context
  ) {
    var context = context
    context.visits += 1
    let takesOut: Bool
    switch sid.behavior {
    case .endDX6:
      takesOut = kind == 41
      context.adjacency = sid.adjacency
    case .endDX4:
      takesOut = kind == 4
      context.adjacency = sid.adjacency
    case .endDT6, .endDT4, .endDT46:
      takesOut = kind == 41 && sid.behavior != .endDT4 || kind == 4 && sid.behavior != .endDT6
      context.table = sid.table
    // 4.16.3
    case .end: takesOut = sid.isUSD && (kind == 4 || kind == 41)
    case .endX:
      takesOut = sid.isUSD && (kind == 4 || kind == 41)
      context.adjacency = sid.adjacency
    case .endT:
      takesOut = sid.isUSD && (kind == 4 || kind == 41)
      context.table = sid.table
    default: takesOut = false
    }
    guard takesOut else {
      // 4.1.1, S04: code 4 is "SR Upper-layer Header Error".
      context.table = 0
      return error6(packet, "wrong-next-header", type: 4, code: 4, word: at, context)
    }
    context.isCounted = false
    context.mtu = nil
    context.isOuter = false
    (context.inside, context.inserted) = (nil, 0)
    let inner = Bytes(packet[at...])
    if kind == 4 { receive4(inner, context) } else { receive6(inner, context) }
  }

  /// Obeys options (RFC 8200, section 4.2); false: the packet is dropped. One that overruns its header is malformed, and nobody
  /// is told.
  private mutating func obeys(_ packet: Bytes, options start: Int, _ length: Int, _ context: Context) -> Bool {
    var at = start + 2
    let end = start + length
    while at < end {
      if packet[at] == 0 {
        at += 1
        continue
      }
      if at + 2 > end || at + 2 + Int(packet[at + 1]) > end {
        drop("ipv6-option")
        return false
      }
      switch packet[at] >> 6 {
      case 1: drop("ipv6-option")
      // No destination here is multicast, so that 10 and 11 are the same.
      case 2, 3: error6(packet, "ipv6-option", type: 4, code: 2, word: at, context)
      default: break
      }
      if verdict.drop != nil { return false }
      at += 2 + Int(packet[at + 1])
    }
    return true
  }
}
