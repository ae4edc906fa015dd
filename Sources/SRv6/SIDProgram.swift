/// What the segment routing header says of a packet that arrived at a SID.
@frozen public enum SegmentState: UInt8, CaseIterable, Sendable {
  /// No segment routing header.
  case noSRH
  /// Segments Left is 0.
  case last
  /// Segments Left is 1.
  case penultimate
  /// Segments Left is 2 or more.
  case transit

  /// The state for a segment routing header's Segments Left.
  @inlinable @inline(__always) public init(segmentsLeft: UInt8) {
    self = segmentsLeft == 0 ? .last : segmentsLeft == 1 ? .penultimate : .transit
  }
}

/// What a behaviour does to the bytes of a packet.
@frozen public enum Operation: UInt8, Sendable {
  /// The pseudo-code has nothing for this segment state.
  case drop
  /// Remove the outer IPv6 header and its extension headers; what follows must be IPv4.
  case decapsulateIPv4
  /// Remove the outer IPv6 header and its extension headers; what follows must be IPv6.
  case decapsulateIPv6
}

/// Where a packet goes after its ``Operation``.
@frozen public enum Continuation: UInt8, Sendable {
  /// Route it by the SID's table.
  case tableLookup
  /// Send it to the SID's adjacency.
  case adjacency
}

/// The operation for each ``SegmentState``, compiled from a behaviour's row: 8 bits a state, so that a worker's choice is
/// one shift.
@frozen public struct SIDProgram: Sendable {
  @usableFromInline let packed: UInt32

  /// Makes a program from its four operations.
  public init(noSRH: Operation, last: Operation, penultimate: Operation, transit: Operation) {
    packed =
      UInt32(noSRH.rawValue) | UInt32(last.rawValue) << 8 | UInt32(penultimate.rawValue) << 16
      | UInt32(transit.rawValue) << 24
  }

  /// A behaviour that ends the tunnel: it works on the last segment, with or without the header.
  public static func decapsulation(_ operation: Operation) -> SIDProgram {
    SIDProgram(noSRH: operation, last: operation, penultimate: .drop, transit: .drop)
  }

  /// Nothing for any state.
  public static var dropping: SIDProgram {
    SIDProgram(noSRH: .drop, last: .drop, penultimate: .drop, transit: .drop)
  }

  /// The operation for a segment state.
  @inlinable @inline(__always) public subscript(state: SegmentState) -> Operation {
    unsafeBitCast(UInt8(truncatingIfNeeded: packed &>> (UInt32(state.rawValue) &* 8)), to: Operation.self)
  }
}
