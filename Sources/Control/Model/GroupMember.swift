/// A next hop as a member of a group, which it shares the packets of its routes with.
struct GroupMember: Hashable, Sendable {
  /// The index of the next hop, which is no group.
  var nextHop: Int
  /// Its share of the flows, relative to the others' weights: 1 or more.
  var weight: Int

  /// The same members in one order, each next hop once: what makes two groups equal.
  static func normalized(_ members: [GroupMember]) -> [GroupMember] {
    var weights: [Int: Int] = [:]
    for member in members { weights[member.nextHop, default: 0] += member.weight }
    return weights.sorted { $0.key < $1.key }.map { GroupMember(nextHop: $0.key, weight: $0.value) }
  }
}
