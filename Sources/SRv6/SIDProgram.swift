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
  /// ``decapsulateIPv4`` where the source of what is inside is looked at.
  case decapsulateFilteredIPv4
  /// Remove the outer IPv6 header and its extension headers; what follows must be IPv6.
  case decapsulateIPv6
  /// The same for either family.
  case decapsulateAny
  /// ``decapsulateIPv4`` as Linux does it: a routing header that it cannot use counts as none, what is inside goes
  /// unchecked.
  case decapsulateIPv4AsLinux
  /// ``decapsulateIPv6`` as Linux does it.
  case decapsulateIPv6AsLinux
  /// ``decapsulateAny`` as Linux does it.
  case decapsulateAnyAsLinux
  /// The upper-layer header is next, and this behaviour has no use for any (RFC 8986, section 4.1.1).
  case upperLayer
  /// Move to the next segment.
  case advance
  /// Move to the next segment and remove the segment routing header.
  case advanceAndPop
  /// Move to the next segment and encapsulate by the SID's policy.
  case advanceAndEncapsulate
  /// Insert the segment routing header of the SID's policy.
  case insert
  /// It is no SID yet, or no more: the packet is routed on.
  case passBy

  /// What becomes of the packet, in the words of tables; `DESTINATION` stands for where the continuation sends it.
  public var words: String {
    switch self {
    case .drop: "`srh-segments-left`"
    case .upperLayer: "`wrong-next-header`"
    case .decapsulateIPv4, .decapsulateFilteredIPv4, .decapsulateIPv4AsLinux: "IPv4 inside, DESTINATION"
    case .decapsulateIPv6, .decapsulateIPv6AsLinux: "IPv6 inside, DESTINATION"
    case .decapsulateAny, .decapsulateAnyAsLinux: "IPv4 or IPv6 inside, DESTINATION"
    case .advance: "next segment, DESTINATION"
    case .advanceAndPop: "next segment without the SRH, DESTINATION"
    case .advanceAndEncapsulate: "next segment, in a tunnel of `segments`"
    case .insert: "an SRH of `segments` goes in"
    case .passBy: "routed on"
    }
  }

  /// The same as Linux does it.
  var asLinux: Operation {
    switch self {
    case .decapsulateIPv4, .decapsulateFilteredIPv4: .decapsulateIPv4AsLinux
    case .decapsulateIPv6: .decapsulateIPv6AsLinux
    case .decapsulateAny: .decapsulateAnyAsLinux
    default: self
    }
  }
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

  /// A behaviour that works while segments are left.
  public static func endpoint(_ operation: Operation) -> SIDProgram {
    SIDProgram(noSRH: .upperLayer, last: .upperLayer, penultimate: operation, transit: operation)
  }

  /// What stands where a SID is about to be, or has just been.
  public static var absent: SIDProgram {
    SIDProgram(noSRH: .passBy, last: .passBy, penultimate: .passBy, transit: .passBy)
  }

  /// The program with a behaviour's flavours (RFC 8986, section 4.16). USP alone changes nothing that can be seen: the
  /// header that it removes is behind the packet by then.
  public func with(_ flavors: Flavors) -> SIDProgram {
    let ultimate = flavors.contains(.usd) ? Operation.decapsulateAny : self[.last]
    return SIDProgram(
      noSRH: ultimate, last: ultimate, penultimate: flavors.contains(.psp) ? .advanceAndPop : self[.penultimate],
      transit: self[.transit])
  }

  /// The program as Linux runs it.
  public var asLinux: SIDProgram { atLast(\.asLinux) }

  /// The program where sources of inner IPv4 packets are filtered.
  public var filtered: SIDProgram { atLast { $0 == .decapsulateIPv4 ? .decapsulateFilteredIPv4 : $0 } }

  private func atLast(_ change: (Operation) -> Operation) -> SIDProgram {
    SIDProgram(
      noSRH: change(self[.noSRH]), last: change(self[.last]), penultimate: self[.penultimate], transit: self[.transit])
  }

  /// The operation for a segment state.
  @inlinable @inline(__always) public subscript(state: SegmentState) -> Operation {
    unsafeBitCast(UInt8(truncatingIfNeeded: packed &>> (UInt32(state.rawValue) &* 8)), to: Operation.self)
  }
}
