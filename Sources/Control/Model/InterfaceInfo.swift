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
