import Dataplane
import SRv6
import Tables
import Wire

// What a SID's entry makes the worker do.

extension ForwardingState {
  private var isLikeLinux: Bool { configuration.srv6.compat == .linux }

  /// Compiles a SID.
  func bind(_ entry: SIDEntry) throws(TableError) -> LocalSID {
    let row = entry.behavior.row
    // Linux has PSP on End alone, and takes no notice of it elsewhere.
    let flavors = isLikeLinux && entry.behavior != .end ? [] : entry.flavors
    let flavored = row.operations.with(flavors)
    var sid = LocalSID(
      program: isLikeLinux ? flavored.asLinux : flavored, continuation: row.continuation,
      table: UInt32(entry.table.map { tableIndex($0) } ?? 0))
    if let nexthop = entry.nexthop { try bind(&sid, entry, to: nexthop) }
    // End.X decapsulates either family with USD.
    sid.nextHopIPv4 = UInt32(nextHopForIPv4(beside: Int(sid.nextHop)))
    if !entry.segments.isEmpty { sid.policy = UInt32(addPolicy(entry.policy, interface: nil)) }
    return sid
  }

  /// Binds a SID to an adjacency: through its port, or as main reaches it. The unspecified address looks the packet up.
  private func bind(_ sid: inout LocalSID, _ entry: SIDEntry, to nexthop: IPAddress) throws(TableError) {
    guard !nexthop.isUnspecified else {
      sid.continuation = .tableLookup
      return
    }
    let link = entry.port.map { interfaceIndex($0) } ?? onLink(nexthop)
    guard let link else {
      let found = longestMatch(table: 0, nexthop)?.target
      sid.nextHop = UInt32(found.map { $0.isSID ? 0 : $0.index } ?? 0)
      return
    }
    if isLikeLinux && entry.behavior == .endDX4 {
      sid.continuation = .tableLookup
      sid.table = UInt32(try linkTable(link))
    } else {
      sid.nextHop = UInt32(nextHop(to: nexthop, interface: link))
    }
  }

  /// The interface on whose link main has an address.
  private func onLink(_ address: IPAddress) -> Int? {
    guard let target = longestMatch(table: 0, address)?.target, !target.isSID else { return nil }
    switch nextHops.keys[target.index] {
    case .onLink(let interface): return interface
    case .neighbor(let interface, let neighbor): return neighbor == address ? interface : nil
    case .neighborForIPv4, .encapsulate, .group, .localOfMain, .drop: return nil
    }
  }

  /// A table of the interface's neighbours alone: Linux's End.DX4 takes the inner destination for the next hop where its
  /// own is on-link.
  private func linkTable(_ interface: Int) throws(TableError) -> Int {
    if let table = linkTables[interface] { return table }
    let table = tableNames.count + interface
    linkTables[interface] = table
    for neighbor in configuration.neighbors where interfaceIndex(neighbor.port) == interface {
      guard case .v4(let address) = neighbor.address else { continue }
      let target = RouteTarget.nextHop(nextHop(to: neighbor.address, interface: interface))
      try fib4.insert(table: UInt32(table), address: address, length: 32, value: target.value)
    }
    let unresolved = RouteTarget.nextHop(nextHops.dropping(.neighborUnresolved))
    try fib4.insert(table: UInt32(table), address: IPv4Address(0), length: 0, value: unresolved.value)
    return table
  }
}

extension SIDEntry {
  /// The policy of a SID that is bound to one.
  fileprivate var policy: Encapsulation {
    Encapsulation(mode: Encapsulation.Mode(of: behavior), segments: segments, source: nil, nexthop: nil)
  }
}
