import DPDK
import Dataplane
import Wire

/// A logical interface and its counters, as `show ports` and `/v1/ports` have it.
public struct PortRow: TableRow {
  /// The state of an interface's link.
  public enum Link: String, CaseIterable, Codable, Sendable {
    /// Frames pass.
    case up
    /// Frames do not pass.
    case down
  }

  /// The port's name.
  public var name: String
  /// The device's PCI address or vdev words; `PARENT vlan ID` of a sub-interface.
  public var device: String
  /// The driver of the device; `memory` for a port without one.
  public var driver: String
  /// The link's state.
  public var link: Link
  /// The link's speed in 10^6 bits a second; 0 where the device does not say.
  public var speed: Int
  /// The Ethernet address.
  public var mac: String
  /// Largest layer-3 packet, bytes.
  public var mtu: Int
  /// The VRF that it belongs to, or `main`.
  public var vrf: String
  /// Frames received.
  public var rxPackets: UInt64
  /// Bytes of the frames received.
  public var rxBytes: UInt64
  /// Frames that the device dropped as its receive queues were full; 0 for a sub-interface.
  public var rxMissed: UInt64
  /// Frames that the device found faulty; 0 for a sub-interface.
  public var rxErrors: UInt64
  /// Frames that the device dropped for want of a packet buffer; 0 for a sub-interface.
  public var rxNoMbuf: UInt64
  /// Frames transmitted.
  public var txPackets: UInt64
  /// Bytes of the frames transmitted.
  public var txBytes: UInt64
  /// Its twin; nil where it has none.
  public var tap: TwinRow?

  enum CodingKeys: String, CodingKey {
    case name, device, driver, link
    case speed = "speed-mbps"
    case mac, mtu, vrf
    case rxPackets = "rx-packets"
    case rxBytes = "rx-bytes"
    case rxMissed = "rx-missed"
    case rxErrors = "rx-errors"
    case rxNoMbuf = "rx-no-mbuf"
    case txPackets = "tx-packets"
    case txBytes = "tx-bytes"
    case tap
  }

  /// The counters; what the port is stands in ``settingsColumns``.
  public static var columns: [TextTable.Column] {
    [
      .words("port"), .number("rx-packets"), .number("rx-bytes"), .number("rx-missed"), .number("rx-errors"),
      .number("rx-no-mbuf"), .number("tx-packets"), .number("tx-bytes"),
    ]
  }

  /// The counters.
  public var cells: [String] {
    [name, "\(rxPackets)", "\(rxBytes)", "\(rxMissed)", "\(rxErrors)", "\(rxNoMbuf)", "\(txPackets)", "\(txBytes)"]
  }

  /// What the port is.
  static var settingsColumns: [TextTable.Column] {
    [
      .words("port"), .words("link"), .number("mbps"), .number("mtu"), .words("vrf"), .words("mac"), .words("driver"),
      .words("device"),
    ]
  }

  var settings: [String] {
    [name, link.rawValue, speed == 0 ? "-" : "\(speed)", "\(mtu)", vrf, mac, driver, device]
  }
}

/// `show ports`: what the ports are, then what they counted.
public struct PortListing: HumanReadable, Codable, Sendable {
  /// The ports, in the configuration's order.
  public var rows: [PortRow]

  /// Lists ports.
  public init(_ rows: [PortRow]) { self.rows = rows }

  /// Reads the plain array that JSON has.
  public init(from decoder: any Decoder) throws { rows = try [PortRow](from: decoder) }

  /// Writes a plain array.
  public func encode(to encoder: any Encoder) throws { try rows.encode(to: encoder) }

  /// Two tables: settings and counters; and one of the twins, if there are any.
  public var text: String {
    var settings = TextTable(PortRow.settingsColumns)
    for row in rows { settings.append(row.settings) }
    var twins = TextTable([.words("port")] + TwinRow.columns)
    for row in rows { row.tap.map { twins.append([row.name] + $0.cells) } }
    let hasTwins = rows.contains { $0.tap != nil }
    return settings.text + "\n" + rows.text + (hasTwins ? "\n" + twins.text : "")
  }
}

/// What a device says of itself, for the interface that owns it.
struct DeviceReading {
  var driver = "memory"
  var isUp = true
  var speed = 0
  var missed: UInt64 = 0
  var errors: UInt64 = 0
  var noMbuf: UInt64 = 0

  /// A port of memory: its link is up and it counts nothing.
  init() {}

  init(_ port: DevicePort, hasLink: Bool) {
    let (link, counters) = (port.link, port.statistics)
    driver = port.driver
    // What was seen of the link, which is what packets go by.
    isUp = hasLink
    speed = link.speed_mbps == .max ? 0 : Int(link.speed_mbps)
    missed = counters.rx_missed
    errors = counters.rx_errors
    noMbuf = counters.rx_no_mbuf
  }
}

extension PortRow {
  init(
    _ interface: InterfaceInfo, _ tally: InterfaceTally, _ device: DeviceReading, _ tap: TwinRow? = nil
  ) {
    let (received, transmitted) = (tally.received.shown, tally.transmitted.shown)
    var ownsDevice = true
    switch interface.entry.link {
    case .device(let words): self.device = words
    case .vlan(let parent, let id):
      self.device = "\(parent) vlan \(id)"
      ownsDevice = false
    }
    name = interface.name
    driver = device.driver
    link = device.isUp ? .up : .down
    speed = device.speed
    mac = MACAddress(interface.mac).description
    mtu = interface.entry.mtu
    vrf = interface.entry.vrf ?? "main"
    rxPackets = received.packets
    rxBytes = received.bytes
    rxMissed = ownsDevice ? device.missed : 0
    rxErrors = ownsDevice ? device.errors : 0
    rxNoMbuf = ownsDevice ? device.noMbuf : 0
    txPackets = transmitted.packets
    txBytes = transmitted.bytes
    self.tap = tap
  }
}

extension StatisticsSources {
  /// The interfaces, in the configuration's order.
  public func portRows() -> [PortRow] {
    state.configuration.ports.map { entry in
      let index = state.interfaceIndex(entry.name)
      let interface = state.interfaces[index]
      let device =
        ports[interface.port].map { DeviceReading($0, hasLink: state.hasLink(interface.port)) } ?? DeviceReading()
      return PortRow(interface, tally(interface: index) - interface.countedBefore, device, twins[index])
    }
  }
}
