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

  /// The port's name.
  public var name: String { entry.name }

  /// The Ethernet header of its frames to a neighbour: 14 bytes, or 18 with a tag.
  func header(to neighbor: UInt64, etherType: UInt16) -> [UInt8] {
    var bytes = MACAddress(neighbor).bytes + MACAddress(mac).bytes
    if let tag { bytes += [0x81, 0x00, UInt8(tag >> 8), UInt8(tag & 0xff)] }
    return bytes + [UInt8(etherType >> 8), UInt8(etherType & 0xff)]
  }
}

extension MACAddress {
  /// The six bytes in network byte order.
  var bytes: [UInt8] { stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) } }
}
