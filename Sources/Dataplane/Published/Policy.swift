/// An SR policy ready to apply: what a headend route, or a SID of the End.B6 kind, puts around or into a packet.
@frozen public struct Policy {
  /// What the flow label of an outer header is made of.
  @frozen public enum FlowLabel: UInt8, Sendable {
    /// Zero.
    case zero
    /// The inner packet's; 0 for IPv4.
    case copy
    /// A hash of the inner flow.
    case hash
  }

  /// The finished header, but for what depends on the packet.
  public var template: UnsafePointer<UInt8>
  /// Its bytes.
  public var byteCount: UInt32
  /// The offset in it of the byte that names what is inside.
  public var namedAt: UInt32
  /// The first segment, 16 bytes in network byte order.
  public var first: UnsafePointer<UInt8>
  /// A segment routing header is inserted; else the packet is encapsulated.
  public var inserts: Bool
  /// The outer flow label.
  public var flowLabel: FlowLabel
  /// What the outer header says of an IPv4 packet.
  public var ipv4: OuterRule
  /// What the outer header says of an IPv6 packet.
  public var ipv6: OuterRule

  /// Makes a policy.
  public init(
    template: UnsafePointer<UInt8>, byteCount: UInt32, namedAt: UInt32, first: UnsafePointer<UInt8>, inserts: Bool,
    flowLabel: FlowLabel, ipv4: OuterRule, ipv6: OuterRule
  ) {
    self.template = template
    self.byteCount = byteCount
    self.namedAt = namedAt
    self.first = first
    self.inserts = inserts
    self.flowLabel = flowLabel
    self.ipv4 = ipv4
    self.ipv6 = ipv6
  }
}
