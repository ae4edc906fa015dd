/// What an outer header takes over from the packet inside.
@frozen public struct OuterRule: Sendable {
  /// Hops that the outer header begins with, of which this router takes one; nil: the inner packet's.
  public var hopLimit: UInt8?
  /// The traffic class, ECN included; nil: the inner packet's.
  public var trafficClass: UInt8?

  /// Makes a rule.
  public init(hopLimit: UInt8?, trafficClass: UInt8?) {
    self.hopLimit = hopLimit
    self.trafficClass = trafficClass
  }

  /// The outer traffic class of a packet with `inner`.
  @inline(__always) func trafficClass(of inner: UInt8) -> UInt8 { trafficClass ?? inner }

  /// The outer hop limit of a packet with `inner`; what is made here has one hop more than it is to leave with.
  @inline(__always) func hopLimit(of inner: UInt8, isOurs: Bool) -> UInt8 {
    guard let hopLimit else { return inner }
    return isOurs && hopLimit < .max ? hopLimit &+ 1 : hopLimit
  }
}
