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

  private static var words: Int { Burst.slotLimit &* MemoryLayout<UInt32>.stride }
  private static var pointers: Int { Burst.slotLimit &* MemoryLayout<UnsafeMutablePointer<Slot>>.stride }
  static var byteCount: Int { pointers &+ 2 &* words &+ Burst.slotLimit &* MemoryLayout<Address>.stride }

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

  /// Packets that one burst may bring this node to make, each in a slot of its own.
  static var generatedLimit: Int { 64 }

  /// Fragments that one packet may be cut into.
  static var fragmentLimit: Int { 64 }

  /// Slots: for those received, then for those made here.
  static var slotLimit: Int { capacity &+ generatedLimit }

  /// Packets whose headers are fetched into the cache ahead of the one being looked at.
  static var prefetchDistance: Int { 4 }

  private let block: UnsafeMutableRawPointer
  /// What the device gave; then room for the last packet again, so that fetching ahead needs no test for the end.
  let received: UnsafeMutablePointer<Mbuf?>
  /// Packets to free, and how many.
  let dropped: UnsafeMutablePointer<Mbuf?>
  var droppedCount = 0
  /// Fragments of the packet that is being cut, by number.
  let fragments: UnsafeMutablePointer<Mbuf?>
  /// The packets, by slot.
  let slots: UnsafeMutablePointer<Slot>
  /// What befell them, by slot.
  let histories: UnsafeMutablePointer<SlotHistory>
  /// Slots of packets made here that are in use.
  var generated = 0
  /// The number of the device's port that received the packets.
  var port: UInt16 = 0
  /// Counts the bursts.
  var number: UInt64 = 0
  /// Rounds of lookups that the burst has had.
  var round = 0

  /// Packets to route by an IPv4 table.
  var ipv4: LookupQueue<UInt32>
  /// Packets to route by an IPv6 table, or to run at a SID.
  var ipv6: LookupQueue<IPv6Address>
  /// Those that came out of a SID and are to be looked up again.
  var ipv6Again: LookupQueue<IPv6Address>
  /// IPv4 packets that are to be looked up again, or for the first time after the others.
  var ipv4Again: LookupQueue<UInt32>
  /// What lookups note meanwhile.
  let scratch: UnsafeMutablePointer<UInt32>

  init() {
    let pointers = (Burst.capacity + Burst.prefetchDistance) * MemoryLayout<Mbuf?>.stride
    let slotBytes = Burst.slotLimit * MemoryLayout<Slot>.stride
    let (four, six) = (LookupQueue<UInt32>.byteCount, LookupQueue<IPv6Address>.byteCount)
    let dropBytes = Burst.slotLimit * MemoryLayout<Mbuf?>.stride
    let scratchBytes = lookupScratch * MemoryLayout<UInt32>.stride
    block = .allocate(
      byteCount: pointers + dropBytes + slotBytes + 2 * four + 2 * six + scratchBytes, alignment: 64)
    received = block.bindMemory(to: Mbuf?.self, capacity: Burst.capacity)
    dropped = (block + pointers).bindMemory(to: Mbuf?.self, capacity: Burst.slotLimit)
    slots = (block + pointers + dropBytes).bindMemory(to: Slot.self, capacity: Burst.slotLimit)
    let queues = block + pointers + dropBytes + slotBytes
    ipv4 = LookupQueue(at: queues)
    ipv6 = LookupQueue(at: queues + four)
    ipv6Again = LookupQueue(at: queues + four + six)
    ipv4Again = LookupQueue(at: queues + four + 2 * six)
    scratch = (queues + 2 * four + 2 * six).bindMemory(to: UInt32.self, capacity: lookupScratch)
    fragments = .allocate(capacity: Burst.fragmentLimit + 1)
    histories = .allocate(capacity: Burst.slotLimit)
    histories.initialize(repeating: SlotHistory(), count: Burst.slotLimit)
  }

  func deallocate() {
    block.deallocate()
    histories.deallocate()
    fragments.deallocate()
  }
}
