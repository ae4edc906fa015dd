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

  /// The name that statistics use.
  public var name: String {
    switch self {
    case .neighbor: "neighbor"
    case .arp: "arp"
    case .neighborDiscovery: "neighbor-discovery"
    }
  }
}

/// What a worker is to do with a packet that control gives it.
@frozen public enum ReturnKind: UInt8, Sendable {
  /// A finished frame: send it by the note's interface.
  case frame
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
  /// Time stamp counter ticks for each packet of a kind; 0 limits nothing.
  public let ticks: UInt64

  /// Packets that each ring holds.
  public static let capacity = 1024

  /// Takes rings of ``capacity``.
  public init(
    punts: UnsafeMutableRawPointer, returns: UnsafeMutableRawPointer, worker: UInt8, ticks: UInt64
  ) {
    self.punts = punts
    self.returns = returns
    self.worker = worker
    self.ticks = ticks
  }
}

/// A bound for each kind of punt, so that a flood of one does not keep control from the others.
struct PuntLimiters {
  private var neighbor: ErrorLimiter
  private var arp: ErrorLimiter
  private var neighborDiscovery: ErrorLimiter

  init(ticks: UInt64) {
    neighbor = ErrorLimiter(ticks: ticks)
    arp = ErrorLimiter(ticks: ticks)
    neighborDiscovery = ErrorLimiter(ticks: ticks)
  }

  mutating func take(_ kind: PuntKind, now: UInt64) -> Bool {
    switch kind {
    case .neighbor: neighbor.take(now: now)
    case .arp: arp.take(now: now)
    case .neighborDiscovery: neighborDiscovery.take(now: now)
    }
  }
}
