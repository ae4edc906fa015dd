/// A pool of packet buffers.
public struct PoolRow: TableRow {
  /// The pool's name.
  public var pool: String
  /// Buffers in all.
  public var size: Int
  /// Buffers that are not in the pool now.
  public var inUse: Int
  /// Memory of all its buffers.
  public var bytes: Int

  /// Makes a row.
  public init(pool: String, size: Int, inUse: Int, bytes: Int) {
    self.pool = pool
    self.size = size
    self.inUse = inUse
    self.bytes = bytes
  }

  enum CodingKeys: String, CodingKey {
    case pool, size
    case inUse = "in-use"
    case bytes
  }

  /// The columns of the pools in `show memory`.
  public static var columns: [TextTable.Column] {
    [.words("pool"), .number("size"), .number("in-use"), .number("bytes")]
  }

  /// The row for people.
  public var cells: [String] { [pool, "\(size)", "\(inUse)", "\(bytes)"] }
}

/// Memory of a kind of table, all VRFs together.
public struct TableMemoryRow: TableRow {
  /// The kind: `route-cells` (both families' tries), `route-lists` (their routes as control has them) or
  /// `ipv6-hosts` (/128 routes and SIDs).
  public var table: String
  /// Bytes in use.
  public var bytes: Int

  /// The columns of the tables in `show memory`.
  public static var columns: [TextTable.Column] { [.words("table"), .number("bytes")] }

  /// The row for people.
  public var cells: [String] { [table, "\(bytes)"] }
}

/// Where memory goes, as `show memory` and `/v1/memory` have it.
public struct MemoryReport: HumanReadable, Codable, Sendable {
  /// The tables that workers look up in.
  public var tables: [TableMemoryRow]
  /// The pools of packet buffers.
  public var pools: [PoolRow]

  /// Two tables: tables and pools.
  public var text: String { tables.text + "\n" + pools.text }
}

extension StatisticsSources {
  /// Where memory goes.
  public func memoryReport(pools: [PoolRow]) -> MemoryReport {
    MemoryReport(
      tables: [
        TableMemoryRow(table: "route-cells", bytes: state.arena.bytesInUse),
        TableMemoryRow(table: "route-lists", bytes: state.fib4.routeBytesInUse + state.fib6.routeBytesInUse),
        TableMemoryRow(table: "ipv6-hosts", bytes: state.fib6.hostBytesInUse),
      ], pools: pools)
  }
}
