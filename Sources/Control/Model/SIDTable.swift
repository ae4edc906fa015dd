import Dataplane
import Wire

/// The local SIDs by index. A SID that is removed keeps its index, so that its counters go on when it comes back.
struct SIDTable {
  private(set) var entries: [SIDEntry?] = []
  /// The number of SIDs that are there.
  private(set) var count = 0
  private var indexes: [IPv6Prefix: Int] = [:]
  /// What workers run, by index; where a SID is not there, what it was.
  private(set) var compiled: [LocalSID] = []

  /// The index for a SID; nil: there are none left.
  mutating func reserve(_ prefix: IPv6Prefix) -> Int? {
    if let index = indexes[prefix] { return index }
    guard entries.count < RouteTarget.indexLimit else { return nil }
    indexes[prefix] = entries.count
    entries.append(nil)
    // Nothing leads to it before it is set.
    compiled.append(LocalSID(program: .decapsulation(.drop), continuation: .tableLookup))
    return entries.count - 1
  }

  mutating func set(_ index: Int, _ entry: SIDEntry?, _ sid: LocalSID?) {
    count += (entry == nil ? 0 : 1) - (entries[index] == nil ? 0 : 1)
    entries[index] = entry
    if let sid { compiled[index] = sid }
  }

  func index(_ prefix: IPv6Prefix) -> Int? { indexes[prefix] }

  /// The indexes of the SIDs that are there, ascending.
  var indices: [Int] { entries.indices.filter { entries[$0] != nil } }
}
