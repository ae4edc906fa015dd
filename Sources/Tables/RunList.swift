/// The runs of slots of a branching node while it is built or changed. One serves all tables.
final class RunList {
  struct Run {
    var start: Int
    var shown: Shown
  }

  private let runs: UnsafeMutablePointer<Run> = .allocate(capacity: BranchNode.slots)
  private(set) var count = 0

  deinit { runs.deallocate() }

  subscript(index: Int) -> Run { runs[index] }

  /// The slot behind a run.
  func end(_ index: Int) -> Int { index + 1 < count ? runs[index + 1].start : BranchNode.slots }

  func clear() { count = 0 }

  /// Ends the last run at `start`, where another begins, unless both show the same route. Slots are numbered by the 8
  /// bits from `position` of an address on.
  ///
  /// Runs are of routes and not of values, so that a changed value changes no run.
  func append(_ start: Int, _ shown: Shown, position: Int) {
    if count > 0, runs[count - 1].start == start { count -= 1 }
    if count > 0, Self.isSameRoute(runs[count - 1], Run(start: start, shown: shown), position) { return }
    runs[count] = Run(start: start, shown: shown)
    count += 1
  }

  private static func isSameRoute(_ left: Run, _ right: Run, _ position: Int) -> Bool {
    guard left.shown.depth == right.shown.depth, !left.shown.isNode else { return false }
    let hostBits = position + BranchNode.bits - Int(left.shown.depth)
    return hostBits >= BranchNode.bits || left.start >> hostBits == right.start >> hostBits
  }

  /// Reads the runs of a node.
  func load(_ node: UInt32, position: Int, from arena: CellArena) {
    clear()
    let first = Cell.firstCell(node)
    if Cell.kind(node) == .dense {
      for slot in 0..<BranchNode.slots { append(slot, arena.shown(first + slot), position: position) }
      return
    }
    for wordIndex in 0..<4 {
      var marks = arena.word(first + wordIndex * 2)
      while marks != 0 {
        let start = wordIndex * 64 + marks.trailingZeroBitCount
        runs[count] = Run(start: start, shown: arena.shown(first + BranchNode.cellsOffset + count))
        count += 1
        marks &= marks - 1
      }
    }
  }

  /// Takes over the runs of `other`, with the slots in `range` showing what `change` makes of what they showed.
  func copy(_ other: RunList, changing range: Range<Int>, position: Int, _ change: (Shown) -> Shown) {
    clear()
    for index in 0..<other.count {
      let (start, end, shown) = (other[index].start, other.end(index), other[index].shown)
      if start < range.lowerBound || start >= range.upperBound { append(start, shown, position: position) }
      let inside = (start..<end).clamped(to: range)
      if inside.isEmpty { continue }
      append(inside.lowerBound, change(shown), position: position)
      if inside.upperBound < end { append(inside.upperBound, shown, position: position) }
    }
  }

  /// Whether runs begin where those of `other` do.
  func hasStarts(of other: RunList) -> Bool {
    count == other.count && (0..<count).allSatisfy { runs[$0].start == other[$0].start }
  }

  /// Stores what the slots in `range` show in a node that has these runs already.
  func store(_ range: Range<Int>, in node: UInt32, _ arena: CellArena) {
    for index in 0..<count {
      let slots = (runs[index].start..<end(index)).clamped(to: range)
      if slots.isEmpty { continue }
      if Cell.kind(node) == .dense {
        for slot in slots { arena.store(Cell.firstCell(node) + slot, runs[index].shown) }
      } else {
        arena.store(Cell.firstCell(node) + BranchNode.cellsOffset + index, runs[index].shown)
      }
    }
  }

  /// The kind and the size of the node that shows these runs.
  var form: (kind: NodeKind, order: Int) {
    count > BranchNode.maximumRuns ? (.dense, BranchNode.denseOrder) : (.branch, BranchNode.order(runs: count))
  }

  /// Writes a node, to a block that no reader can reach yet, and returns the cell that leads to it.
  func write(to first: Int, in arena: CellArena) -> UInt32 {
    let kind = form.kind
    if kind == .dense {
      for index in 0..<count { arena.fill(first + runs[index].start..<first + end(index), runs[index].shown) }
    } else {
      var marks = InlineArray<4, UInt64>(repeating: 0)
      for index in 0..<count {
        marks[runs[index].start >> 6] |= 1 << UInt64(runs[index].start & 63)
        arena.store(first + BranchNode.cellsOffset + index, runs[index].shown)
      }
      var before: UInt32 = 0
      var counts: UInt32 = 0
      for wordIndex in 0..<4 {
        arena.storeWord(first + wordIndex * 2, marks[wordIndex])
        counts |= before << UInt32(wordIndex * 8)
        before += UInt32(marks[wordIndex].nonzeroBitCount)
      }
      arena.cells[first + BranchNode.countsOffset].store(counts, ordering: .relaxed)
    }
    return Cell.node(kind, firstCell: first)
  }
}
