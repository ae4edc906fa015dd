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

/// Memory of one part of the lookup tables, all VRFs together.
public struct TableMemoryRow: TableRow {
  /// The part: `route-cells` (what workers look up in), `route-lists` (what those are made from), `ipv6-hosts` (/128
  /// routes and SIDs).
  public var table: String
  /// Bytes in use.
  public var bytes: Int

  /// The columns of the parts in `show memory`.
  public static var columns: [TextTable.Column] { [.words("table"), .number("bytes")] }

  /// The row for people.
  public var cells: [String] { [table, "\(bytes)"] }
}

/// Where memory goes, as `show memory` and `/v1/memory` have it.
public struct MemoryReport: HumanReadable, Codable, Sendable {
  /// The lookup tables by VRF, the main table first. The hash table of /128 routes belongs to all of them and is in none.
  public var vrfs: [VRFMemoryRow]
  /// The lookup tables by part: the same bytes, and those that no VRF has.
  public var tables: [TableMemoryRow]
  /// Bytes of all lookup tables, those that wait for being freed included.
  public var total: Int
  /// The most that ``total`` can be, in bytes (`tables: {memory-limit}`).
  public var limit: Int
  /// The pools of packet buffers.
  public var pools: [PoolRow]

  /// Three tables: VRFs, parts with total and limit, and pools.
  public var text: String {
    let all = tables + [TableMemoryRow(table: "total", bytes: total), TableMemoryRow(table: "limit", bytes: limit)]
    return [vrfs.text, all.text, pools.text].joined(separator: "\n")
  }
}

extension StatisticsSources {
  /// Where memory goes.
  public func memoryReport(pools: [PoolRow]) -> MemoryReport {
    let (arena, fib4, fib6) = (state.arena, state.fib4, state.fib6)
    return MemoryReport(
      vrfs: state.tables.indices.map { VRFMemoryRow(state, table: $0) },
      tables: [
        TableMemoryRow(table: "route-cells", bytes: arena.bytesInUse),
        TableMemoryRow(table: "route-lists", bytes: fib4.routeBytesInUse + fib6.routeBytesInUse),
        TableMemoryRow(table: "ipv6-hosts", bytes: fib6.hostBytesInUse),
      ], total: arena.totalBytes, limit: arena.limitBytes, pools: pools)
  }
}
