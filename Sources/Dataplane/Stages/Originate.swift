import CDPDKShim
import Wire

// Packets that this node makes: a buffer, a slot, a source address.

extension Worker {
  /// A slot for a packet of `length` bytes from its IP header on, whose bytes are still to be written: all of them; nil
  /// where no buffer is free or the burst has made enough.
  mutating func makePacket(_ length: UInt32) -> UnsafeMutablePointer<Slot>? {
    guard let pool, burst.generated < Burst.generatedLimit, burst.round < Worker.roundLimit,
      let mbuf = ntl_mbuf_alloc(pool)
    else { return nil }
    mbuf.pointee.data_len = UInt16(truncatingIfNeeded: length)
    mbuf.pointee.pkt_len = length
    let slot = burst.slots + (Burst.capacity &+ burst.generated)
    burst.generated &+= 1
    countGenerated()
    slot.pointee = Slot(mbuf: mbuf, header: Worker.frame(mbuf), length: length, readable: length)
    history(slot).pointee = SlotHistory()
    history(slot).pointee.isOurs = true
    return slot
  }

  /// Counts a packet made here, and sees to it that every transmit buffer has room for it.
  mutating func countGenerated() {
    ntl_count(counters.generated, 1)
    if generatedWaiting == TransmitBuffer.generatedCapacity {
      flush()
      generatedWaiting = 0
    }
    generatedWaiting &+= 1
  }

  // MARK: Lookups

  /// What a table, or main after it, has for an address.
  func target(ipv4 destination: IPv4Address, table: UInt32) -> RouteTarget {
    var (table, key, result) = (table, destination.value, UInt32(0))
    snapshot.fib4.lookup(count: 1, tables: &table, destinations: &key, results: &result, scratch: burst.scratch)
    if result == 0 && snapshot.tables[Int(table)].fallsBackToMain {
      table = 0
      snapshot.fib4.lookup(count: 1, tables: &table, destinations: &key, results: &result, scratch: burst.scratch)
    }
    return RouteTarget(cell: result)
  }

  /// The next hop that a table, or main after it, has for an address.
  func nextHop(ipv4 destination: IPv4Address, table: UInt32) -> UnsafePointer<NextHop> {
    hop(of: target(ipv4: destination, table: table))
  }

  /// The next hop of a target that is no SID; of several the first, which serves to choose a source.
  func hop(of target: RouteTarget) -> UnsafePointer<NextHop> {
    let hop = snapshot.nextHops + target.index
    return hop.pointee.isGroup ? snapshot.nextHops + Int(snapshot.buckets[Int(hop.pointee.firstBucket)]) : hop
  }

  /// What a table, or main after it, has for an address.
  func target(ipv6 destination: IPv6Address, table: UInt32) -> RouteTarget {
    var (table, key, result) = (table, destination, UInt32(0))
    snapshot.fib6.lookup(count: 1, tables: &table, destinations: &key, results: &result, scratch: burst.scratch)
    if result == 0 && snapshot.tables[Int(table)].fallsBackToMain {
      table = 0
      snapshot.fib6.lookup(count: 1, tables: &table, destinations: &key, results: &result, scratch: burst.scratch)
    }
    return RouteTarget(cell: result)
  }

  /// The table by which an answer to an IPv6 address is routed: for a link-local one that of the link.
  func answers(_ table: UInt32, to destination: IPv6Address) -> UInt32 {
    table >= snapshot.firstLinkTable && destination.isLinkLocal ? table : snapshot.tables[Int(table)].answers
  }

  /// Whether an address is this node's, by a table or by main.
  func isLocal(_ address: IPv4Address, table: UInt32) -> Bool {
    nextHop(ipv4: address, table: table).pointee.reason == .localDestination
      || nextHop(ipv4: address, table: 0).pointee.reason == .localDestination
  }

  /// Whether an address is this node's, by a table or by main.
  func isLocal(_ address: IPv6Address, table: UInt32) -> Bool {
    isLocal(target(ipv6: address, table: table)) || isLocal(target(ipv6: address, table: 0))
  }

  /// Whether an error about a packet to an address comes from that address. Linux does not let main's answer about a
  /// VRF's packets.
  func isOwn(_ address: IPv6Address, table: UInt32) -> Bool {
    guard snapshot.isLikeLinux && snapshot.tables[Int(table)].answers != 0 else {
      return isLocal(address, table: table)
    }
    let target = target(ipv6: address, table: table)
    return isLocal(target) && !snapshot.nextHops[target.index].isOfMain
  }

  /// Whether a target is an address of this node.
  func isLocal(_ target: RouteTarget) -> Bool {
    !target.isSID && snapshot.nextHops[target.index].reason == .localDestination
  }

  // MARK: Source addresses

  /// The source of an answer that leaves by `interface`: the address there whose prefix holds the destination, or its
  /// first; else one of an interface of the same table, or of main. A VRF answers by none but its own interfaces' if it
  /// has any.
  func source(ipv4 destination: IPv4Address, interface: UInt32, table: UInt32) -> IPv4Address? {
    let list = snapshot.addresses
    var best: (rank: Int, address: UInt32) = (0, 0)
    for index in 0..<list.ipv4Count {
      let entry = list.ipv4[index]
      let isOnLink = (entry.address ^ destination.value) & entry.mask == 0
      let isThere = entry.interface == interface && (table == 0 || entry.table == table)
      let rank = isThere ? (isOnLink ? 4 : 3) : entry.table == table ? 2 : entry.table == 0 ? 1 : 0
      if rank > best.rank { best = (rank, entry.address) }
    }
    return best.rank == 0 ? nil : IPv4Address(best.address)
  }

  /// The same for IPv6, the longest common prefix first among equals (RFC 6724, section 5, rules 5 and 8). Linux's
  /// interface is the one that received the packet, and other addresses must be of the same table.
  func source(ipv6 destination: IPv6Address, interface: UInt32, table: UInt32) -> IPv6Address? {
    let list = snapshot.addresses
    let isLikeLinux = snapshot.isLikeLinux
    let table = isLikeLinux ? snapshot.interfaces[Int(interface)].table : table
    var best = 0
    var address: IPv6Address?
    for index in 0..<list.ipv6Count {
      let entry = list.ipv6[index]
      let rank = entry.interface == interface ? 3 : entry.table == table ? 2 : entry.table == 0 && !isLikeLinux ? 1 : 0
      let common = Worker.commonPrefix(entry.address, destination)
      let score = rank &* 256 &+ common
      if rank > 0 && score > best { (best, address) = (score, entry.address) }
    }
    return address
  }

  private static func commonPrefix(_ left: IPv6Address, _ right: IPv6Address) -> Int {
    let high = (left.high ^ right.high).leadingZeroBitCount
    return high < 64 ? high : 64 &+ (left.low ^ right.low).leadingZeroBitCount
  }
}
