import Dataplane
import Wire

/// The local SIDs by index. A SID that is removed keeps its index, so that its counters go on when it comes back.
struct SIDTable {
  private(set) var entries: [SIDEntry?] = []
  private var indexes: [IPv6Prefix: Int] = [:]
  /// What workers run, by index; where a SID is not there, what it was.
  private(set) var compiled: [LocalSID] = []
  /// What workers run instead until the transaction is flipped, and from then on.
  private var changing: [Int: (before: LocalSID?, after: LocalSID?)] = [:]
  private var isFlipped = false
  /// Places that stand for what is before and what is after while the transaction is made.
  private var transitions: [Transition: Int] = [:]
  private var spare: [Int] = []

  private struct Transition: Hashable {
    var before: RouteTarget
    var after: RouteTarget
  }

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
    entries[index] = entry
    if let sid { compiled[index] = sid }
  }

  func index(_ prefix: IPv6Prefix) -> Int? { indexes[prefix] }

  /// The indexes of the SIDs that are there, ascending.
  var indices: [Int] { entries.indices.filter { entries[$0] != nil } }

  // MARK: Transactions

  /// SIDs that become another by one publication.
  var changingCount: Int { changing.count }

  /// Has workers run `sid` until ``flip()``, unless something else has been said of that SID.
  mutating func setBefore(_ index: Int, _ sid: LocalSID) {
    if changing[index]?.before == nil { changing[index, default: (nil, nil)].before = sid }
  }

  /// Has workers run `sid` from ``flip()`` on.
  mutating func setAfter(_ index: Int, _ sid: LocalSID) { changing[index, default: (nil, nil)].after = sid }

  /// What a worker runs until ``flip()``.
  func before(_ index: Int) -> LocalSID { changing[index]?.before ?? compiled[index] }

  /// A place that is one SID until ``flip()``, and another from then on. The few packets that meet it are counted there.
  mutating func transition(_ before: RouteTarget, _ after: RouteTarget, from old: LocalSID, to new: LocalSID) -> Int {
    let transition = Transition(before: before, after: after)
    if let index = transitions[transition] { return index }
    let index = spare.popLast() ?? entries.count
    if index == entries.count {
      entries.append(nil)
      compiled.append(.absent(nextHop: 0))
    }
    transitions[transition] = index
    changing[index] = (old, new)
    return index
  }

  /// Has what is published from now on be what comes after.
  mutating func flip() { isFlipped = true }

  /// Ends the transaction: nothing leads any more to what is not there.
  mutating func endChanges() {
    changing = [:]
    isFlipped = false
    spare += transitions.values
    transitions = [:]
  }

  /// What workers read.
  func published() -> [LocalSID] {
    var sids = compiled
    for (index, change) in changing {
      if let sid = isFlipped ? change.after : change.before { sids[index] = sid }
    }
    return sids
  }
}
