import CDPDKShim
import SRv6
import Wire

// The headend (RFC 8986, section 5): an outer header around a packet, or a segment routing header into it. The packet
// stays with the worker: the first segment is looked up next.

/// Where the packets of a headend route, or of a SID that is bound to a policy, are counted.
struct PolicyAccount {
  /// Those that the policy was applied to, and their bytes before.
  var tally: UnsafeMutablePointer<Tally>
  /// The others.
  var errors: UnsafeMutablePointer<UInt64>
}

extension Worker {
  /// Encapsulates a packet that came by `table` to a headend route.
  mutating func encapsulate(
    _ slot: UnsafeMutablePointer<Slot>, _ hop: UnsafePointer<NextHop>, table: UInt32, isIPv4: Bool
  ) {
    let number = Int(hop.pointee.headend)
    let account = PolicyAccount(tally: counters.headends + number, errors: counters.headendErrors + number)
    applyPolicy(slot, Int(hop.pointee.policy &- 1), account, table: table, isIPv4: isIPv4)
  }

  /// Applies a policy to a packet that came by `table`, and queues it for the lookup of the first segment in main.
  @inline(never) mutating func applyPolicy(
    _ slot: UnsafeMutablePointer<Slot>, _ number: Int, _ account: PolicyAccount, table: UInt32, isIPv4: Bool
  ) {
    let policy = snapshot.policies + number
    let byteCount = policy.pointee.byteCount
    let length = slot.pointee.length
    guard length &+ byteCount <= 0xffff else { return refuse(slot, account, .packetTooBig) }
    guard !isIPv4 || !policy.pointee.inserts else { return refuse(slot, account, .wrongNextHeader) }
    let kept = policy.pointee.inserts ? IPv6View.byteCount : 0
    let fields = isIPv4 ? outerFields(ipv4: slot, policy) : outerFields(ipv6: slot, policy)
    Worker.noteOrigin(slot, histories)
    guard makeRoom(slot, Int(byteCount), keeping: kept) else { return refuse(slot, account, .noBuffers) }
    account.tally.add(length)
    if trace != nil { note(.encapsulate(policy: UInt32(truncatingIfNeeded: number))) }
    let first = IPv6Address(loadingFrom: policy.pointee.first)
    let history = history(slot)
    if policy.pointee.inserts {
      slot.pointee.header = SRHEdits.insert(
        policy.pointee.template, byteCount: Int(byteCount), first: first, slot.pointee.header)
      history.pointee.inserted &+= byteCount
    } else {
      if history.pointee.overhead == 0 { history.pointee.table = table }
      slot.pointee.header = SRHEdits.encapsulate(
        policy.pointee.template, byteCount: Int(byteCount), namedAt: Int(policy.pointee.namedAt), fields,
        slot.pointee.header)
      history.pointee.overhead &+= byteCount
    }
    if history.pointee.uncountedLength == length { history.pointee.uncountedLength &+= byteCount }
    slot.pointee.length &+= byteCount
    slot.pointee.readable &+= byteCount
    Worker.claimFront(slot)
    queueAgain(slot, ipv6: first, table: firstTable(slot, table))
  }

  /// The table in which the first segment is looked up: main. Linux asks the VRF that the packet came by before.
  private mutating func firstTable(_ slot: UnsafeMutablePointer<Slot>, _ table: UInt32) -> UInt32 {
    guard snapshot.isLikeLinux && snapshot.tables[Int(table)].fallsBackToMain else { return 0 }
    history(slot).pointee.hasFallenBack = false
    return table
  }

  private mutating func refuse(_ slot: UnsafeMutablePointer<Slot>, _ account: PolicyAccount, _ reason: DropReason) {
    ntl_count(account.errors, 1)
    drop(slot, reason)
  }

  /// The outer header's hop limit and traffic class, by the policy's rules for the family of what is inside.
  private mutating func outerFields(ipv4 slot: UnsafeMutablePointer<Slot>, _ policy: UnsafePointer<Policy>)
    -> OuterFields
  {
    let header = Worker.ipv4(slot)
    let isOurs = history(slot).pointee.isOurs
    let label = policy.pointee.flowLabel == .hash ? Worker.flowLabel(ipv4: slot) : 0
    let (ttl, service) = (header.ttl, header.typeOfService)
    if isOurs { header.decrementTTL() }
    return OuterFields(
      length: Int(slot.pointee.length), nextHeader: IPProtocol.ipv4,
      trafficClass: policy.pointee.ipv4.trafficClass(of: service), flowLabel: label,
      hopLimit: policy.pointee.ipv4.hopLimit(of: ttl, isOurs: isOurs))
  }

  private mutating func outerFields(ipv6 slot: UnsafeMutablePointer<Slot>, _ policy: UnsafePointer<Policy>)
    -> OuterFields
  {
    let header = Worker.ipv6(slot)
    let label =
      switch policy.pointee.flowLabel {
      case .zero: UInt32(0)
      case .copy: header.flowLabel
      case .hash: Worker.flowLabel(ipv6: slot)
      }
    let hopLimit = header.hopLimit
    let isOurs = history(slot).pointee.isOurs
    let isUncounted = isOurs || history(slot).pointee.uncountedLength == slot.pointee.length
    if isUncounted && !policy.pointee.inserts { header.hopLimit = hopLimit &- 1 }
    return OuterFields(
      length: Int(slot.pointee.length), nextHeader: IPProtocol.ipv6,
      trafficClass: policy.pointee.ipv6.trafficClass(of: header.trafficClass), flowLabel: label,
      hopLimit: policy.pointee.ipv6.hopLimit(of: hopLimit, isOurs: isOurs))
  }

  // MARK: Flow labels

  /// A flow label that all packets of a flow have, and others hardly (RFC 6437, section 3).
  private static func flowLabel(ipv4 slot: UnsafeMutablePointer<Slot>) -> UInt32 {
    let header = ipv4(slot)
    let isWhole = header.fragmentOffset == 0 && !header.moreFragments
    let ports = isWhole ? ports(slot, header.protocol, at: header.headerLength) : 0
    let addresses = UInt64(header.source.value) &<< 32 | UInt64(header.destination.value)
    return label(mixed(addresses, UInt64(ports) &<< 8 | UInt64(header.protocol)))
  }

  private static func flowLabel(ipv6 slot: UnsafeMutablePointer<Slot>) -> UInt32 {
    let header = ipv6(slot)
    let ports = ports(slot, header.nextHeader, at: IPv6View.byteCount)
    let from = mixed(header.source.high, header.source.low)
    let to = mixed(header.destination.high, header.destination.low)
    // The inner label tells flows apart that extension headers hide.
    let rest = UInt64(ports) &<< 28 | UInt64(header.flowLabel) &<< 8 | UInt64(header.nextHeader)
    return label(mixed(mixed(from, to), rest))
  }

  private static func ports(_ slot: UnsafeMutablePointer<Slot>, _ kind: UInt8, at offset: Int) -> UInt32 {
    guard kind == IPProtocol.tcp || kind == IPProtocol.udp, offset &+ 4 <= Int(slot.pointee.readable) else { return 0 }
    return slot.pointee.header.loadBE32(offset)
  }

  private static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = (left ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: right ^ 0xd6e8_feb8_6659_fd93)
    return product.high ^ product.low ^ left &* 31
  }

  private static func label(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash &>> 44) }

  // MARK: Room

  /// Makes what was written in front of a buffer's data part of it, so that it is read and copied with the rest.
  private static func claimFront(_ slot: UnsafeMutablePointer<Slot>) {
    let mbuf = slot.pointee.mbuf
    let count = frame(mbuf) - slot.pointee.header
    guard count > 0 else { return }
    mbuf.pointee.data_off &-= UInt16(truncatingIfNeeded: count)
    mbuf.pointee.data_len &+= UInt16(truncatingIfNeeded: count)
    mbuf.pointee.pkt_len &+= UInt32(truncatingIfNeeded: count)
  }

  /// Makes room for `count` bytes, and a link-layer header, in front of the packet; false where no buffer is free. The
  /// packet's first `kept` bytes stay readable; the others may be in another buffer then.
  mutating func makeRoom(_ slot: UnsafeMutablePointer<Slot>, _ count: Int, keeping kept: Int) -> Bool {
    let mbuf = slot.pointee.mbuf
    let start = UnsafeMutableRawPointer(mbuf.pointee.buf_addr.unsafelyUnwrapped)
    if slot.pointee.header - start >= count &+ Worker.rewriteRoom { return true }
    guard let pool, let head = ntl_mbuf_alloc(pool) else { return false }
    guard Int(head.pointee.buf_len) >= count &+ kept &+ Worker.rewriteRoom else {
      ntl_mbuf_free(head)
      return false
    }
    let passed = slot.pointee.header - Worker.frame(mbuf) &+ kept
    ntl_mbuf_push_front(
      head, mbuf, UInt16(truncatingIfNeeded: passed), slot.pointee.length &- UInt32(truncatingIfNeeded: kept),
      UInt16(truncatingIfNeeded: kept))
    let header = Worker.frame(head)
    header.copyMemory(from: slot.pointee.header, byteCount: kept)
    slot.pointee.mbuf = head
    slot.pointee.header = header
    slot.pointee.readable = UInt32(truncatingIfNeeded: kept)
    return true
  }
}
