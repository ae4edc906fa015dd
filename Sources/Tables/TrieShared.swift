/// What the tries of one address family share.
final class TrieShared<Bits: FixedWidthInteger & UnsignedInteger> {
  let arena: CellArena
  let frees: DeferredFrees
  let pool: RoutePool<Bits>
  let path = RoutePath<Bits>()
  let hostPath = RoutePath<Bits>()
  let runs = RunList()
  let changedRuns = RunList()
  let list = RouteList()
  /// Blocks that the change in progress has allocated: first cell and order.
  var fresh: [(first: Int, order: Int)] = []

  init(arena: CellArena, frees: DeferredFrees) throws(TableError) {
    self.arena = arena
    self.frees = frees
    pool = try RoutePool(arena: arena)
  }

  /// Allocates; when the limit is reached, frees first what no reader holds any more.
  func allocate(order: Int, limited: Bool) throws(TableError) -> Int {
    do {
      return try arena.allocate(order: order, limited: limited)
    } catch {
      guard frees.reclaim() > 0 else { throw error }
      return try arena.allocate(order: order, limited: limited)
    }
  }

  /// Makes sure that a route can be added to a tree: a node for it and one for a fork.
  func reserveRoutes(_ count: Int) throws(TableError) {
    do {
      try pool.reserve(nodes: count * 2)
    } catch {
      guard frees.reclaim() > 0 else { throw error }
      try pool.reserve(nodes: count * 2)
    }
  }

  /// The top of the routes longer than `position` below a node that is not shorter, or 0. A node of just that length
  /// is the top if routes part right behind it, but its own route is not among those.
  func top(_ number: UInt32, position: Int) -> UInt32 {
    guard number != 0, pool.nodes[Int(number)].length == position else { return number }
    let node = pool.nodes[Int(number)]
    return node.zero != 0 && node.one != 0 ? number : node.zero | node.one
  }

  /// What shows the routes longer than `position` below their top.
  func form(_ top: UInt32, position: Int) -> SlotForm {
    guard Bits.bitWidth == 32 else { return isBranch(top, position: position) ? .branch : .chain }
    var (count, longest) = (0, 0)
    measure(top, position: position, &count, &longest)
    if count <= ListNode.maximumRoutes && longest <= position + ListNode.bits { return .list }
    return count <= CheckNode.longestChain ? .chain : .branch
  }

  /// Counts the routes longer than `position` at and below a node until they are too many for a list.
  private func measure(_ number: UInt32, position: Int, _ count: inout Int, _ longest: inout Int) {
    guard number != 0, count <= ListNode.maximumRoutes else { return }
    let node = pool.nodes + Int(number)
    if node.pointee.value != 0 && node.pointee.length > position {
      count += 1
      longest = max(longest, Int(node.pointee.length))
    }
    measure(node.pointee.zero, position: position, &count, &longest)
    measure(node.pointee.one, position: position, &count, &longest)
  }

  /// Whether there are enough routes longer than `position` below their top for a branch, not a chain of checks.
  private func isBranch(_ top: UInt32, position: Int) -> Bool {
    let node = pool.nodes[Int(top)]
    let limit = CheckNode.longestChain + 1
    guard node.length == position else { return countRoutes(below: top, limit: limit) == limit }
    let count = countRoutes(below: node.zero, limit: limit - 1)
    return count + countRoutes(below: node.one, limit: limit - count) == limit
  }

  /// The number of leading bits in front of the branch for the routes below a node: as many whole bytes behind
  /// `position` as they share.
  func branchPosition(_ top: UInt32, position: Int) -> Int {
    position + (Int(pool.nodes[Int(top)].length) - position) & ~(BranchNode.bits - 1)
  }

  /// The number of routes below a node that is there, but not more than `limit`.
  private func countRoutes(below number: UInt32, limit: Int) -> Int {
    let node = pool.nodes[Int(number)]
    var count = node.value == 0 ? 0 : 1
    // A fork has at least one route on each side.
    if count == 0 && limit <= 2 { return limit }
    if node.zero != 0 && count < limit {
      count += countRoutes(below: node.zero, limit: limit - count - (node.value == 0 ? 1 : 0))
    }
    if node.one != 0 && count < limit { count += countRoutes(below: node.one, limit: limit - count) }
    return count
  }
}

/// What shows the routes of a slot.
enum SlotForm {
  case list
  case chain
  case branch
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// The prefix as a check holds it: from the highest bit of `high` on.
  var checkKey: CheckKey {
    let high = UInt64(truncatingIfNeeded: self >> (Self.bitWidth - 32)) << 32
    guard Self.bitWidth > 32 else { return CheckKey(high: high, low: 0) }
    return CheckKey(high: UInt64(truncatingIfNeeded: self >> 64), low: UInt64(truncatingIfNeeded: self))
  }
}

/// The prefix of a check, without its length.
struct CheckKey: Equatable {
  var high: UInt64
  var low: UInt64
}
