import CIntrinsics
import Synchronization

/// The cells of one table: a root that leading bits of an address index, and nodes below. What they are follows from
/// the routes alone: see <doc:DeveloperGuide>.
///
/// Each change is a number of single stores, after each of which every address reads its answer from before or after
/// the change: new nodes are filled aside and linked by one store, and what they replace is freed once no reader can
/// hold it.
struct Trie<Address: RoutableAddress> {
  typealias Bits = Address.Bits

  let shared: TrieShared<Bits>
  let rootWord: UnsafeMutablePointer<Atomic<UInt64>>
  private(set) var shape: RootShape
  private var rootFirst: Int
  /// The leading bits that all addresses have which the root is for.
  private var rootPrefix = Prefix<Address>(covering: 0, length: 0)
  /// Units of the root and all nodes that readers can reach.
  private(set) var units: Int

  private var arena: CellArena { shared.arena }
  private var rootCells: Range<Int> { rootFirst..<rootFirst + 1 << shape.bits }

  /// Makes an empty trie and publishes it at `rootWord`.
  init(
    shared: TrieShared<Bits>, rootWord: UnsafeMutablePointer<Atomic<UInt64>>, rootBits: Int
  ) throws(TableError) {
    self.shared = shared
    self.rootWord = rootWord
    shape = RootShape(bits: rootBits)
    var builder = TrieBuilder<Address>(shared: shared, limited: true)
    rootFirst = try builder.root(top: 0, shape: shape)
    units = builder.units
    publishRoot()
  }

  private func publishRoot() {
    let leading = UInt32(truncatingIfNeeded: rootPrefix.bits >> (Bits.bitWidth - 32))
    let word = RootWord.make(firstCell: rootFirst, shape: shape, leading: leading)
    rootWord.pointee.store(word, ordering: .releasing)
  }

  /// Unpublishes the trie and gives its memory back.
  func destroy() {
    rootWord.pointee.store(0, ordering: .releasing)
    retireAll()
  }

  /// Whether the root has a place for a prefix.
  @inline(__always) func holds(_ prefix: Prefix<Address>) -> Bool {
    prefix.length >= rootPrefix.length && rootPrefix.covers(prefix.bits)
  }

  /// Builds everything anew for the routes below `top`, with a root of this shape, and publishes it by one store.
  /// - Throws: ``TableError/memoryLimit(bytes:)``; everything is then as it was.
  mutating func rebuild(top: UInt32, shape: RootShape) throws(TableError) {
    var builder = TrieBuilder<Address>(shared: shared, limited: true)
    let root: Int
    do {
      root = try builder.root(top: top, shape: shape)
    } catch {
      builder.abandon()
      throw error
    }
    let old = self
    (rootFirst, self.shape, units) = (root, shape, builder.units)
    rootPrefix = Prefix(covering: shared.pool.nodes[Int(top)].bits, length: shape.skipped)
    publishRoot()
    old.retireAll()
  }

  private func retireAll() {
    let (arena, cells, order) = (arena, rootCells, shape.bits - 3)
    shared.frees.retire {
      arena.forEachNode(below: cells) { arena.free(firstCell: $0, order: $1) }
      arena.free(firstCell: cells.lowerBound, order: order)
    }
  }

  /// Starts to fetch what a change of a prefix reads and writes here.
  @inline(__always) func prefetch(_ prefix: Prefix<Address>) {
    guard prefix.length > shape.end else { return }
    let link = rootFirst + prefix.bits.slot(shape.skipped, shape.end)
    ntl_prefetch_line(arena.depths + link)
    let reader = TrieReader(cells: arena.cells)
    reader.prefetchIfNode(arena.cell(link))
    ntl_prefetch_line(arena.depths + Cell.firstCell(arena.cell(link)))
  }

  /// Shows readers a change, for which the root has a place, that has been made to the route tree; the shared path is
  /// that of the change.
  /// - Throws: ``TableError/memoryLimit(bytes:)``; everything is then as it was.
  mutating func apply(_ change: Change<Address>, limited: Bool) throws(TableError) {
    let length = change.prefix.length
    // In a list, nothing needs to take the place of a route that is gone: what it uncovers is looked for later.
    let link = rootFirst + change.slot(shape.skipped, shape.end)
    if length > shape.end, try changeList(link, position: shape.end, change, limited: limited) { return }
    var change = change
    if change.kind == .removing { change.shown = inherited(length - 1) }
    guard length > shape.end else {
      let range = change.slots(shape.skipped, shape.end)
      return arena.rewrite(
        rootFirst + range.lowerBound..<rootFirst + range.upperBound, replacing: change.replacing, change.shown)
    }
    try apply(change, below: link, limited: limited)
  }

  private mutating func apply(_ change: Change<Address>, below link: Int, limited: Bool) throws(TableError) {
    let length = change.prefix.length
    var link = link
    var position = shape.end
    while true {
      let top = top(change, position)
      let isBranch = top != 0 && shared.form(top, position: position) == .branch
      let start = isBranch ? shared.branchPosition(top, position: position) : -1
      guard start >= 0, let branch = branch(at: link, position: position, start: start, top: top) else {
        return try replace(link, position: position, top: top, change, limited: limited)
      }
      let node = arena.cell(branch)
      let end = start + BranchNode.bits
      if length <= start { return arena.rewrite(arena.shownCells(node), replacing: change.replacing, change.shown) }
      if length <= end { return try changeRuns(branch, start, change, limited: limited) }
      let slot = arena.slotCell(node, slot: change.slot(start, end))
      let topBelow = self.top(change, end)
      guard topBelow != 0, arena.depths[slot] == Cell.nodeDepth else {
        return try changeSlot(branch, start, top: topBelow, change, limited: limited)
      }
      (link, position) = (slot, end)
      if try changeList(link, position: position, change, limited: limited) { return }
    }
  }

  /// Changes the list that cell `link` leads to, or makes one of the first route, without a look at the other routes.
  /// False, and nothing has changed, if that is not all there is to do.
  private mutating func changeList(
    _ link: Int, position: Int, _ change: Change<Address>, limited: Bool
  ) throws(TableError) -> Bool {
    let (shared, arena, list) = (shared, shared.arena, shared.list)
    let old = arena.shown(link)
    guard Bits.bitWidth == 32, change.prefix.length <= position + ListNode.bits else { return false }
    let key = ListNode.key(change.prefix, position: position)
    if !old.isNode {
      guard change.kind == .adding else { return false }
      list.clear(rest: old)
    } else {
      guard Cell.kind(old.cell) == .list else { return false }
      let first = Cell.firstCell(old.cell)
      if change.kind == .replacing {
        arena.store(arena.listCell(first, key: key), change.shown)
        return true
      }
      list.load(old.cell, from: arena)
    }
    if change.kind == .adding {
      if list.count == ListNode.maximumRoutes { return false }
      list.insert(key, change.shown)
    } else {
      if list.count == 1 { return false }
      list.remove(key)
    }
    let order = list.order
    let first = try shared.allocate(order: order, limited: limited)
    units += 1 << order
    arena.store(link, list.write(to: first, in: arena))
    if old.isNode { retire(first: Cell.firstCell(old.cell), order: arena.order(of: old.cell)) }
    return true
  }

  private func top(_ change: Change<Address>, _ position: Int) -> UInt32 {
    let first = shared.path.first(notShorterThan: position, change.prefix.bits, in: shared.pool.nodes)
    return shared.top(first, position: position)
  }

  /// What addresses of the change are shown that no route longer than `position` covers.
  private func inherited(_ position: Int) -> Shown { shared.path.covering(atMost: position, in: shared.pool.nodes) }

  /// The index of the cell that leads to the branch at `start` for the routes below `top`, if it is there already:
  /// `link` itself, or the cell of the check in front of it.
  private func branch(at link: Int, position: Int, start: Int, top: UInt32) -> Int? {
    guard arena.depths[link] == Cell.nodeDepth, let kind = Cell.kind(arena.cell(link)) else { return nil }
    if kind.isBranching { return position == start ? link : nil }
    if kind == .list { return nil }
    let first = Cell.firstCell(arena.cell(link))
    let then = first + CheckNode.thenOffset
    guard arena.depths[then] == Cell.nodeDepth, arena.checkLength(first) == start else { return nil }
    let prefix = Prefix<Address>(covering: shared.pool.nodes[Int(top)].bits, length: start)
    return arena.checkKey(first) == prefix.bits.checkKey ? then : nil
  }

  /// Replaces what a slot leads to; a route there that only gets another value gets it in place.
  private mutating func replace(
    _ link: Int, position: Int, top: UInt32, _ change: Change<Address>, limited: Bool
  ) throws(TableError) {
    guard change.kind != .replacing else { return setInChain(arena.cell(link), change) }
    let old = arena.shown(link)
    var builder = TrieBuilder<Address>(shared: shared, limited: limited)
    builder.previous = (old, position)
    let new: Shown
    do {
      new = try builder.slot(top: top, position: position, inherited: inherited(position))
    } catch {
      builder.abandon()
      throw error
    }
    if let kept = builder.kept, change.prefix.length <= kept.start, change.prefix.covers(kept.bits) {
      arena.rewrite(arena.shownCells(kept.node), replacing: change.replacing, change.shown)
    }
    arena.store(link, new)
    units += builder.units
    retire(old, except: builder.kept?.node ?? 0)
  }

  private func setInChain(_ chain: UInt32, _ change: Change<Address>) {
    var first = Cell.firstCell(chain)
    while arena.checkLength(first) != change.prefix.length || arena.checkKey(first) != change.prefix.bits.checkKey {
      first += Cell.unitCells
    }
    arena.store(first + CheckNode.thenOffset, change.shown)
  }

  /// Applies a change to the branching node that cell `link` leads to, where its prefix ends in that node.
  private mutating func changeRuns(
    _ link: Int, _ start: Int, _ change: Change<Address>, limited: Bool
  ) throws(TableError) {
    var builder = TrieBuilder<Address>(shared: shared, limited: limited)
    let range = change.slots(start, start + BranchNode.bits)
    try reshape(link, start, range, &builder) { old in
      !old.isNode && change.replacing.contains(old.depth) ? change.shown : old
    }
    for index in 0..<shared.runs.count where range.contains(shared.runs[index].start) {
      let shown = shared.runs[index].shown
      if shown.isNode { arena.rewrite(arena.shownCells(shown.cell), replacing: change.replacing, change.shown) }
    }
  }

  /// Has one slot of a branching node lead to a node where it showed a route so far, or the other way round.
  private mutating func changeSlot(
    _ link: Int, _ start: Int, top: UInt32, _ change: Change<Address>, limited: Bool
  ) throws(TableError) {
    let end = start + BranchNode.bits
    let slot = change.slot(start, end)
    let old = arena.shown(arena.slotCell(arena.cell(link), slot: slot))
    var builder = TrieBuilder<Address>(shared: shared, limited: limited)
    let new: Shown
    do {
      new = try builder.slot(top: top, position: end, inherited: inherited(end))
    } catch {
      builder.abandon()
      throw error
    }
    try reshape(link, start, slot..<slot + 1, &builder) { _ in new }
    retire(old, except: 0)
  }

  /// Has the slots in `range` of a branching node show what `change` makes of what they showed. Where runs begin
  /// elsewhere then, another node takes its place. Afterwards the shared runs are those of before.
  private mutating func reshape(
    _ link: Int, _ start: Int, _ range: Range<Int>, _ builder: inout TrieBuilder<Address>, _ change: (Shown) -> Shown
  ) throws(TableError) {
    let old = arena.cell(link)
    let (before, after) = (shared.runs, shared.changedRuns)
    before.load(old, position: start, from: arena)
    after.copy(before, changing: range, position: start, change)
    if Cell.kind(old) == after.form.kind && (Cell.kind(old) == .dense || after.hasStarts(of: before)) {
      after.store(range, in: old, arena)
    } else {
      let first: Int
      do {
        first = try builder.allocate(order: after.form.order)
      } catch {
        builder.abandon()
        throw error
      }
      arena.store(link, Shown(cell: after.write(to: first, in: arena), depth: Cell.nodeDepth))
      retire(first: Cell.firstCell(old), order: arena.order(of: old))
    }
    units += builder.units
  }

  /// Frees the nodes that were shown, except those at and below one of them, once no reader can hold them.
  private mutating func retire(_ old: Shown, except kept: UInt32) {
    arena.forEachNode(old, except: kept) { retire(first: $0, order: $1) }
  }

  private mutating func retire(first: Int, order: Int) {
    units -= 1 << order
    let shared = shared
    shared.frees.retire(firstCell: first, order: order, of: shared.arena)
  }
}
