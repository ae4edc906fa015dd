import Dataplane
import Wire

/// What the next hops of the data plane mean to people, and one index for each distinct one.
struct NextHopTable {
  /// What a next hop does, as it is configured.
  enum Key: Hashable {
    /// To a neighbour through an interface.
    case neighbor(interface: Int, address: IPAddress)
    /// To whichever neighbour the destination is, through an interface.
    case onLink(interface: Int)
    /// Along a path of segments.
    case encapsulate(Encapsulation)
    /// To an address of main, from another table.
    case localOfMain
    /// Nowhere.
    case drop(DropReason)
  }

  private(set) var entries: [NextHop] = [.dropping(.noRoute)]
  private(set) var keys: [Key] = [.drop(.noRoute)]
  private var indexes: [Key: Int] = [:]

  /// The index of a next hop, made on its first use.
  mutating func index(_ key: Key, make: () -> NextHop) -> Int {
    if let index = indexes[key] { return index }
    entries.append(make())
    keys.append(key)
    indexes[key] = entries.count - 1
    return entries.count - 1
  }

  /// The index of the next hop that drops for a reason.
  mutating func dropping(_ reason: DropReason) -> Int {
    index(.drop(reason)) { .dropping(reason) }
  }
}
