import CDPDKShim
import Tables
import Wire

/// A packet buffer.
public typealias Mbuf = UnsafeMutablePointer<ntl_mbuf>

/// One packet of a burst on its way through the stages.
struct Slot {
  /// The packet's buffer; its own lengths and offset still describe what was received.
  var mbuf: Mbuf
  /// The current layer-3 header.
  var header: UnsafeMutableRawPointer
  /// Bytes of the layer-3 packet from `header` on, link-layer padding excluded.
  var length: UInt32
  /// How many of them are in the first buffer and may be read through the pointer: `length`, but for chains.
  var readable: UInt32
}

/// Lookups that wait for one batch: parallel arrays, as a table's batched lookup reads them, in one block so that one
/// register reaches them all.
struct LookupQueue<Address: BitwiseCopyable> {
  private let base: UnsafeMutableRawPointer
  var count = 0

  private static var words: Int { Burst.capacity &* MemoryLayout<UInt32>.stride }
  private static var pointers: Int { Burst.capacity &* MemoryLayout<UnsafeMutablePointer<Slot>>.stride }
  static var byteCount: Int { pointers &+ 2 &* words &+ Burst.capacity &* MemoryLayout<Address>.stride }

  init(at base: UnsafeMutableRawPointer) { self.base = base }

  var slots: UnsafeMutablePointer<UnsafeMutablePointer<Slot>> {
    @inline(__always) get { base.assumingMemoryBound(to: UnsafeMutablePointer<Slot>.self) }
  }
  var tables: UnsafeMutablePointer<UInt32> {
    @inline(__always) get { (base + Self.pointers).assumingMemoryBound(to: UInt32.self) }
  }
  var results: UnsafeMutablePointer<UInt32> {
    @inline(__always) get { (base + (Self.pointers &+ Self.words)).assumingMemoryBound(to: UInt32.self) }
  }
  var destinations: UnsafeMutablePointer<Address> {
    @inline(__always) get { (base + (Self.pointers &+ 2 &* Self.words)).assumingMemoryBound(to: Address.self) }
  }

  @inline(__always) mutating func append(
    slot: UnsafeMutablePointer<Slot>, table: UInt32, destination: Address
  ) {
    slots[count] = slot
    tables[count] = table
    destinations[count] = destination
    count &+= 1
  }
}

/// The preallocated memory of one burst.
struct Burst {
  /// Packets taken from a queue at once.
  static var capacity: Int { 64 }

  /// Packets whose headers are fetched into the cache ahead of the one being looked at.
  static var prefetchDistance: Int { 4 }

  private let block: UnsafeMutableRawPointer
  /// What the device gave; then room for the last packet again, so that fetching ahead needs no test for the end.
  let received: UnsafeMutablePointer<Mbuf?>
  /// Packets to free, and how many.
  let dropped: UnsafeMutablePointer<Mbuf?>
  var droppedCount = 0
  /// The packets, by slot.
  let slots: UnsafeMutablePointer<Slot>

  /// Packets to route by an IPv4 table.
  var ipv4: LookupQueue<UInt32>
  /// Packets to route by an IPv6 table, or to run at a SID.
  var ipv6: LookupQueue<IPv6Address>
  /// Those that came out of a SID and are to be looked up again.
  var ipv6Again: LookupQueue<IPv6Address>
  /// What lookups note meanwhile.
  let scratch: UnsafeMutablePointer<UInt32>

  init() {
    let pointers = (Burst.capacity + Burst.prefetchDistance) * MemoryLayout<Mbuf?>.stride
    let slotBytes = Burst.capacity * MemoryLayout<Slot>.stride
    let (four, six) = (LookupQueue<UInt32>.byteCount, LookupQueue<IPv6Address>.byteCount)
    let scratchBytes = lookupScratch * MemoryLayout<UInt32>.stride
    block = .allocate(byteCount: 2 * pointers + slotBytes + four + 2 * six + scratchBytes, alignment: 64)
    received = block.bindMemory(to: Mbuf?.self, capacity: Burst.capacity)
    dropped = (block + pointers).bindMemory(to: Mbuf?.self, capacity: Burst.capacity)
    slots = (block + 2 * pointers).bindMemory(to: Slot.self, capacity: Burst.capacity)
    let queues = block + 2 * pointers + slotBytes
    ipv4 = LookupQueue(at: queues)
    ipv6 = LookupQueue(at: queues + four)
    ipv6Again = LookupQueue(at: queues + four + six)
    scratch = (queues + four + 2 * six).bindMemory(to: UInt32.self, capacity: lookupScratch)
  }

  func deallocate() { block.deallocate() }
}
