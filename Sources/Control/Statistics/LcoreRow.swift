import CDPDKShim

/// A worker's time, as `show lcores` and `/v1/lcores` have it.
public struct LcoreRow: TableRow {
  /// The lcore.
  public var lcore: Int
  /// Its receive queues, as `port/queue`.
  public var queues: [String]
  /// Packets that it received.
  public var packets: UInt64
  /// Polls of all its queues.
  public var polls: UInt64
  /// Polls that found nothing.
  public var emptyPolls: UInt64
  /// Time stamp counter ticks of polls that found packets.
  public var busyCycles: UInt64
  /// `busyCycles` a packet, to one decimal place; 0 without packets.
  public var cyclesPerPacket: Double

  enum CodingKeys: String, CodingKey {
    case lcore, queues, packets, polls
    case emptyPolls = "empty-polls"
    case busyCycles = "busy-cycles"
    case cyclesPerPacket = "cycles-per-packet"
  }

  /// The columns of `show lcores`.
  public static var columns: [TextTable.Column] {
    [
      .number("lcore"), .number("packets"), .number("polls"), .number("empty-polls"), .number("busy-cycles"),
      .number("cycles/packet"), .words("queues"),
    ]
  }

  /// The row for people.
  public var cells: [String] {
    [
      "\(lcore)", "\(packets)", "\(polls)", "\(emptyPolls)", "\(busyCycles)", "\(cyclesPerPacket)",
      queues.joined(separator: " "),
    ]
  }
}

extension LcoreRow {
  init(_ worker: WorkerInfo) {
    let loop = worker.counters.loop
    lcore = worker.lcore
    queues = worker.queues
    packets = ntl_load_relaxed64(loop.pointer(to: \.packets)!)
    polls = ntl_load_relaxed64(loop.pointer(to: \.polls)!)
    emptyPolls = ntl_load_relaxed64(loop.pointer(to: \.emptyPolls)!)
    busyCycles = ntl_load_relaxed64(loop.pointer(to: \.busyCycles)!)
    cyclesPerPacket = packets == 0 ? 0 : (Double(busyCycles) / Double(packets) * 10).rounded() / 10
  }
}

extension StatisticsSources {
  /// The workers.
  public func lcoreRows() -> [LcoreRow] { workers.map { LcoreRow($0) } }
}
