/// The routes of a list node while it is built or changed. One serves all tables.
final class RouteList {
  struct Entry {
    var key: UInt16
    var shown: Shown
  }

  private let entries: UnsafeMutablePointer<Entry> = .allocate(capacity: ListNode.maximumRoutes)
  private(set) var count = 0
  /// What addresses are shown that none of the routes covers.
  private(set) var rest = Shown(cell: 0, depth: 0)

  deinit { entries.deallocate() }

  func clear(rest: Shown) { (count, self.rest) = (0, rest) }

  /// Reads the routes of a node.
  func load(_ node: UInt32, from arena: CellArena) {
    let first = Cell.firstCell(node)
    let cells = arena.listCells(first)
    count = cells.count - 1
    for index in 0..<count {
      entries[index] = Entry(key: arena.listKey(first, index), shown: arena.shown(cells.lowerBound + index))
    }
    rest = arena.shown(cells.upperBound - 1)
  }

  /// Adds a route that is not among these; there must be room for it.
  func insert(_ key: UInt16, _ shown: Shown) {
    var index = count
    while index > 0 && ListNode.precedes(key, entries[index - 1].key) {
      entries[index] = entries[index - 1]
      index -= 1
    }
    entries[index] = Entry(key: key, shown: shown)
    count += 1
  }

  /// Removes a route that is among these.
  func remove(_ key: UInt16) {
    count -= 1
    for index in index(of: key)..<count { entries[index] = entries[index + 1] }
  }

  private func index(of key: UInt16) -> Int {
    var index = 0
    while entries[index].key != key { index += 1 }
    return index
  }

  /// The size of the node for these routes.
  var order: Int { ListNode.order(routes: count) }

  /// Writes a node, to a block that no reader can reach yet, and returns what leads to it.
  func write(to first: Int, in arena: CellArena) -> Shown {
    let offset = ListNode.cellsOffset(order: order)
    var pair = ListNode.header(cellsOffset: offset)
    for index in 0...count {
      let key = UInt32(index < count ? entries[index].key : 0)
      if index % 2 == 0 {
        pair |= key << 16
        arena.cells[first + index / 2].store(pair, ordering: .relaxed)
      } else {
        pair = key
        arena.cells[first + index / 2 + 1].store(pair, ordering: .relaxed)
      }
      arena.store(first + offset + index, index < count ? entries[index].shown : rest)
    }
    return Shown(cell: Cell.node(.list, firstCell: first), depth: Cell.nodeDepth)
  }
}
