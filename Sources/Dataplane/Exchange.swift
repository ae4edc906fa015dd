import CDPDKShim

/// Why a worker hands a packet to control. Raw values index the counters.
@frozen public enum PuntKind: UInt8, CaseIterable, Sendable {
  /// An IP packet whose next hop has no Ethernet address yet; the note has the next hop. Its header is what it would
  /// have been sent with, but for the hop that is still to be counted.
  case neighbor
  /// ARP, from its header on; the note has the interface.
  case arp
  /// Neighbour discovery (RFC 4861), from the IPv6 header on; the note has the interface.
  case neighborDiscovery
  /// An IP packet for an address of this node in a table that has a twin; the note has that table, and the interface that
  /// received the packet or ``IngressPort/unknown``.
  case local
  /// A frame with an IP packet to a multicast group of the link, without an 802.1Q tag; the note has the interface.
  case multicast
  /// A frame of another EtherType, likewise.
  case link

  /// The name that statistics use.
  public var name: String {
    switch self {
    case .neighbor: "neighbor"
    case .arp: "arp"
    case .neighborDiscovery: "neighbor-discovery"
    case .local: "local"
    case .multicast: "multicast"
    case .link: "link"
    }
  }

  /// It goes on to the host by a TAP twin.
  public var isForHost: Bool {
    switch self {
    case .neighbor, .arp, .neighborDiscovery: false
    case .local, .multicast, .link: true
    }
  }
}

/// What a worker is to do with a packet that control gives it.
@frozen public enum ReturnKind: UInt8, Sendable {
  /// A finished frame: send it by the note's interface.
  case frame
  /// A frame without an 802.1Q tag: take it as if the note's interface had received it.
  case receive
  /// An IP packet: send it by the note's next hop.
  case route
  /// An IP packet: drop it, and tell its sender that the neighbour does not answer.
  case refuse
  /// Drop it.
  case drop
}

/// The rings between one worker and control. Packets that control gives to the worker count as generated, those that it
/// had from a worker before too: those were punted.
@frozen public struct Exchange: @unchecked Sendable {
  /// From the worker to control.
  public let punts: UnsafeMutableRawPointer
  /// From control to the worker.
  public let returns: UnsafeMutableRawPointer
  /// The worker's number, for notes.
  public let worker: UInt8
  /// How much of each kind.
  public let ticks: PuntTicks

  /// Packets that each ring holds.
  @inlinable public static var capacity: Int { 1024 }

  /// Places that what is for the host, or comes from it, leaves in a ring to ARP and neighbour discovery.
  @inlinable public static var reserve: Int { 512 }

  /// Takes rings of ``capacity``.
  public init(
    punts: UnsafeMutableRawPointer, returns: UnsafeMutableRawPointer, worker: UInt8, ticks: PuntTicks
  ) {
    self.punts = punts
    self.returns = returns
    self.worker = worker
    self.ticks = ticks
  }

  /// Whether the ring to control has a place for a packet of a kind.
  func hasRoom(for kind: PuntKind) -> Bool {
    !kind.isForHost || Int(ntl_ring_room(punts)) > Exchange.reserve
  }
}

/// Time stamp counter ticks for each packet of a kind; 0 limits nothing.
@frozen public struct PuntTicks: Sendable {
  var neighbor: UInt64
  var arp: UInt64
  var neighborDiscovery: UInt64
  var local: UInt64
  var multicast: UInt64
  var link: UInt64

  /// Asks for the ticks of each kind.
  public init(_ ticks: (PuntKind) -> UInt64) {
    neighbor = ticks(.neighbor)
    arp = ticks(.arp)
    neighborDiscovery = ticks(.neighborDiscovery)
    local = ticks(.local)
    multicast = ticks(.multicast)
    link = ticks(.link)
  }

  /// Limits nothing.
  public static var unlimited: PuntTicks { PuntTicks { _ in 0 } }
}

/// A bound for each kind of punt, so that a flood of one does not keep control from the others.
struct PuntLimiters {
  private var neighbor: ErrorLimiter
  private var arp: ErrorLimiter
  private var neighborDiscovery: ErrorLimiter
  private var local: ErrorLimiter
  private var multicast: ErrorLimiter
  private var link: ErrorLimiter

  init(ticks: PuntTicks) {
    neighbor = ErrorLimiter(ticks: ticks.neighbor)
    arp = ErrorLimiter(ticks: ticks.arp)
    neighborDiscovery = ErrorLimiter(ticks: ticks.neighborDiscovery)
    local = ErrorLimiter(ticks: ticks.local)
    multicast = ErrorLimiter(ticks: ticks.multicast)
    link = ErrorLimiter(ticks: ticks.link)
  }

  /// Packets for this node that may follow one another at once: a sender's window comes in one piece.
  private static var localDepth: UInt64 { 256 }

  mutating func take(_ kind: PuntKind, now: UInt64) -> Bool {
    switch kind {
    case .neighbor: neighbor.take(now: now)
    case .arp: arp.take(now: now)
    case .neighborDiscovery: neighborDiscovery.take(now: now)
    case .local: local.take(now: now, depth: PuntLimiters.localDepth)
    case .multicast: multicast.take(now: now)
    case .link: link.take(now: now)
    }
  }
}
