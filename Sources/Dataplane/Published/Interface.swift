/// A logical interface: a port, or an 802.1Q tag on one.
@frozen public struct Interface {
  /// The Ethernet address, the low 48 bits in host byte order.
  public var mac: UInt64
  /// The table that its packets are routed by.
  public var table: UInt32
  /// Largest layer-3 packet, bytes.
  public var mtu: UInt32
  /// Frames to any unicast address are for it.
  public var takesAnyMAC: Bool
  /// Which sources its IPv4 packets may have.
  public var rpFilter: ReversePathFilter
  /// Sources of IPv4 packets are looked up: they are filtered, or Linux's answer is wanted, which drops this node's own.
  public var looksAtSources: Bool
  /// The host has a twin of it, which takes what only concerns the link.
  public var hasTwin: Bool

  /// Makes an interface.
  public init(
    mac: UInt64, table: UInt32, mtu: UInt32, takesAnyMAC: Bool = false, rpFilter: ReversePathFilter = .off,
    looksAtSources: Bool = false, hasTwin: Bool = false
  ) {
    self.mac = mac
    self.table = table
    self.mtu = mtu
    self.takesAnyMAC = takesAnyMAC
    self.rpFilter = rpFilter
    self.looksAtSources = looksAtSources
    self.hasTwin = hasTwin
  }
}

/// A device's port as a receiver: which interface a frame belongs to.
@frozen public struct IngressPort {
  /// No interface has the tag.
  @inlinable public static var unknown: UInt16 { .max }

  /// The interface of frames without a tag or with tag 0 (priority only).
  public var untagged: UInt16
  /// 4,096 interfaces by tag, or nil where the port has no sub-interfaces.
  public var tagged: UnsafePointer<UInt16>?

  /// Makes a port.
  public init(untagged: UInt16, tagged: UnsafePointer<UInt16>?) {
    self.untagged = untagged
    self.tagged = tagged
  }
}
