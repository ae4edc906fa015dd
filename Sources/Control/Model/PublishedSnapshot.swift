import CDPDKShim
import Dataplane
import Tables

/// A snapshot in memory that workers read: made once, never edited, freed when no worker can hold it.
final class PublishedSnapshot {
  let pointer: UnsafeMutablePointer<Snapshot>
  private let nextHops: UnsafeMutablePointer<NextHop>
  private let buckets: UnsafeMutablePointer<UInt32>
  private let sids: UnsafeMutablePointer<LocalSID>
  private let interfaces: UnsafeMutablePointer<Interface>
  private let ports: UnsafeMutablePointer<IngressPort>
  private let tags: UnsafeMutablePointer<UInt16>
  private let policies: UnsafeMutablePointer<Policy>
  private let templates: UnsafeMutablePointer<UInt8>
  private let tables: UnsafeMutablePointer<TableRules>
  private let ipv4: UnsafeMutablePointer<OwnAddressList.IPv4Entry>
  private let ipv6: UnsafeMutablePointer<OwnAddressList.IPv6Entry>

  init(_ state: ForwardingState) {
    let published = state.nextHops.published()
    nextHops = Self.copy(published.entries)
    buckets = Self.copy(published.buckets)
    sids = Self.copy(state.sids.published())
    interfaces = Self.copy(
      state.interfaces.map {
        Interface(
          mac: $0.mac, table: UInt32(state.tableIndex($0.entry.vrf)), mtu: UInt32($0.entry.mtu),
          takesAnyMAC: $0.takesAnyMAC, rpFilter: state.rpFilter($0.entry),
          looksAtSources: $0.entry.rpFilter != .off || state.isLikeLinux, hasTwin: $0.entry.tap != nil)
      })
    (ports, tags) = Self.ingress(state.interfaces)
    (policies, templates) = Self.policies(state)
    tables = Self.copy(state.tableRules)
    let (own4, own6) = state.ownAddresses
    (ipv4, ipv6) = (Self.copy(own4), Self.copy(own6))
    pointer = .allocate(capacity: 1)
    pointer.initialize(
      to: Snapshot(
        fib4: state.fib4.view, fib6: state.fib6.view, nextHops: nextHops, buckets: buckets,
        flowSeed: state.flowSeed, sids: sids, interfaces: interfaces, ports: ports, policies: policies, tables: tables,
        firstLinkTable: UInt32(state.linkTable(0)),
        addresses: OwnAddressList(ipv4: ipv4, ipv4Count: own4.count, ipv6: ipv6, ipv6Count: own6.count),
        isLikeLinux: state.isLikeLinux))
  }

  deinit {
    pointer.deallocate()
    nextHops.deallocate()
    buckets.deallocate()
    sids.deallocate()
    interfaces.deallocate()
    ports.deallocate()
    tags.deallocate()
    policies.deallocate()
    templates.deallocate()
    tables.deallocate()
    ipv4.deallocate()
    ipv6.deallocate()
  }

  private static func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    // One place at least, on its own cache line, so that even an empty list has an address.
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(elements.count, 1) * MemoryLayout<Element>.stride, alignment: 64)
    let typed = memory.bindMemory(to: Element.self, capacity: max(elements.count, 1))
    typed.initialize(from: elements, count: elements.count)
    return typed
  }

  /// Policies, and the bytes of their headers one after the other.
  private static func policies(
    _ state: ForwardingState
  ) -> (UnsafeMutablePointer<Policy>, UnsafeMutablePointer<UInt8>) {
    let templates = copy(state.policies.flatMap { $0.template.first.networkBytes + $0.template.bytes })
    var place = templates
    let policies = state.policies.map { entry in
      defer { place += 16 + entry.template.bytes.count }
      return Policy(
        template: place + 16, byteCount: UInt32(entry.template.bytes.count), namedAt: UInt32(entry.template.namedAt),
        first: place, inserts: entry.inserts, flowLabel: entry.flowLabel,
        ipv4: state.configuration.srv6.outerRule(hopLimit: .fixed(64), dscp: .fixed(0)),
        ipv6: state.configuration.srv6.outerRule(hopLimit: .copy, dscp: .copy))
    }
    return (copy(policies), templates)
  }

  /// Ports by number, with a map of tags for those that have sub-interfaces.
  private static func ingress(
    _ interfaces: [InterfaceInfo]
  ) -> (UnsafeMutablePointer<IngressPort>, UnsafeMutablePointer<UInt16>) {
    let tagCount = 4096
    let ports = copy([IngressPort](repeating: IngressPort(untagged: 0, tagged: nil), count: Shared.portLimit))
    let trunks = Set(interfaces.filter { $0.tag != nil && $0.isThere }.map(\.port)).sorted()
    let tags = copy([UInt16](repeating: IngressPort.unknown, count: trunks.count * tagCount))
    for (index, interface) in interfaces.enumerated() where interface.isThere {
      let port = Int(interface.port)
      if let trunk = trunks.firstIndex(of: interface.port) {
        ports[port].tagged = UnsafePointer(tags + trunk * tagCount)
      }
      if let tag = interface.tag, let trunk = trunks.firstIndex(of: interface.port) {
        tags[trunk * tagCount + Int(tag)] = UInt16(index)
      } else {
        ports[port].untagged = UInt16(index)
      }
    }
    return (ports, tags)
  }
}

/// Puts snapshots before the workers, each for as long as it is the current one and no longer than it is read.
final class Publisher {
  private let shared: Shared
  private let frees: DeferredFrees
  private let gracePeriod: any GracePeriod
  private var current: PublishedSnapshot?

  init(shared: Shared, frees: DeferredFrees, gracePeriod: any GracePeriod) {
    self.shared = shared
    self.frees = frees
    self.gracePeriod = gracePeriod
  }

  /// The same, and returns when every worker has it: routes may lead to its next hops then. Workers report several
  /// times a millisecond, and wait for nothing.
  func publishAndWait(_ state: ForwardingState) {
    publish(state)
    let token = gracePeriod.start()
    while !gracePeriod.isOver(token) { ntl_sleep_us(5) }
  }

  /// Replaces the current snapshot by one store; the old one is freed after a grace period.
  func publish(_ state: ForwardingState) {
    let next = PublishedSnapshot(state)
    shared.publish(next.pointer)
    if let old = current { frees.retire { withExtendedLifetime(old) {} } }
    current = next
  }
}
