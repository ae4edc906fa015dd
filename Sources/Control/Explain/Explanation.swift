import Dataplane

/// What became of one packet.
public struct Explanation: Encodable {
  /// A frame that left because of the packet.
  public struct Transmitted: Encodable {
    /// The port it left by.
    public var port: String
    /// Its bytes from the Ethernet header on.
    public var frame: [UInt8]

    private enum Key: String, CodingKey { case port, frame }

    /// The frame as lower-case hex.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(port, forKey: .port)
      try container.encode(hex, forKey: .frame)
    }

    /// The frame as lower-case hex.
    public var hex: String { frame.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
  }

  /// The packet's number, from 0 over all files.
  public var packet: Int
  /// The port that received it.
  public var port: String
  /// Every frame that left because of it, in order.
  public var transmitted: [Transmitted] = []
  /// The drop reason's name; nil when it was not dropped.
  public var drop: String?
  /// It waits for its next hop's neighbour to answer.
  public var isQueued = false
  /// What happened, step by step.
  public var steps: [String] = []

  init(packet: Int, port: String) {
    self.packet = packet
    self.port = port
  }

  private enum Key: String, CodingKey {
    case packet, port, drop, queued, steps
    case transmitted = "tx"
  }

  /// One object a packet; `drop` is there even when it is null, `queued` when it is true.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(packet, forKey: .packet)
    try container.encode(port, forKey: .port)
    try container.encode(transmitted, forKey: .transmitted)
    try container.encode(drop, forKey: .drop)
    if isQueued { try container.encode(true, forKey: .queued) }
    try container.encode(steps, forKey: .steps)
  }

  /// The same for people.
  public var text: String {
    var lines = ["packet \(packet) received by \(port)"]
    lines += steps.map { "  \($0)" }
    lines += transmitted.map { "  \($0.port) < \($0.hex)" }
    return lines.joined(separator: "\n")
  }
}

extension ForwardingState {
  /// A trace step in words.
  func describe(_ step: TraceStep) -> String {
    switch step {
    case .sid(let index):
      return sids.entries[Int(index)].map { "sid \($0.name) \($0.action)" } ?? "sid"
    case .routeIPv4(let table, let destination, let target, let nextHop):
      return describe(route: target, table: Int(table), to: .v4(destination), by: Int(nextHop))
    case .routeIPv6(let table, let destination, let target, let nextHop):
      return describe(route: target, table: Int(table), to: .v6(destination), by: Int(nextHop))
    case .adjacency(let nextHop): return "adjacency \(describe(nextHop: Int(nextHop)))"
    case .encapsulate(let policy): return "encap \(policies[Int(policy)].words)"
    case .icmpError(let isIPv6, let type, let code): return "\(isIPv6 ? "icmpv6" : "icmp") type \(type) code \(code)"
    case .local: return "local"
    case .fallback: return "fallback to main"
    case .fragments(let count): return "fragments \(count)"
    case .punt(let kind): return kind == .neighbor ? "wait for the neighbour" : "punt \(kind.name)"
    case .transmit(let interface): return "tx \(interfaces[Int(interface)].name)"
    case .drop(let reason): return "drop \(reason.name): \(reason.text.meaning)"
    }
  }

  /// The route that a lookup took: the prefix comes from the control side's list, the target from the worker's cells.
  private func describe(route target: RouteTarget, table: Int, to address: IPAddress, by nextHop: Int) -> String {
    guard !target.isNone, let match = longestMatch(table: table, address) else {
      return "no route to \(address) in \(describe(table: table))"
    }
    guard match.target == target else {
      return "route \(match.prefix) is not what the table holds: this is a fault of needletail, please report it"
    }
    return "route \(match.prefix) \(describe(nextHop: nextHop))"
  }
}
