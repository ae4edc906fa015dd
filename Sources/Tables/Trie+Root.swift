/// A small root costs little and a large one saves a level. Both lead to the same groups, so a root is exchanged by
/// copying one level of cells, whatever the routes are.
extension Trie {
  /// Exchanges the root for one that 8 more bits index.
  /// - Throws: ``TableError/memoryLimit(bytes:)``; the root is then as it was.
  mutating func widenRoot() throws(TableError) {
    let oldCells = rootCells
    let wide = try memory.allocate(groups: oldCells.count)
    var merged: [Int] = []
    for (position, source) in oldCells.enumerated() {
      let target = (wide + position) * Cell.groupCells
      if arena.isExtended(source) {
        let children = arena.children(of: source)
        arena.copyGroup(from: children.lowerBound, to: target)
        merged.append(children.lowerBound / Cell.groupCells)
      } else if arena.cell(source) != 0 {
        arena.fillGroup(firstCell: target, value: arena.cell(source), depth: arena.depths[source])
      }
    }
    exchangeRoot(for: wide, bits: rootBits + Cell.groupBits, retiring: merged)
  }

  /// Exchanges the root for one that 8 bits fewer index.
  /// - Throws: ``TableError/memoryLimit(bytes:)``; the root is then as it was.
  mutating func narrowRoot() throws(TableError) {
    let bits = rootBits - Cell.groupBits
    let sources = stride(from: rootCells.lowerBound, to: rootCells.upperBound, by: Cell.groupCells)
    let deepCount = sources.count { !arena.isShallow(firstCell: $0, length: bits) }
    let split = try memory.allocateEach(deepCount)
    let narrow: Int
    do {
      narrow = try memory.allocate(groups: rootGroups / Cell.groupCells)
    } catch {
      for group in split { arena.free(firstGroup: group, groups: 1) }
      throw error
    }
    var unusedSplit = split[...]
    for (position, source) in sources.enumerated() {
      let target = narrow * Cell.groupCells + position
      if arena.isShallow(firstCell: source, length: bits) {
        arena.store(target, cell: arena.cell(source), depth: arena.depths[source])
      } else {
        let group = unusedSplit.removeFirst()
        arena.copyGroup(from: source, to: group * Cell.groupCells)
        arena.store(target, cell: Cell.extended(group: group), depth: Cell.extendedDepth)
      }
    }
    exchangeRoot(for: narrow, bits: bits, retiring: [])
  }

  private mutating func exchangeRoot(for group: Int, bits: Int, retiring merged: [Int]) {
    let (oldGroup, oldGroups) = (rootGroup, rootGroups)
    rootGroup = group
    rootBits = bits
    publishRoot()
    memory.retire(each: merged, blockAt: oldGroup, blockGroups: oldGroups)
  }
}
