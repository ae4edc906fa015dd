import Synchronization

/// Where tries get their groups from and where they leave them.
struct TrieMemory {
  let arena: CellArena
  let frees: DeferredFrees

  /// Allocates; when the limit is reached, frees first what no reader holds any more.
  func allocate(groups: Int) throws(TableError) -> Int {
    do {
      return try arena.allocate(groups: groups)
    } catch {
      guard frees.reclaim() > 0 else { throw error }
      return try arena.allocate(groups: groups)
    }
  }

  /// Allocates `count` single groups, or none.
  func allocateEach(_ count: Int) throws(TableError) -> [Int] {
    var taken: [Int] = []
    do {
      for _ in 0..<count { taken.append(try allocate(groups: 1)) }
    } catch {
      for group in taken { arena.free(firstGroup: group, groups: 1) }
      throw error
    }
    return taken
  }

  /// Frees single groups, and a block of groups, once no reader can hold them.
  func retire(each groups: [Int], blockAt firstGroup: Int, blockGroups: Int) {
    frees.retire { [arena] in
      for group in groups { arena.free(firstGroup: group, groups: 1) }
      arena.free(firstGroup: firstGroup, groups: blockGroups)
    }
  }
}

/// The cells of one table: a root that the leading `rootBits` of an address index, and groups that each consume 8 bits
/// more. A group exists where, and only where, a route reaches below it.
///
/// Each change is a number of single stores, after each of which every address reads its answer from before or after
/// the change: new groups are filled aside and linked by one store, and a group is unlinked once its cells are alike.
struct Trie<Address: RoutableAddress> {
  typealias Bits = Address.Bits

  let memory: TrieMemory
  let rootWord: UnsafeMutablePointer<Atomic<UInt64>>
  var rootGroup: Int
  var rootBits: Int

  var arena: CellArena { memory.arena }
  var rootGroups: Int { 1 << (rootBits - Cell.groupBits) }
  var rootCells: Range<Int> { rootGroup * Cell.groupCells..<(rootGroup + rootGroups) * Cell.groupCells }

  /// Makes an empty trie and publishes it at `rootWord`.
  init(memory: TrieMemory, rootWord: UnsafeMutablePointer<Atomic<UInt64>>, rootBits: Int) throws(TableError) {
    self.memory = memory
    self.rootWord = rootWord
    self.rootBits = rootBits
    rootGroup = try memory.allocate(groups: 1 << (rootBits - Cell.groupBits))
    publishRoot()
  }

  func publishRoot() {
    rootWord.pointee.store(RootWord.make(firstCell: rootCells.lowerBound, bits: rootBits), ordering: .releasing)
  }

  /// Unpublishes the trie and gives its groups back.
  func destroy() {
    let groups = arena.groups(below: rootCells)
    rootWord.pointee.store(0, ordering: .releasing)
    memory.retire(each: groups, blockAt: rootGroup, blockGroups: rootGroups)
  }

  /// Shows a route to readers, new or with a new value.
  func insert(_ prefix: Prefix<Address>, value: UInt32) throws(TableError) {
    let last = path(to: prefix).last!
    if prefix.length > last.end {
      try attach(prefix, value: value, below: last)
    } else {
      arena.rewrite(
        last.cells(of: prefix), replacing: 0...UInt8(prefix.length), value: value, depth: UInt8(prefix.length))
    }
  }

  /// Shows `covering`, the longest route that covers the removed `prefix`, where readers saw `prefix` so far.
  func remove(_ prefix: Prefix<Address>, covering: (length: Int, value: UInt32)?) {
    let path = path(to: prefix)
    let length = UInt8(prefix.length)
    let (depth, value) = covering.map { (UInt8($0.length), $0.value) } ?? (0, 0)
    arena.rewrite(path.last!.cells(of: prefix), replacing: length...length, value: value, depth: depth)
    collapse(path, bits: prefix.bits)
  }

  /// The levels from the root to where the prefix ends, or as far as there are groups.
  private func path(to prefix: Prefix<Address>) -> [TrieLevel<Address>] {
    var path = [TrieLevel<Address>(firstCell: rootCells.lowerBound, start: 0, end: rootBits)]
    while let level = path.last, prefix.length > level.end {
      let index = level.cell(of: prefix.bits)
      guard arena.isExtended(index) else { break }
      let first = arena.children(of: index).lowerBound
      path.append(TrieLevel(firstCell: first, start: level.end, end: level.end + Cell.groupBits))
    }
    return path
  }

  /// Builds the groups for a prefix that ends below `level`, and links them by one store.
  private func attach(_ prefix: Prefix<Address>, value: UInt32, below level: TrieLevel<Address>) throws(TableError) {
    let link = level.cell(of: prefix.bits)
    let missing = (prefix.length - level.end + Cell.groupBits - 1) / Cell.groupBits
    let groups = try memory.allocateEach(missing)
    var start = level.end
    for (position, group) in groups.enumerated() {
      let first = group * Cell.groupCells
      let level = TrieLevel<Address>(firstCell: first, start: start, end: start + Cell.groupBits)
      arena.fillGroup(firstCell: first, value: arena.cell(link), depth: arena.depths[link])
      if position + 1 < groups.count {
        let child = Cell.extended(group: groups[position + 1])
        arena.store(level.cell(of: prefix.bits), cell: child, depth: Cell.extendedDepth)
      } else {
        let depth = UInt8(prefix.length)
        arena.rewrite(level.cells(of: prefix), replacing: 0...depth, value: value, depth: depth)
      }
      start = level.end
    }
    arena.store(link, cell: Cell.extended(group: groups[0]), depth: Cell.extendedDepth)
  }

  /// Unlinks the groups of `path`, from the last one up, that no route reaches below any more.
  private func collapse(_ path: [TrieLevel<Address>], bits: Bits) {
    for (parent, level) in zip(path, path.dropFirst()).reversed() {
      guard arena.isShallow(firstCell: level.firstCell, length: level.start) else { return }
      let link = parent.cell(of: bits)
      arena.store(link, cell: arena.cell(level.firstCell), depth: arena.depths[level.firstCell])
      memory.retire(each: [], blockAt: level.firstCell / Cell.groupCells, blockGroups: 1)
    }
  }
}

/// A run of cells that the address bits `start..<end` index.
struct TrieLevel<Address: RoutableAddress> {
  let firstCell: Int
  let start: Int
  let end: Int

  /// The index of the cell that an address leads to.
  func cell(of bits: Address.Bits) -> Int {
    firstCell + Int(truncatingIfNeeded: (bits << start) >> (Address.Bits.bitWidth - (end - start)))
  }

  /// The indexes of the cells that a prefix ending at this level covers.
  func cells(of prefix: Prefix<Address>) -> Range<Int> {
    let first = cell(of: prefix.bits)
    return first..<first + 1 << (end - prefix.length)
  }
}
