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
  /// `adjacency`: the index of the same next hop for IPv4 packets, whose link-layer header is another.
  public var nextHopIPv4: UInt32 = 0
  /// The index of the policy that it is bound to (End.B6 and its kin).
  public var policy: UInt32

  /// A place where no SID is: its packets go to the next hop of that index, as if the prefix was not in the table.
  public static func absent(nextHop: Int) -> LocalSID {
    LocalSID(program: .absent, continuation: .adjacency, nextHop: UInt32(nextHop))
  }

  /// Makes a SID from its program and parameters.
  public init(
    program: SIDProgram, continuation: Continuation, table: UInt32 = 0, nextHop: UInt32 = 0, policy: UInt32 = 0
  ) {
    self.program = program
    self.continuation = continuation
    self.table = table
    self.nextHop = nextHop
    self.policy = policy
  }
}
