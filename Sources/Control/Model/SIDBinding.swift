import Dataplane
import SRv6
import Tables
import Wire

// What a SID's entry makes the worker do.

extension ForwardingState {
  /// Answers are Linux's where they differ.
  var isLikeLinux: Bool { configuration.srv6.compat == .linux }

  /// Compiles a SID.
  func bind(_ entry: SIDEntry) throws(TableError) -> LocalSID {
    let row = entry.behavior.row
    // Linux has PSP on End alone, and takes no notice of it elsewhere.
    let flavors = isLikeLinux && entry.behavior != .end ? [] : entry.flavors
    let flavored = row.operations.with(flavors)
    let table = entry.table.map { tableIndex($0) } ?? 0
    let program = filtersSources(intoTable: table) ? flavored.filtered : flavored
    var sid = LocalSID(
      program: isLikeLinux ? program.asLinux : program, continuation: row.continuation, table: UInt32(table))
    if let nexthop = entry.nexthop { try bind(&sid, entry, to: nexthop) }
    // End.X decapsulates either family with USD.
    sid.nextHopIPv4 = UInt32(nextHopForIPv4(beside: Int(sid.nextHop)))
    if !entry.segments.isEmpty { sid.policy = UInt32(policyIndex(entry.policy)) }
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
      sid.table = UInt32(try everyoneOnLink(link))
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
    case .neighborForIPv4, .encapsulate, .toMany, .group, .localOfMain, .drop: return nil
    }
  }
}

extension SIDEntry {
  /// The policy of a SID that is bound to one.
  fileprivate var policy: Encapsulation {
    Encapsulation(mode: Encapsulation.Mode(of: behavior), segments: segments, source: nil, nexthop: nil)
  }
}
