import Synchronization

extension CellArena {
  func cell(_ index: Int) -> UInt32 { cells[index].load(ordering: .relaxed) }

  func shown(_ index: Int) -> Shown { Shown(cell: cell(index), depth: depths[index]) }

  /// Writes a cell. Readers that see it also see every cell written before, so a finished node may be linked by it.
  func store(_ index: Int, _ shown: Shown) {
    depths[index] = shown.depth
    cells[index].store(shown.cell, ordering: .releasing)
  }

  /// The 64-bit word that two cells of a node hold.
  func word(_ index: Int) -> UInt64 { wordAddress(index).pointee.load(ordering: .relaxed) }

  func storeWord(_ index: Int, _ word: UInt64) { wordAddress(index).pointee.store(word, ordering: .relaxed) }

  private func wordAddress(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    UnsafeMutableRawPointer(cells + index).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// Makes `range`, which no reader can reach yet, show the same everywhere.
  func fill(_ range: Range<Int>, _ shown: Shown) {
    (depths + range.lowerBound).update(repeating: shown.depth, count: range.count)
    for index in range { cells[index].store(shown.cell, ordering: .relaxed) }
  }

  /// The cells of a node that show something: those of a list's routes, a branch's runs or slots, or both sides of a check.
  func shownCells(_ node: UInt32) -> Range<Int> {
    let first = Cell.firstCell(node)
    return switch Cell.kind(node) {
    case .branch: first + BranchNode.cellsOffset..<first + BranchNode.cellsOffset + runCount(first)
    case .dense: first..<first + BranchNode.slots
    case .list: listCells(first)
    case .check, nil: first + CheckNode.thenOffset..<first + CheckNode.elseOffset + 1
    }
  }

  /// The number of runs of the branch at `first`.
  func runCount(_ first: Int) -> Int {
    Int(cell(first + BranchNode.countsOffset) >> 24) + word(first + 6).nonzeroBitCount
  }

  /// The index of the cell for a slot of the branching node that `node` leads to.
  func slotCell(_ node: UInt32, slot: Int) -> Int {
    let first = Cell.firstCell(node)
    guard Cell.kind(node) == .branch else { return first + slot }
    let wordIndex = slot >> 6
    let before = cell(first + BranchNode.countsOffset) >> UInt32(wordIndex * 8) & 0xff
    let marks = word(first + wordIndex * 2) << UInt64(63 - slot & 63)
    return first + BranchNode.countsOffset + Int(before) + marks.nonzeroBitCount
  }

  /// The order of the block of the node that a cell leads to.
  func order(of node: UInt32) -> Int {
    let first = Cell.firstCell(node)
    switch Cell.kind(node) {
    case .branch: return BranchNode.order(runs: runCount(first))
    case .dense: return BranchNode.denseOrder
    case .list: return ListNode.order(cellsOffset: listCellsOffset(first))
    case .check, nil: return CheckNode.order(checks: chainLength(first))
    }
  }

  /// The number of checks in the block that begins at `first`.
  private func chainLength(_ first: Int) -> Int {
    var length = 1
    while depths[first + (length - 1) * Cell.unitCells + CheckNode.elseOffset] == Cell.nodeDepth { length += 1 }
    return length
  }

  /// Stores `new` in each cell of `range`, and of the nodes below it, whose route is of a length in `replacing`.
  func rewrite(_ range: Range<Int>, replacing: ClosedRange<UInt8>, _ new: Shown) {
    let (lowest, span) = (replacing.lowerBound, replacing.upperBound - replacing.lowerBound)
    for index in range {
      let old = depths[index]
      if old == Cell.nodeDepth {
        rewrite(shownCells(cell(index)), replacing: replacing, new)
      } else if old &- lowest <= span {
        store(index, new)
      }
    }
  }

  /// Calls `body` with the first cell and the order of every node that `shown` leads to, except those at and below the
  /// node that `kept` leads to.
  func forEachNode(_ shown: Shown, except kept: UInt32 = 0, _ body: (Int, Int) -> Void) {
    guard shown.isNode, shown.cell != kept else { return }
    var below = shownCells(shown.cell)
    // Further checks of a chain are in the first one's block.
    if Cell.kind(shown.cell) == .check { below = below.prefix(1) }
    forEachNode(below: below, except: kept, body)
    body(Cell.firstCell(shown.cell), order(of: shown.cell))
  }

  func forEachNode(below range: Range<Int>, except kept: UInt32 = 0, _ body: (Int, Int) -> Void) {
    for index in range where depths[index] == Cell.nodeDepth { forEachNode(shown(index), except: kept, body) }
  }
}

extension CellArena {
  /// The prefix that the check at `first` compares with.
  func checkKey(_ first: Int) -> CheckKey { CheckKey(high: word(first), low: word(first + CheckNode.lowOffset)) }

  func checkLength(_ first: Int) -> Int { Int(cell(first + CheckNode.lengthOffset)) }
}
