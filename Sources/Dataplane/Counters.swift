import CDPDKShim
import Glibc

/// Packets and bytes.
@frozen public struct Tally: Sendable {
  /// Packets.
  public var packets: UInt64 = 0
  /// Bytes of those packets.
  public var bytes: UInt64 = 0

  /// Zero, unless told.
  public init(packets: UInt64 = 0, bytes: UInt64 = 0) {
    self.packets = packets
    self.bytes = bytes
  }
}

extension UnsafeMutablePointer<Tally> {
  /// Counts a packet of `length` bytes; control may be reading.
  @inline(__always) func add(_ length: UInt32) { add(packets: 1, bytes: UInt64(length)) }

  /// Counts several packets of `bytes` bytes together.
  @inline(__always) func add(packets: Int, bytes: UInt64) {
    let words = UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt64.self)
    ntl_count(words, UInt64(truncatingIfNeeded: packets))
    ntl_count(words + 1, bytes)
  }

  /// Takes back what was counted too early.
  @inline(__always) func remove(_ length: UInt32) {
    add(packets: -1, bytes: 0 &- UInt64(length))
  }
}

extension UnsafeMutablePointer<InterfaceTally> {
  /// The received frames.
  @inline(__always) var received: UnsafeMutablePointer<Tally> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Tally.self)
  }

  /// The transmitted frames, which come second.
  @inline(__always) var transmitted: UnsafeMutablePointer<Tally> { received + 1 }
}

/// What a logical interface received and transmitted; bytes are those of whole frames.
@frozen public struct InterfaceTally: Sendable {
  /// Received frames.
  public var received = Tally()
  /// Transmitted frames.
  public var transmitted = Tally()

  /// Zero.
  public init() {}
}

/// How a worker spent its time.
@frozen public struct LoopTally: Sendable {
  /// Polls of all its queues.
  public var polls: UInt64 = 0
  /// Polls that found nothing.
  public var emptyPolls: UInt64 = 0
  /// Packets received.
  public var packets: UInt64 = 0
  /// Time stamp counter ticks of polls that found packets.
  public var busyCycles: UInt64 = 0

  /// Zero.
  public init() {}
}

/// The counters of one worker: it alone writes them, control reads them at any time.
///
/// Every array is reserved address space that becomes memory where it is first written, so that its size need not be
/// known and no counter ever moves.
@frozen public struct WorkerCounters: @unchecked Sendable {
  /// Most interfaces.
  public static let interfaceLimit = 65_535
  /// Most tables.
  public static let tableLimit = 65_536
  /// Most local SIDs.
  public static let sidLimit = 1 << 22
  /// Most headend routes.
  public static let headendLimit = 1 << 22

  /// Drops by ``DropReason/rawValue``.
  public let drops: UnsafeMutablePointer<UInt64>
  /// By interface.
  public let interfaces: UnsafeMutablePointer<InterfaceTally>
  /// Packets that were received by a table's VRF: from its ports and out of its tunnels; layer-3 bytes.
  public let tables: UnsafeMutablePointer<Tally>
  /// Packets that matched a SID and were processed (RFC 8986, section 6); bytes of the outer IPv6 packet.
  public let sids: UnsafeMutablePointer<Tally>
  /// Packets that matched a SID and were not processed (RFC 8986, section 6).
  public let sidErrors: UnsafeMutablePointer<UInt64>
  /// Packets that a headend route encapsulated; bytes of those packets before.
  public let headends: UnsafeMutablePointer<Tally>
  /// Packets that matched a headend route and were not encapsulated.
  public let headendErrors: UnsafeMutablePointer<UInt64>
  /// Packets that this node made: ICMP errors, fragments but for the first of each packet, and what control gave to
  /// the worker.
  public let generated: UnsafeMutablePointer<UInt64>
  /// Packets that were handed to control, by ``PuntKind/rawValue``.
  public let punted: UnsafeMutablePointer<UInt64>
  /// Packets that control should have had and that were more than its limits, by ``PuntKind/rawValue``; each is a drop too.
  public let puntsLimited: UnsafeMutablePointer<UInt64>
  /// The worker's time.
  public let loop: UnsafeMutablePointer<LoopTally>

  /// Reserves the counters, all zero; nil when address space ends.
  public init?() {
    guard let drops = reserve(UInt64.self, DropReason.places),
      let interfaces = reserve(InterfaceTally.self, WorkerCounters.interfaceLimit),
      let tables = reserve(Tally.self, WorkerCounters.tableLimit),
      let sids = reserve(Tally.self, WorkerCounters.sidLimit),
      let sidErrors = reserve(UInt64.self, WorkerCounters.sidLimit),
      let headends = reserve(Tally.self, WorkerCounters.headendLimit),
      let headendErrors = reserve(UInt64.self, WorkerCounters.headendLimit),
      let generated = reserve(UInt64.self, 1),
      let punted = reserve(UInt64.self, PuntKind.allCases.count),
      let puntsLimited = reserve(UInt64.self, PuntKind.allCases.count),
      let loop = reserve(LoopTally.self, 1)
    else { return nil }
    self.drops = drops
    self.interfaces = interfaces
    self.tables = tables
    self.sids = sids
    self.sidErrors = sidErrors
    self.headends = headends
    self.headendErrors = headendErrors
    self.generated = generated
    self.punted = punted
    self.puntsLimited = puntsLimited
    self.loop = loop
  }

  /// Gives the counters' memory back.
  public func deallocate() {
    release(drops, DropReason.places)
    release(interfaces, WorkerCounters.interfaceLimit)
    release(tables, WorkerCounters.tableLimit)
    release(sids, WorkerCounters.sidLimit)
    release(sidErrors, WorkerCounters.sidLimit)
    release(headends, WorkerCounters.headendLimit)
    release(headendErrors, WorkerCounters.headendLimit)
    release(generated, 1)
    release(punted, PuntKind.allCases.count)
    release(puntsLimited, PuntKind.allCases.count)
    release(loop, 1)
  }
}

/// Zeroed address space for `count` elements, page-aligned; nil when there is none.
private func reserve<Element>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element>? {
  let byteCount = max(count, 1) * MemoryLayout<Element>.stride
  let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
  guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
    return nil
  }
  return memory.bindMemory(to: Element.self, capacity: count)
}

private func release<Element>(_ memory: UnsafeMutablePointer<Element>, _ count: Int) {
  munmap(memory, max(count, 1) * MemoryLayout<Element>.stride)
}
