import Wire

/// What happened to a packet, step by step, for `explain`.
@frozen public enum TraceStep: Sendable {
  /// Processed at the local SID of that index.
  case sid(index: UInt32)
  /// Routed by a table; `nextHop` is the target's index, or that of the member where the target is a group.
  case routeIPv4(table: UInt32, destination: IPv4Address, target: RouteTarget, nextHop: UInt32)
  /// Routed by a table; `nextHop` is the target's index, or that of the member where the target is a group.
  case routeIPv6(table: UInt32, destination: IPv6Address, target: RouteTarget, nextHop: UInt32)
  /// Handed to a SID's adjacency, the next hop of that index.
  case adjacency(nextHop: UInt32)
  /// A policy applied, by index.
  case encapsulate(policy: UInt32)
  /// An ICMP error made about the packet.
  case icmpError(isIPv6: Bool, type: UInt8, code: UInt8)
  /// Delivered to this node.
  case local
  /// Looked up in main, as its table has no route.
  case fallback
  /// Cut into fragments.
  case fragments(UInt32)
  /// Handed to control.
  case punt(PuntKind)
  /// Given to an interface for transmission.
  case transmit(interface: UInt16)
  /// Dropped.
  case drop(DropReason)
}

/// A preallocated list of trace steps; steps beyond its end are not kept.
@frozen public struct TraceBuffer {
  let steps: UnsafeMutablePointer<TraceStep>
  let capacity: Int
  var used = 0

  /// Makes an empty list.
  public init(capacity: Int) {
    steps = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  mutating func append(_ step: TraceStep) {
    guard used < capacity else { return }
    (steps + used).initialize(to: step)
    used += 1
  }

  /// The steps since the last call, oldest first.
  public mutating func drain() -> [TraceStep] {
    defer { used = 0 }
    return Array(UnsafeBufferPointer(start: steps, count: used))
  }
}
