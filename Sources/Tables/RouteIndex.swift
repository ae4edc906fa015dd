/// Where the search for a route of more than 18 bits starts in a large ``RouteTree``: the upper part of the way from
/// the root is the same for many routes, and each of its steps may miss the cache.
struct RouteIndex {
  /// What the ways to all longer routes with the same 18 leading bits have in common.
  struct Entry {
    /// The last node of fewer bits, or 0.
    var node: UInt32 = 0
    /// The last such node that is a route, or 0.
    var covering: UInt32 = 0
    /// The first node of more bits, or of as many, or 0.
    var top: UInt32 = 0
  }

  static let bits = 18
  static var bytes: Int { MemoryLayout<Entry>.stride << bits }

  private let entries: UnsafeMutablePointer<Entry>

  init() { entries = .allocate(capacity: 1 << Self.bits) }

  func free() { entries.deallocate() }

  subscript(slot: Int) -> Entry { entries[slot] }

  /// The entry for what is below a node, as long as no other node is in between.
  func entry<Bits>(below number: UInt32, _ above: Entry, in nodes: UnsafeMutablePointer<RouteNode<Bits>>) -> Entry {
    Entry(node: number, covering: nodes[Int(number)].value == 0 ? above.covering : number)
  }

  /// Sets the top where node `number` of 18 bits or more is the first.
  func setTop<Bits: FixedWidthInteger & UnsignedInteger>(_ number: UInt32, at bits: Bits) {
    entries[bits.slot(0, Self.bits)].top = number
  }

  /// Sets the entries of `slots`, where all of the subtree of node `number` is, and nothing else.
  func update<Bits>(
    _ slots: Range<Int>, below number: UInt32, _ above: Entry, in nodes: UnsafeMutablePointer<RouteNode<Bits>>
  ) {
    (entries + slots.lowerBound).update(repeating: above, count: slots.count)
    guard number != 0 else { return }
    let node = nodes[Int(number)]
    if node.length >= Self.bits { return setTop(number, at: node.bits) }
    let first = node.bits.slot(0, Self.bits)
    let half = 1 << (Self.bits - 1 - Int(node.length))
    let own = entry(below: number, above, in: nodes)
    update(first..<first + half, below: node.zero, own, in: nodes)
    update(first + half..<first + 2 * half, below: node.one, own, in: nodes)
  }
}
