/// Which member of a group has which of its buckets. A flow's hash chooses the bucket, so that what matters when members
/// come and go is that buckets stay where they are: resilient hashing, as the kernel's `type resilient` nexthop groups.
enum BucketAssignment {
  /// Buckets for each unit of weight, and the fewest and the most of a group.
  static let perWeight = 16
  static let range = 64...4096

  /// A bucket for every hash: a power of two of them, never fewer than there were before.
  ///
  /// Each member's share is within one bucket of what its weight asks for. Every bucket whose member stays and has not
  /// more than its share keeps it; the number of those that change is the least that makes the shares right.
  ///
  /// - Parameters:
  ///   - members: One or more, each next hop once.
  ///   - previous: The assignment before, or nothing.
  static func assign(_ members: [GroupMember], previous: [UInt32] = []) -> [UInt32] {
    let count = max(bucketCount(members), previous.count)
    // Twice as many buckets: the lower bits of a hash are the number of the bucket before.
    let before = previous.isEmpty ? [] : (0..<count).map { previous[$0 & (previous.count - 1)] }
    var room = shares(members, count, held: before.reduce(into: [:]) { $0[Int($1), default: 0] += 1 })
    var buckets = [UInt32](repeating: 0, count: count)
    var free: [Int] = []
    for bucket in 0..<count {
      if bucket < before.count, let left = room[Int(before[bucket])], left > 0 {
        room[Int(before[bucket])] = left - 1
        buckets[bucket] = before[bucket]
      } else {
        free.append(bucket)
      }
    }
    for member in members {
      for _ in 0..<room[member.nextHop]! { buckets[free.removeLast()] = UInt32(member.nextHop) }
    }
    return buckets
  }

  private static func bucketCount(_ members: [GroupMember]) -> Int {
    let wanted = members.reduce(0) { $0 + $1.weight } * perWeight
    var count = range.lowerBound
    while count < wanted && count < range.upperBound { count *= 2 }
    return count
  }

  /// How many buckets each member is to have. What does not divide goes to members that hold more than the rest of
  /// their share already, then to those that lack the largest part of a bucket.
  private static func shares(_ members: [GroupMember], _ count: Int, held: [Int: Int]) -> [Int: Int] {
    let total = members.reduce(0) { $0 + $1.weight }
    var shares: [Int: Int] = [:]
    for member in members { shares[member.nextHop] = count * member.weight / total }
    let left = count - shares.values.reduce(0, +)
    let lacking = members.filter { count * $0.weight % total != 0 }.sorted { a, b in
      let (first, second) = (
        held[a.nextHop, default: 0] > shares[a.nextHop]!, held[b.nextHop, default: 0] > shares[b.nextHop]!
      )
      return first == second ? count * a.weight % total > count * b.weight % total : first
    }
    for member in lacking.prefix(left) { shares[member.nextHop]! += 1 }
    return shares
  }
}
