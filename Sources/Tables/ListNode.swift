/// Where the parts of a list are: the few routes of a slot, the longest first, in one or two cache lines.
///
/// A list is read as 16-bit numbers. The first is the byte, less 4, where the routes' cells begin (`ntl_first_match`). A
/// key for each route follows: the bits of its prefix behind those that lead to the list, a 1, and zeros. After them
/// comes a 0, which every address agrees with, and its cell is for those that no route of the list covers.
@usableFromInline enum ListNode {
  /// A slot with more routes has a branch.
  static let maximumRoutes = 14
  /// The bits behind those that lead to a list that its routes can have.
  static let bits = 15

  /// The size of the block: 32 bytes for up to 4 routes, 64 for up to 9, or 128.
  static func order(routes: Int) -> Int { routes <= 4 ? 0 : routes <= 9 ? 1 : 2 }

  /// The number of cells that header and keys take.
  static func cellsOffset(order: Int) -> Int { order == 0 ? 3 : order == 1 ? 6 : 8 }

  static func order(cellsOffset: Int) -> Int { cellsOffset == 3 ? 0 : cellsOffset == 6 ? 1 : 2 }

  /// The first number of a list.
  static func header(cellsOffset: Int) -> UInt32 { UInt32(4 * cellsOffset - 4) }

  /// The key of a prefix in a list for addresses that share `position` bits.
  static func key<Address>(_ prefix: Prefix<Address>, position: Int) -> UInt16 {
    let following = (prefix.bits << position) >> (Address.Bits.bitWidth - 16)
    return UInt16(truncatingIfNeeded: following) | 1 << UInt16(bits - (prefix.length - position))
  }

  /// Whether the route of one key comes before that of another: longer ones first, then by address.
  static func precedes(_ left: UInt16, _ right: UInt16) -> Bool {
    (left.trailingZeroBitCount, left) < (right.trailingZeroBitCount, right)
  }
}

extension CellArena {
  /// The key of a route of the list at `first`, or 0 behind the last.
  func listKey(_ first: Int, _ index: Int) -> UInt16 {
    let number = index + 1
    return UInt16(truncatingIfNeeded: cell(first + number / 2) >> UInt32(number % 2 * 16))
  }

  /// The cells of the list at `first`, the last of them for addresses that no route covers.
  func listCells(_ first: Int) -> Range<Int> {
    var count = 0
    while listKey(first, count) != 0 { count += 1 }
    let cells = first + listCellsOffset(first)
    return cells..<cells + count + 1
  }

  /// The index of the cell of the route with this key, which the list at `first` has.
  func listCell(_ first: Int, key: UInt16) -> Int {
    var index = 0
    while listKey(first, index) != key { index += 1 }
    return first + listCellsOffset(first) + index
  }

  func listCellsOffset(_ first: Int) -> Int { Int(cell(first) & 0xffff) / 4 + 1 }
}
