/// A port's twin and its counters, as `show ports` and `/v1/ports` have it.
public struct TwinRow: TableRow {
  /// The name of the TAP device.
  public var name: String
  /// The path of its network namespace; nil is this process's own.
  public var namespace: String?
  /// Frames that the kernel got.
  public var toHostPackets: UInt64
  /// Bytes of the frames that the kernel got.
  public var toHostBytes: UInt64
  /// Frames that the kernel did not take.
  public var toHostDrops: UInt64
  /// Frames of the kernel's that workers got.
  public var fromHostPackets: UInt64
  /// Bytes of the frames of the kernel's that workers got.
  public var fromHostBytes: UInt64
  /// Frames of the kernel's that were longer than the port's MTU, or for which there was no packet buffer.
  public var fromHostDrops: UInt64

  enum CodingKeys: String, CodingKey {
    case name
    case namespace = "netns"
    case toHostPackets = "to-host-packets"
    case toHostBytes = "to-host-bytes"
    case toHostDrops = "to-host-drops"
    case fromHostPackets = "from-host-packets"
    case fromHostBytes = "from-host-bytes"
    case fromHostDrops = "from-host-drops"
  }

  /// The columns, which stand behind the port's name.
  public static var columns: [TextTable.Column] {
    [
      .words("tap"), .words("netns"), .number("to-packets"), .number("to-bytes"), .number("to-drops"),
      .number("from-packets"), .number("from-bytes"), .number("from-drops"),
    ]
  }

  /// The twin and its counters.
  public var cells: [String] {
    [
      name, namespace ?? "-", "\(toHostPackets)", "\(toHostBytes)", "\(toHostDrops)", "\(fromHostPackets)",
      "\(fromHostBytes)", "\(fromHostDrops)",
    ]
  }
}
