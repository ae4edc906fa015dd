import SRv6

/// A local SID, ready to run.
@frozen public struct LocalSID {
  /// What happens to the bytes, by segment state.
  public var program: SIDProgram
  /// Where the packet goes next.
  public var continuation: Continuation
  /// `tableLookup`: the table.
  public var table: UInt32
  /// `adjacency`: the index of the next hop.
  public var nextHop: UInt32

  /// Makes a SID from a behaviour's row and its parameters.
  public init(row: BehaviorRow, table: UInt32 = 0, nextHop: UInt32 = 0) {
    program = row.operations
    continuation = row.continuation
    self.table = table
    self.nextHop = nextHop
  }
}
