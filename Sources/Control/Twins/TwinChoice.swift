import CDPDKShim
import Dataplane
import Wire

/// Which interface's twin has a packet: for an address of this node that of the interface with the address, else that of the
/// one which received it if it is of the same table, else any of the table.
struct TwinChoice {
  private struct Own: Hashable {
    var table: UInt32
    var address: IPAddress
  }

  private var owners: [Own: Int] = [:]
  /// The first interface with a twin of each table.
  private var first: [UInt32: Int] = [:]
  /// The table of each interface that has a twin.
  private var tables: [Int: UInt32] = [:]
  private let firstLinkTable: Int

  /// Looks at a state's interfaces, which must not change afterwards.
  init(_ state: ForwardingState) {
    firstLinkTable = state.linkTable(0)
    for (index, interface) in state.interfaces.enumerated() where interface.entry.tap != nil && !interface.isGone {
      let table = UInt32(state.tableIndex(interface.entry.vrf))
      tables[index] = table
      if first[table] == nil { first[table] = index }
      for address in interface.entry.addresses { owners[Own(table: table, address: address.address)] = index }
    }
  }

  /// The interface whose twin has what was punted with a note; nil: none.
  func interface(_ mbuf: Mbuf, _ note: ntl_note) -> Int? {
    let received = Int(note.interface)
    guard note.kind == PuntKind.local.rawValue else { return tables[received] == nil ? nil : received }
    // A link-local address is one of its link's.
    if Int(note.table) >= firstLinkTable { return Int(note.table) - firstLinkTable }
    if let owner = destination(mbuf, note).flatMap({ owners[Own(table: note.table, address: $0)] }) { return owner }
    return tables[received] == note.table ? received : first[note.table]
  }

  private func destination(_ mbuf: Mbuf, _ note: ntl_note) -> IPAddress? {
    let header = NeighborAgent.bytes(mbuf, 40)
    if note.is_ipv4 { return header.count < 20 ? nil : .v4(IPv4Address(networkBytes: header[16..<20])) }
    return header.count < 40 ? nil : .v6(IPv6Address(networkBytes: header[24..<40]))
  }
}
