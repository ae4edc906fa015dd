/// Why a packet was not forwarded. Every packet that is received and not transmitted has exactly one.
///
/// Raw values index the counters; 0 stands for "no reason" where a reason is optional.
@frozen public enum DropReason: UInt8, CaseIterable, Sendable {
  // Layer 2
  case truncated = 1
  case giantFrame
  case noHeadroom
  case notOurMAC
  case multicast
  case unknownVLAN
  case unknownEtherType
  case puntLimited
  // Layer 3
  case ipv4Malformed
  case ipv4Checksum
  case ipv6Malformed
  case martianSource
  case martianDestination
  case beyondScope
  case rpFilter
  // SRv6 endpoint
  case srhMalformed
  case srhSegmentsLeft
  case unknownRoutingHeader
  case outerFragment
  case tooManyHeaders
  case headersTooLong
  case wrongNextHeader
  case tooManySIDs
  case ipv6Option
  // Routing
  case noRoute
  case blackhole
  case unreachable
  case prohibit
  case neighborUnresolved
  case localDestination
  case hopLimitExceeded
  case packetTooBig
  case localProtocol
  case localChecksum
  // Transmit
  case chainTooLong
  case noBuffers
  case txQueueFull
  case linkDown
}

extension DropReason {
  /// Counters that hold one number a reason have this many places; place 0 is unused.
  @inlinable public static var places: Int { 64 }

  /// The name that `show drops`, `explain` and metrics use, and what it means.
  public var text: (name: String, meaning: String) {
    switch self {
    case .truncated: ("truncated", "the frame or packet is shorter than its headers say")
    case .giantFrame: ("giant-frame", "the packet is longer than the receiving port's MTU")
    case .noHeadroom: ("no-headroom", "the device left no room in front of the packet for a new link-layer header")
    case .notOurMAC: ("not-our-mac", "the frame's destination is another Ethernet address than the port's")
    case .multicast: ("multicast", "multicast and broadcast are not routed")
    case .unknownVLAN: ("unknown-vlan", "no sub-interface has this 802.1Q tag")
    case .unknownEtherType: ("unknown-ethertype", "neither IPv4 nor IPv6")
    case .puntLimited: ("punt-limited", "more than the control thread takes for itself or the host")
    case .ipv4Malformed: ("ipv4-malformed", "IPv4 version, header length or total length is wrong")
    case .ipv4Checksum: ("ipv4-checksum", "the IPv4 header checksum is wrong")
    case .ipv6Malformed: ("ipv6-malformed", "the IPv6 version or payload length is wrong")
    case .martianSource: ("martian-source", "the source address can send no packet")
    case .martianDestination: ("martian-destination", "the destination address can receive no packet")
    case .beyondScope: ("beyond-scope", "a link-local address may not cross a router")
    case .rpFilter: ("rp-filter", "the source is not routed back to where the packet came from")
    case .srhMalformed: ("srh-malformed", "the segment routing header contradicts itself")
    case .srhSegmentsLeft: ("srh-segments-left", "segments are left at a SID whose behaviour ends the path")
    case .unknownRoutingHeader: ("unknown-routing-header", "a routing header of another type has segments left")
    case .outerFragment: ("outer-fragment", "the tunnel packet is a fragment")
    case .tooManyHeaders: ("too-many-headers", "too many IPv6 extension headers")
    case .headersTooLong: ("headers-too-long", "the headers do not fit one packet buffer")
    case .wrongNextHeader: ("wrong-next-header", "what is inside is not what the SID's behaviour takes out")
    case .tooManySIDs: ("too-many-sids", "too many of this node's SIDs and tunnels one after the other")
    case .ipv6Option: ("ipv6-option", "an IPv6 option asks for the packet to be dropped")
    case .noRoute: ("no-route", "no route in the table")
    case .blackhole: ("blackhole", "a blackhole route")
    case .unreachable: ("unreachable", "an unreachable route")
    case .prohibit: ("prohibit", "a prohibit route")
    case .neighborUnresolved: ("neighbor-unresolved", "the next hop's Ethernet address is not known")
    case .localDestination: ("local-destination", "for an address of this node, which takes no such packet")
    case .localProtocol: ("local-protocol", "for an address of this node, which has nothing that listens")
    case .localChecksum: ("local-checksum", "for an address of this node, its ICMP or UDP checksum wrong")
    case .hopLimitExceeded: ("hop-limit-exceeded", "the TTL or hop limit ran out")
    case .packetTooBig: ("packet-too-big", "longer than the MTU of the port it would leave by")
    case .chainTooLong:
      ("chain-too-long", "the device sends packets of one buffer only, and this one fills several")
    case .noBuffers: ("no-buffers", "no packet buffer was free for what the packet needs")
    case .txQueueFull: ("tx-queue-full", "the device took no more packets")
    case .linkDown: ("link-down", "the port it would leave by has no link")
    }
  }

  /// The reason's name.
  public var name: String { text.name }
}
