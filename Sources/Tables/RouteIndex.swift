/// Where the search for a route of more than 16 bits starts in a large ``RouteTree``: the upper half of the way from
/// the root is the same for many routes, and each of its steps may miss the cache.
struct RouteIndex {
  /// What the ways to all longer routes with the same 16 leading bits have in common.
  struct Entry {
    /// The last node of fewer bits, or 0.
    var node: UInt32 = 0
    /// The last such node that is a route, or 0.
    var covering: UInt32 = 0
  }

  static let bits = 16
  static var bytes: Int { MemoryLayout<Entry>.stride << bits }

  private let entries: UnsafeMutablePointer<Entry>

  init() { entries = .allocate(capacity: 1 << Self.bits) }

  func free() { entries.deallocate() }

  subscript(slot: Int) -> Entry { entries[slot] }

  /// The entry for what is below a node, as long as no other node is in between.
  func entry<Bits>(below number: UInt32, _ above: Entry, in nodes: UnsafeMutablePointer<RouteNode<Bits>>) -> Entry {
    Entry(node: number, covering: nodes[Int(number)].value == 0 ? above.covering : number)
  }

  /// Sets the entries of `slots`, where all of the subtree of node `number` is, and nothing else.
  func update<Bits>(
    _ slots: Range<Int>, below number: UInt32, _ above: Entry, in nodes: UnsafeMutablePointer<RouteNode<Bits>>
  ) {
    (entries + slots.lowerBound).update(repeating: above, count: slots.count)
    guard number != 0, nodes[Int(number)].length < Self.bits else { return }
    let node = nodes[Int(number)]
    let first = node.bits.slot(0, Self.bits)
    let half = 1 << (Self.bits - 1 - Int(node.length))
    let own = entry(below: number, above, in: nodes)
    update(first..<first + half, below: node.zero, own, in: nodes)
    update(first + half..<first + 2 * half, below: node.one, own, in: nodes)
  }
}
