import TestSupport
import Testing

@testable import Control

@Suite struct BucketAssignmentTests {
  private static func members(_ weights: [Int: Int]) -> [GroupMember] {
    weights.sorted { $0.key < $1.key }.map { GroupMember(nextHop: $0.key, weight: $0.value) }
  }

  private static func counts(_ buckets: [UInt32]) -> [Int: Int] {
    buckets.reduce(into: [:]) { $0[Int($1), default: 0] += 1 }
  }

  /// Every share is within one bucket of what the weight asks for.
  private static func checkShares(
    _ buckets: [UInt32], _ members: [GroupMember], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let counts = counts(buckets)
    let total = members.reduce(0) { $0 + $1.weight }
    for member in members {
      let exact = Double(buckets.count * member.weight) / Double(total)
      let share = Double(counts[member.nextHop, default: 0])
      #expect(abs(share - exact) < 1, "\(member): \(share) of \(exact)", sourceLocation: sourceLocation)
    }
    #expect(Set(counts.keys).isSubset(of: members.map(\.nextHop)), sourceLocation: sourceLocation)
  }

  @Test func countsArePowersOfTwoBetweenTheirBounds() {
    #expect(BucketAssignment.assign(Self.members([1: 1, 2: 1])).count == 64)
    #expect(BucketAssignment.assign(Self.members([1: 2, 2: 3])).count == 128)
    #expect(BucketAssignment.assign(Self.members([1: 255, 2: 255])).count == 4096)
    // As many members as a route may have, of the most unequal weights.
    let many = (1...256).map { GroupMember(nextHop: $0, weight: $0 == 1 ? 255 : 1) }
    Self.checkShares(BucketAssignment.assign(many), many)
  }

  @Test func aMemberThatGoesTakesOnlyItsOwnBuckets() {
    let before = BucketAssignment.assign(Self.members([1: 1, 2: 2, 3: 1, 4: 4]))
    for gone in 1...4 {
      let rest = Self.members([1: 1, 2: 2, 3: 1, 4: 4].filter { $0.key != gone })
      let after = BucketAssignment.assign(rest, previous: before)
      #expect(zip(before, after).allSatisfy { $0 == $1 || $0 == UInt32(gone) })
      Self.checkShares(after, rest)
      let back = BucketAssignment.assign(Self.members([1: 1, 2: 2, 3: 1, 4: 4]), previous: after)
      #expect(zip(after, back).allSatisfy { $0 == $1 || $1 == UInt32(gone) }, "it takes no more than its share back")
    }
  }

  /// Whatever changes, what moves is what left its member, and what exceeds a share: no assignment moves less.
  @Test func nothingMovesWithoutNeed() {
    var random = SeededRandom(seed: 9)
    var members = Self.members([1: 1, 2: 1])
    var buckets = BucketAssignment.assign(members)
    for _ in 0..<100 {
      var weights = Dictionary(uniqueKeysWithValues: members.map { ($0.nextHop, $0.weight) })
      let changed = 1 + random.below(12)
      weights[changed] = weights[changed] == nil || random.below(2) == 0 ? 1 + random.below(40) : nil
      if weights.isEmpty { weights[changed] = 1 }
      members = Self.members(weights)
      let next = BucketAssignment.assign(members, previous: buckets)
      #expect(next.count >= buckets.count && next.count.nonzeroBitCount == 1)
      Self.checkShares(next, members)
      let before = next.indices.map { buckets[$0 % buckets.count] }
      let moved = zip(before, next).filter { $0 != $1 }.count
      let (held, shares) = (Self.counts(before), Self.counts(next))
      let needed = held.reduce(0) { $0 + max(0, $1.value - shares[$1.key, default: 0]) }
      #expect(moved == needed)
      buckets = next
    }
  }

  @Test func equalMembersAreEqualGroups() {
    var table = NextHopTable()
    let hops = (0..<3).map { index in table.index(.onLink(interface: index)) { .dropping(.neighborUnresolved) } }
    let first = table.group([GroupMember(nextHop: hops[0], weight: 1), GroupMember(nextHop: hops[1], weight: 2)])
    #expect(table.group([GroupMember(nextHop: hops[1], weight: 2), GroupMember(nextHop: hops[0], weight: 1)]) == first)
    #expect(table.group([GroupMember(nextHop: hops[1], weight: 1), GroupMember(nextHop: hops[0], weight: 2)]) != first)
    #expect(table.group([GroupMember(nextHop: hops[2], weight: 9)]) == hops[2], "one member is no group")
    #expect(table.buckets.count == 2)
  }

  @Test func membersWithoutALinkAreLeftOutWhileOthersAreThere() throws {
    var table = NextHopTable()
    let lost = table.index(.onLink(interface: 0)) { .dropping(.neighborUnresolved) }
    let hops = (0..<2).map { port in
      table.index(.onLink(interface: 1 + port)) {
        .forwarding(header: [UInt8](repeating: 0, count: 14), mtu: 1500, interface: 0, port: UInt16(port))
      }
    }
    let group = table.group(([lost] + hops).map { GroupMember(nextHop: $0, weight: 1) })
    #expect(Set(table.buckets[group]!).count == 3, "a neighbour that is still to be asked for gets packets to do so")
    table.replace(.onLink(interface: 0), hasFailed: true) { .dropping(.neighborUnresolved) }
    func follow(port: UInt16? = nil, isUp: Bool = false) -> Bool {
      let isNew = port.map { table.setLink($0, isUp: isUp) } ?? true
      return table.reassignBuckets() && isNew
    }
    #expect(follow())
    #expect(Set(table.buckets[group]!) == Set(hops.map(UInt32.init)), "a neighbour that does not answer")
    #expect(!follow())
    #expect(follow(port: 0))
    #expect(!follow(port: 0))
    #expect(Set(table.buckets[group]!) == [UInt32(hops[1])])
    let other = table.group([hops[0], hops[1]].map { GroupMember(nextHop: $0, weight: 2) })
    #expect(Set(table.buckets[other]!) == [UInt32(hops[1])], "a group that is made while a link is down")
    #expect(follow(port: 1))
    #expect(Set(table.buckets[group]!).count == 3, "where none is of use, all are taken")
    #expect(follow(port: 0, isUp: true))
    #expect(follow(port: 1, isUp: true))
    #expect(Set(table.buckets[group]!) == Set(hops.map(UInt32.init)))
  }
}
