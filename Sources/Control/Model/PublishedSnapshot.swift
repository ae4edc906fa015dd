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

  init(_ state: ForwardingState) {
    let published = state.nextHops.published()
    nextHops = Self.copy(published.entries)
    buckets = Self.copy(published.buckets)
    sids = Self.copy(state.sids)
    interfaces = Self.copy(
      state.interfaces.map {
        Interface(
          mac: $0.mac, table: UInt32(state.tableIndex($0.entry.vrf)), mtu: UInt32($0.entry.mtu),
          takesAnyMAC: $0.takesAnyMAC)
      })
    (ports, tags) = Self.ingress(state.interfaces)
    pointer = .allocate(capacity: 1)
    pointer.initialize(
      to: Snapshot(
        fib4: state.fib4.view, fib6: state.fib6.view, nextHops: nextHops, buckets: buckets,
        flowSeed: state.flowSeed, sids: sids, interfaces: interfaces, ports: ports))
  }

  deinit {
    pointer.deallocate()
    nextHops.deallocate()
    buckets.deallocate()
    sids.deallocate()
    interfaces.deallocate()
    ports.deallocate()
    tags.deallocate()
  }

  private static func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    // One place at least, on its own cache line, so that even an empty list has an address.
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(elements.count, 1) * MemoryLayout<Element>.stride, alignment: 64)
    let typed = memory.bindMemory(to: Element.self, capacity: max(elements.count, 1))
    typed.initialize(from: elements, count: elements.count)
    return typed
  }

  /// Ports by number, with a map of tags for those that have sub-interfaces.
  private static func ingress(
    _ interfaces: [InterfaceInfo]
  ) -> (UnsafeMutablePointer<IngressPort>, UnsafeMutablePointer<UInt16>) {
    let tagCount = 4096
    let ports = copy([IngressPort](repeating: IngressPort(untagged: 0, tagged: nil), count: Shared.portLimit))
    let trunks = Set(interfaces.filter { $0.tag != nil }.map(\.port)).sorted()
    let tags = copy([UInt16](repeating: IngressPort.unknown, count: trunks.count * tagCount))
    for (index, interface) in interfaces.enumerated() {
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
  private var current: PublishedSnapshot?

  init(shared: Shared, frees: DeferredFrees) {
    self.shared = shared
    self.frees = frees
  }

  /// Replaces the current snapshot by one store; the old one is freed after a grace period.
  func publish(_ state: ForwardingState) {
    let next = PublishedSnapshot(state)
    shared.publish(next.pointer)
    if let old = current { frees.retire { withExtendedLifetime(old) {} } }
    current = next
  }
}
