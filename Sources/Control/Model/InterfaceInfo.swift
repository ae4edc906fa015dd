import Dataplane
import Wire

/// A logical interface as it runs: a configured port bound to a device's port number.
public struct InterfaceInfo {
  /// The configuration's entry.
  public var entry: PortEntry
  /// The number of the device's port that carries its frames.
  public var port: UInt16
  /// Its Ethernet address, the low 48 bits in host byte order.
  public var mac: UInt64
  /// The 802.1Q tag of its frames; nil for none.
  public var tag: UInt16?

  /// Frames to any unicast address are for it: `explain` cannot know a device's own address.
  public var takesAnyMAC = false
  /// The device sends packets that lie in several buffers.
  public var takesChains = true
  /// The device's own Ethernet address, which it has when none is configured; nil where that is not known.
  public var deviceMAC: UInt64?
  /// It has been removed, and its index waits for another.
  public var isGone = false
  /// It is of a transaction that has not taken effect: nothing is received by it yet.
  var isComing = false
  /// What was counted under its index before it came.
  var countedBefore = InterfaceTally()

  /// Its link-local address: the first that it is configured with, or else the one that its Ethernet address makes
  /// (RFC 4291, appendix A).
  public var linkLocal: IPv6Address {
    linkLocals[0]
  }

  /// All of them.
  var linkLocals: [IPv6Address] {
    let configured = entry.addresses.compactMap { address -> IPv6Address? in
      if case .v6(let own, _) = address, own.isLinkLocal { own } else { nil }
    }
    if !configured.isEmpty { return configured }
    let flipped = mac ^ 0x0200_0000_0000
    let identifier = (flipped >> 24) << 40 | 0xfffe << 24 | flipped & 0xff_ffff
    return [IPv6Address(high: 0xfe80 << 48, low: identifier)]
  }

  /// The port's name.
  public var name: String { entry.name }

  /// The Ethernet header of its frames to a neighbour: 14 bytes, or 18 with a tag.
  func header(to neighbor: UInt64, etherType: UInt16) -> [UInt8] {
    var bytes = MACAddress(neighbor).networkBytes + MACAddress(mac).networkBytes
    if let tag { bytes += [0x81, 0x00, UInt8(tag >> 8), UInt8(tag & 0xff)] }
    return bytes + [UInt8(etherType >> 8), UInt8(etherType & 0xff)]
  }
}

extension InterfaceInfo {
  /// Workers receive by it.
  var isThere: Bool { !isGone && !isComing }

  /// The interfaces that are there, with their indexes, by name.
  static func byName(_ interfaces: [InterfaceInfo]) -> [(index: Int, info: InterfaceInfo)] {
    interfaces.enumerated().filter { $1.isThere }.sorted { $0.element.name < $1.element.name }
      .map { (index: $0.offset, info: $0.element) }
  }

  /// Follows its entry and, as a sub-interface, its parent.
  mutating func settle(parent: InterfaceInfo?) {
    if let parent {
      (port, takesAnyMAC, takesChains) = (parent.port, parent.takesAnyMAC, parent.takesChains)
      mac = entry.mac?.value ?? parent.mac
    } else {
      mac = entry.mac?.value ?? deviceMAC ?? mac
    }
    tag = entry.link.tag
  }

  /// Whether frames, routes and answers are those of the other.
  func isSame(as other: InterfaceInfo) -> Bool {
    entry.isSame(as: other.entry) && isThere == other.isThere && (port, mac, tag) == (other.port, other.mac, other.tag)
  }

  /// Takes it out of everything; its name stays, for packets that were on their way.
  mutating func remove() {
    isGone = true
    entry.vrf = nil
    entry.addresses = []
    entry.rpFilter = .off
  }
}
