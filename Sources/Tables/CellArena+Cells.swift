import Synchronization

extension CellArena {
  func cell(_ index: Int) -> UInt32 { cells[index].load(ordering: .relaxed) }

  /// Writes a cell. Readers that see it also see every cell written before, so a finished group may be linked by it.
  func store(_ index: Int, cell: UInt32, depth: UInt8) {
    depths[index] = depth
    cells[index].store(cell, ordering: .releasing)
  }

  func isExtended(_ index: Int) -> Bool { depths[index] == Cell.extendedDepth }

  /// The indexes of the cells in the group that an extended cell leads to.
  func children(of index: Int) -> Range<Int> {
    let first = Cell.group(cell(index)) * Cell.groupCells
    return first..<first + Cell.groupCells
  }

  /// Stores a value in each cell of `range`, and of the groups below it, whose route is of a length in `replacing`.
  func rewrite(_ range: Range<Int>, replacing: ClosedRange<UInt8>, value: UInt32, depth: UInt8) {
    for index in range {
      let old = depths[index]
      if old == Cell.extendedDepth {
        rewrite(children(of: index), replacing: replacing, value: value, depth: depth)
      } else if replacing.contains(old) {
        store(index, cell: value, depth: depth)
      }
    }
  }

  /// Makes all 256 cells of a group that no reader can reach yet alike.
  func fillGroup(firstCell: Int, value: UInt32, depth: UInt8) {
    for index in firstCell..<firstCell + Cell.groupCells { store(index, cell: value, depth: depth) }
  }

  /// Copies 256 cells to a place that no reader can reach yet.
  func copyGroup(from source: Int, to target: Int) {
    for offset in 0..<Cell.groupCells {
      store(target + offset, cell: cell(source + offset), depth: depths[source + offset])
    }
  }

  /// Whether the 256 cells from `firstCell` show no route longer than `length`. When `length` is the number of address
  /// bits that lead to the group, such routes cover the whole group, so that all its cells are then alike.
  func isShallow(firstCell: Int, length: Int) -> Bool {
    for index in firstCell..<firstCell + Cell.groupCells where depths[index] > length { return false }
    return true
  }

  /// The numbers of all groups below `range`.
  func groups(below range: Range<Int>) -> [Int] {
    var found: [Int] = []
    for index in range where isExtended(index) {
      let cells = children(of: index)
      found.append(cells.lowerBound / Cell.groupCells)
      found += groups(below: cells)
    }
    return found
  }
}
