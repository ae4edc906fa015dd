/// Builds nodes aside, from a table's routes, for one change: they are linked together in the end, or given back.
struct TrieBuilder<Address: RoutableAddress> {
  typealias Bits = Address.Bits
  typealias Node = RouteNode<Bits>

  let shared: TrieShared<Bits>
  /// Whether the arena's limit counts; removals may exceed it until what they replace is freed.
  let limited: Bool
  /// What was shown before the change, where a branch may be that is as it should be.
  var previous = (shown: Shown(cell: 0, depth: 0), position: 0)
  /// The branch taken over from there: the cell that leads to it, and the prefix in front of it.
  private(set) var kept: (node: UInt32, bits: Bits, start: Int)?
  private(set) var units = 0

  private var arena: CellArena { shared.arena }
  private var nodes: UnsafeMutablePointer<Node> { shared.pool.nodes }

  init(shared: TrieShared<Bits>, limited: Bool) {
    self.shared = shared
    self.limited = limited
    shared.fresh.removeAll(keepingCapacity: true)
  }

  mutating func allocate(order: Int) throws(TableError) -> Int {
    let first = try shared.allocate(order: order, limited: limited)
    shared.fresh.append((first, order))
    units += 1 << order
    return first
  }

  /// Gives back everything built.
  func abandon() {
    for (first, order) in shared.fresh { arena.free(firstCell: first, order: order) }
  }

  /// What a slot shows whose addresses share `position` leading bits: `top` is the root of the subtree of the routes
  /// longer than that, or 0, and `inherited` what is shown where none of them is.
  mutating func slot(top: UInt32, position: Int, inherited: Shown) throws(TableError) -> Shown {
    if top == 0 { return inherited }
    switch shared.form(top, position: position) {
    case .list: return try list(top: top, position: position, inherited: inherited)
    case .chain: return try chain(top: top, position: position, inherited: inherited)
    case .branch: break
    }
    let start = shared.branchPosition(top, position: position)
    let branch = try branch(top: top, start: start, inherited: inherited)
    if start == position { return branch }
    let first = try allocate(order: 0)
    writeCheck(first, nodes[Int(top)].bits, start, then: branch, else: inherited)
    return Shown(cell: Cell.node(.check, firstCell: first), depth: Cell.nodeDepth)
  }

  /// A root in a block of its own.
  mutating func root(top: UInt32, shape: RootShape) throws(TableError) -> Int {
    let order = shape.bits - 3
    let first = try allocate(order: order)
    if order <= CellArena.chunkOrder { arena.fill(first..<first + 1 << shape.bits, Shown(cell: 0, depth: 0)) }
    try fillRoot(first, shape, top: top, inherited: Shown(cell: 0, depth: 0))
    return first
  }

  private mutating func fillRoot(_ first: Int, _ shape: RootShape, top: UInt32, inherited: Shown) throws(TableError) {
    guard top != 0 else { return }
    let node = nodes[Int(top)]
    let end = shape.end
    let from = first + node.bits.slot(shape.skipped, end)
    let own = node.value == 0 ? inherited : Shown(cell: node.value, depth: node.length)
    guard node.length < end else {
      let top = shared.top(top, position: end)
      return arena.store(from, try slot(top: top, position: end, inherited: node.length == end ? own : inherited))
    }
    if node.value != 0 { arena.fill(from..<from + 1 << (end - Int(node.length)), own) }
    try fillRoot(first, shape, top: node.zero, inherited: own)
    try fillRoot(first, shape, top: node.one, inherited: own)
  }

  private mutating func branch(top: UInt32, start: Int, inherited: Shown) throws(TableError) -> Shown {
    if let found = find(nodes[Int(top)].bits, start: start) {
      kept = (found.cell, nodes[Int(top)].bits, start)
      return found
    }
    // Nested branches are built before the runs of this one are listed, as one list serves all.
    var below: [Shown] = []
    try buildSlots(top: top, start: start, inherited: inherited, &below)
    shared.runs.clear()
    var used = 0
    shared.runs.append(0, inherited, position: start)
    listRuns(top: top, start: start, inherited: inherited, below, &used)
    let form = shared.runs.form
    let first = try allocate(order: form.order)
    return Shown(cell: shared.runs.write(to: first, in: arena), depth: Cell.nodeDepth)
  }

  /// Builds what the slots of a branch show that have routes of their own, in their order.
  private mutating func buildSlots(
    top: UInt32, start: Int, inherited: Shown, _ below: inout [Shown]
  ) throws(TableError) {
    guard top != 0 else { return }
    let node = nodes[Int(top)]
    let end = start + BranchNode.bits
    let own = node.value == 0 ? inherited : Shown(cell: node.value, depth: node.length)
    guard node.length < end else {
      let top = shared.top(top, position: end)
      return below.append(try slot(top: top, position: end, inherited: node.length == end ? own : inherited))
    }
    try buildSlots(top: node.zero, start: start, inherited: own, &below)
    try buildSlots(top: node.one, start: start, inherited: own, &below)
  }

  private func listRuns(top: UInt32, start: Int, inherited: Shown, _ below: [Shown], _ used: inout Int) {
    guard top != 0 else { return }
    let node = nodes[Int(top)]
    let end = start + BranchNode.bits
    let slot = node.bits.slot(start, end)
    var slots = 1
    if node.length < end {
      slots = 1 << (end - Int(node.length))
      let own = node.value == 0 ? inherited : Shown(cell: node.value, depth: node.length)
      shared.runs.append(slot, own, position: start)
      listRuns(top: node.zero, start: start, inherited: own, below, &used)
      listRuns(top: node.one, start: start, inherited: own, below, &used)
    } else {
      shared.runs.append(slot, below[used], position: start)
      used += 1
    }
    if slot + slots < BranchNode.slots { shared.runs.append(slot + slots, inherited, position: start) }
  }

  /// A list of the routes below `top`.
  private mutating func list(top: UInt32, position: Int, inherited: Shown) throws(TableError) -> Shown {
    shared.list.clear(rest: inherited)
    collect(top, position)
    let first = try allocate(order: shared.list.order)
    return shared.list.write(to: first, in: arena)
  }

  private func collect(_ top: UInt32, _ position: Int) {
    guard top != 0 else { return }
    let node = nodes[Int(top)]
    if node.value != 0 && node.length > position {
      let prefix = Prefix<Address>(covering: node.bits, length: Int(node.length))
      shared.list.insert(
        ListNode.key(prefix, position: position), Shown(cell: node.value, depth: node.length))
    }
    collect(node.zero, position)
    collect(node.one, position)
  }

  /// A chain of checks for the one or two routes below `top`, the longest first.
  private mutating func chain(top: UInt32, position: Int, inherited: Shown) throws(TableError) -> Shown {
    var routes = (longest: UInt32(0), other: UInt32(0))
    collect(top, position, &routes)
    let checks = routes.other == 0 ? 1 : CheckNode.longestChain
    let first = try allocate(order: CheckNode.order(checks: checks))
    var rest = inherited
    if routes.other != 0 {
      writeCheck(first + Cell.unitCells, route: routes.other, else: rest)
      rest = Shown(cell: Cell.node(.check, firstCell: first + Cell.unitCells), depth: Cell.nodeDepth)
    }
    writeCheck(first, route: routes.longest, else: rest)
    return Shown(cell: Cell.node(.check, firstCell: first), depth: Cell.nodeDepth)
  }

  /// Finds the one or two routes longer than `position`; of the same length, the first.
  private func collect(_ top: UInt32, _ position: Int, _ routes: inout (longest: UInt32, other: UInt32)) {
    guard top != 0 else { return }
    let node = nodes + Int(top)
    if node.pointee.value != 0 && node.pointee.length > position {
      if routes.longest != 0 && node.pointee.length <= nodes[Int(routes.longest)].length {
        routes.other = top
      } else {
        routes = (top, routes.longest)
      }
    }
    collect(node.pointee.zero, position, &routes)
    collect(node.pointee.one, position, &routes)
  }

  private func writeCheck(_ first: Int, route: UInt32, else other: Shown) {
    let node = nodes[Int(route)]
    writeCheck(first, node.bits, Int(node.length), then: Shown(cell: node.value, depth: node.length), else: other)
  }

  private func writeCheck(_ first: Int, _ bits: Bits, _ length: Int, then: Shown, else other: Shown) {
    let key = Prefix<Address>(covering: bits, length: length).bits.checkKey
    arena.storeWord(first, key.high)
    arena.storeWord(first + CheckNode.lowOffset, key.low)
    arena.cells[first + CheckNode.lengthOffset].store(UInt32(length), ordering: .relaxed)
    arena.store(first + CheckNode.thenOffset, then)
    arena.store(first + CheckNode.elseOffset, other)
  }

  /// The branch at `start` on the way of `bits` in what was shown before the change.
  private func find(_ bits: Bits, start: Int) -> Shown? {
    var (shown, position) = previous
    while shown.isNode {
      if Cell.kind(shown.cell) == .check {
        let first = Cell.firstCell(shown.cell)
        position = arena.checkLength(first)
        guard position <= start,
          arena.checkKey(first) == Prefix<Address>(covering: bits, length: position).bits.checkKey
        else { return nil }
        shown = arena.shown(first + CheckNode.thenOffset)
        // A chain's checks lead to values.
        continue
      }
      guard position <= start, Cell.kind(shown.cell) != .list else { return nil }
      if position == start { return shown }
      shown = arena.shown(arena.slotCell(shown.cell, slot: bits.slot(position, position + BranchNode.bits)))
      position += BranchNode.bits
    }
    return nil
  }
}
