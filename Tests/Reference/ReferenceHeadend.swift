// RFC 8986, section 5, and Linux's insertion.

extension ReferenceNode {
  /// A segment routing header (RFC 8754, section 2) for `list`, which is in the order in which segments are visited.
  private func header(_ kind: UInt8, _ list: [Bytes], segmentsLeft: Int) -> Bytes {
    [kind, UInt8(list.count * 2), 4, UInt8(segmentsLeft), UInt8(list.count - 1), 0, 0, 0] + list.reversed().joined()
  }

  /// 5.1, H.Encaps, and 5.2, H.Encaps.Red: the first segment is in the destination address alone.
  func encapsulating(_ packet: Bytes, _ kind: UInt8, _ policy: [Bytes], isReduced: Bool, hopLimit: UInt8) -> Bytes {
    var list = policy
    if isReduced { list.removeFirst() }
    let srh = list.isEmpty ? [] : header(kind, list, segmentsLeft: policy.count - 1)
    // RFC 2473, section 6.4: the inner packet's class goes outside; the label is copied, as it is configured.
    let first: Bytes = kind == 41 ? Bytes(packet[0..<4]) : [0x60, 0, 0, 0]
    return first + big(srh.count + packet.count) + [list.isEmpty ? kind : 43, hopLimit] + encapsulationSource
      + policy[0] + srh + packet
  }

  /// The policy's header in front of all that follows the IPv6 header; the destination becomes its last segment.
  func inserting(_ packet: Bytes, _ policy: [Bytes]) -> Bytes {
    let srh = header(packet[6], policy + [Bytes(packet[24..<40])], segmentsLeft: policy.count)
    var whole = packet
    whole[6] = 43
    whole.replaceSubrange(4..<6, with: big(number(packet, 4) + srh.count))
    whole.replaceSubrange(24..<40, with: policy[0])
    whole.insert(contentsOf: srh, at: 40)
    return whole
  }

  /// "H.Encaps": steered by a route. The packet goes inside as it came, and hop limits are those of Linux's default: outside,
  /// IPv6 has the inner one and IPv4 has 64. The outer packet is looked up in main.
  mutating func steer(_ packet: Bytes, _ mode: Encapsulation, _ policy: [Bytes], _ context: Context) {
    var context = context
    context.visits += 1
    let isIPv4 = packet[0] >> 4 == 4
    if mode == .insert {
      context.table = 0
      context.inserted += 24 + 16 * policy.count
      return submit(inserting(packet, policy), context)
    }
    tunnel(packet, policy, isReduced: mode == .reduced, hopLimit: isIPv4 ? 64 : packet[7], context)
  }

  /// Pushes the outer headers and submits the packet by main; errors about it are for the sender of what is inside (RFC
  /// 2473, section 8).
  mutating func tunnel(
    _ packet: Bytes, _ policy: [Bytes], isReduced: Bool, hopLimit: UInt8, _ context: Context
  ) {
    let kind: UInt8 = packet[0] >> 4 == 4 ? 4 : 41
    let outer = encapsulating(packet, kind, policy, isReduced: isReduced, hopLimit: hopLimit)
    var context = context
    context.inside = context.inside ?? (packet, context.table)
    context.adjacency = nil
    context.table = 0
    submit(outer, context)
  }
}
