/// What happened to a packet of the burst under way that later stages must know, kept beside the slots: nearly no packet
/// has any. It counts only where `burst` is the number of the burst under way.
struct SlotHistory {
  /// The burst that wrote it.
  var burst: UInt64 = 0
  /// The table by which the packet came, where main was asked instead or it was encapsulated.
  var table: UInt32 = 0
  /// Bytes of outer header that this node has put around the packet.
  var overhead: UInt32 = 0
  /// It came out of a tunnel, which its place in the buffer shows no longer.
  var isInner = false
  /// Bytes of segment routing header that this node has put into it.
  var inserted: UInt32 = 0
  /// The interface that received it, where that is not the one of its port's untagged frames and it is asked for.
  var ingress = IngressPort.unknown
  /// Main was asked because `table` had no route.
  var hasFallenBack = false
  /// A SID of ours moved it to its next segment.
  var hasAdvanced = false
  /// The packet's length where a SID of ours moved it on and has not counted its hop, which transmission does; what comes
  /// out of it is shorter.
  var uncountedLength: UInt32 = 0
  /// This node made it: it has one hop more than it is to leave with.
  var isOurs = false
}

/// The histories of a burst. Small, so that who is not to copy a worker can be given them.
struct SlotHistories {
  let first: UnsafeMutablePointer<SlotHistory>
  let slots: UnsafeMutablePointer<Slot>
  let burst: UInt64

  /// What befell the packet in this burst.
  func of(_ slot: UnsafeMutablePointer<Slot>) -> UnsafeMutablePointer<SlotHistory> {
    let history = first + (slot - slots)
    if history.pointee.burst != burst {
      history.pointee = SlotHistory()
      history.pointee.burst = burst
    }
    return history
  }
}

/// A bound on the ICMP errors of one worker (RFC 4443, section 2.4 (f); RFC 1812, section 4.3.2.8): a token bucket.
public struct ErrorLimiter {
  /// Errors that may follow one another at once.
  static var depth: UInt64 { 64 }

  /// Time stamp counter ticks for each error; 0 limits nothing.
  let ticks: UInt64
  private var emptyAt: UInt64 = 0

  /// Makes a full bucket.
  ///
  /// - Parameter ticks: Time stamp counter ticks for each error; 0 limits nothing.
  public init(ticks: UInt64) { self.ticks = ticks }

  /// Takes a token; false: there is none.
  ///
  /// - Parameter depth: Tokens of a full bucket.
  mutating func take(now: UInt64, depth: UInt64 = ErrorLimiter.depth) -> Bool {
    if ticks == 0 { return true }
    let depth = depth &* ticks
    // `emptyAt` lies a full bucket's time ahead of now at most.
    let start = emptyAt > now ? emptyAt : now
    if start &+ ticks > now &+ depth { return false }
    emptyAt = start &+ ticks
    return true
  }
}
