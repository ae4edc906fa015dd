import Dataplane
import Wire

/// What the next hops of the data plane mean to people, and one index for each distinct one.
struct NextHopTable {
  /// What a next hop does, as it is configured.
  enum Key: Hashable {
    /// To a neighbour through an interface.
    case neighbor(interface: Int, address: IPAddress)
    /// IPv4 packets to a neighbour that is known by an IPv6 address.
    case neighborForIPv4(interface: Int, address: IPAddress)
    /// To whichever neighbour the destination is, through an interface.
    case onLink(interface: Int)
    /// To all on the link of an interface, or to those of them who are in the multicast group that the destination is.
    case toMany(interface: Int, isMulticast: Bool)
    /// Along a path of segments, counted under a number.
    case encapsulate(Encapsulation, headend: Int)
    /// To an address of main, from another table.
    case localOfMain
    /// Nowhere.
    case drop(DropReason)
    /// To one of several next hops, by flow.
    case group([GroupMember])
  }

  private(set) var entries: [NextHop] = [.dropping(.noRoute)]
  private(set) var keys: [Key] = [.drop(.noRoute)]
  private var indexes: [Key: Int] = [:]
  /// Neighbours that do not answer.
  private var failed: Set<Int> = []
  /// The members' buckets, by the group's index.
  private(set) var buckets: [Int: [UInt32]] = [:]
  private var transitions: [Transition: Int] = [:]
  private var areFlipped = false
  /// Indexes of transitions that have ended.
  private var spare: [Int] = []

  private struct Transition: Hashable {
    var before: Int
    var after: Int
  }

  /// The index of a next hop, made on its first use.
  mutating func index(_ key: Key, make: () -> NextHop) -> Int {
    if let index = indexes[key] { return index }
    entries.append(make())
    keys.append(key)
    indexes[key] = entries.count - 1
    return entries.count - 1
  }

  /// Makes a next hop anew, if it is there. One that has failed is left out of groups.
  mutating func replace(_ key: Key, hasFailed: Bool, make: () -> NextHop) {
    guard let index = indexes[key] else { return }
    entries[index] = make()
    if hasFailed { failed.insert(index) } else { failed.remove(index) }
  }

  /// Whether a next hop is a member of a group.
  func isMember(_ key: Key) -> Bool {
    guard let index = indexes[key] else { return false }
    return buckets.keys.contains { group in
      guard case .group(let members) = keys[group] else { return false }
      return members.contains { $0.nextHop == index }
    }
  }

  /// The index of the next hop that drops for a reason.
  mutating func dropping(_ reason: DropReason) -> Int {
    index(.drop(reason)) { .dropping(reason) }
  }

  /// The index of the group of these members, which are no groups; that of the member where it is one alone.
  mutating func group(_ members: [GroupMember]) -> Int {
    let members = GroupMember.normalized(members)
    if members.count == 1 { return members[0].nextHop }
    let index = index(.group(members)) { .dropping(.noRoute) }
    if buckets[index] == nil { buckets[index] = BucketAssignment.assign(usable(members) { _ in true }) }
    return index
  }

  /// Gives the buckets of members that became unusable to others, and usable ones their share; true if any changed.
  ///
  /// - Parameter hasLink: Whether the port of a next hop has a link.
  mutating func reassignBuckets(hasLink: (NextHop) -> Bool) -> Bool {
    var changed = false
    for (index, previous) in buckets {
      guard case .group(let members) = keys[index] else { continue }
      let next = BucketAssignment.assign(usable(members, hasLink), previous: previous)
      if next != previous {
        buckets[index] = next
        changed = true
      }
    }
    return changed
  }

  /// The members that forward, or will when their neighbour has answered; or all where none does.
  private func usable(_ members: [GroupMember], _ hasLink: (NextHop) -> Bool) -> [GroupMember] {
    let usable = members.filter {
      let hop = entries[$0.nextHop]
      return hop.isTowardsNeighbor && !failed.contains($0.nextHop) && hasLink(hop)
    }
    return usable.isEmpty ? members : usable
  }

  /// What workers read: the next hops, and the buckets that groups among them refer to.
  func published() -> (entries: [NextHop], buckets: [UInt32]) {
    var entries = entries
    var all: [UInt32] = []
    for (index, buckets) in buckets {
      entries[index] = .group(firstBucket: UInt32(all.count), bucketCount: UInt32(buckets.count))
      all += buckets
    }
    for (transition, index) in transitions {
      entries[index] = entries[areFlipped ? transition.after : transition.before]
    }
    return (entries, all)
  }

  // MARK: Transitions

  /// There are next hops that stand for one of two.
  var hasTransitions: Bool { !transitions.isEmpty }

  /// The index of a next hop that is one until the transitions are flipped, and another from then on: all of them become
  /// the others by one publication.
  mutating func transition(from before: Int, to after: Int) -> Int {
    let transition = Transition(before: before, after: after)
    if let index = transitions[transition] { return index }
    let index: Int
    if let old = spare.popLast() {
      index = old
    } else {
      index = entries.count
      entries.append(.dropping(.noRoute))
      keys.append(.drop(.noRoute))
    }
    transitions[transition] = index
    return index
  }

  /// Has what is published from now on be what comes after.
  mutating func flipTransitions() { areFlipped = true }

  /// Ends the transitions, to none of which a route leads any more but to `kept`: those stay what they have become.
  mutating func endTransitions(keeping kept: Set<Int>) {
    for (transition, index) in transitions {
      if kept.contains(index) {
        (entries[index], keys[index]) = (entries[transition.after], keys[transition.after])
      } else {
        spare.append(index)
      }
    }
    transitions = [:]
    areFlipped = false
  }

  /// The index of what a transition stands for; every other index stands for itself.
  func settled(_ index: Int) -> Int {
    for (transition, place) in transitions where place == index {
      return areFlipped ? transition.after : transition.before
    }
    return index
  }
}
