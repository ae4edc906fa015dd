/// How the 32 bits of a cell are read.
///
///     0                             no route
///     bit 31 clear, not 0           the route's value
///     bit 31 set                    bits 29-31 are the kind of node, the low 29 its position in units of 32 bytes
///
/// A lookup goes from cell to cell until one is a value. Each cell shows the longest route that covers all addresses
/// which lead to it, so that nothing needs to be remembered on the way.
@usableFromInline enum Cell {
  /// The largest value that a cell can hold.
  static let maximumValue: UInt32 = 0x7fff_ffff
  /// The depth of a cell that leads to a node; no prefix is that long.
  static let nodeDepth: UInt8 = 255
  /// Cells in a unit, in which nodes are placed.
  @inlinable static var unitCells: Int { 8 }

  static func node(_ kind: NodeKind, firstCell: Int) -> UInt32 {
    kind.rawValue << 29 | UInt32(truncatingIfNeeded: firstCell / unitCells)
  }

  /// The index of the first cell of the node that a cell leads to.
  @inlinable @inline(__always) static func firstCell(_ cell: UInt32) -> Int {
    Int(truncatingIfNeeded: UInt64(cell & 0x1fff_ffff) &* 8)
  }

  static func kind(_ cell: UInt32) -> NodeKind? { NodeKind(rawValue: cell >> 29) }
}

/// What a node does with an address. The raw value is that of a cell's bits 29 to 31.
enum NodeKind: UInt32 {
  /// 8 address bits choose among runs of slots that show the same (``BranchNode``).
  case branch = 5
  /// 8 address bits choose among 256 cells.
  case dense = 6
  /// The leading bits are compared with a prefix (``CheckNode``).
  case check = 7

  /// Whether 8 address bits choose the next cell.
  var isBranching: Bool { self != .check }
}

/// Where the parts of a branch are, counted in cells from its first.
///
/// The 256 slots fall into runs. A bitmap marks the slots where one begins; a slot's cell is found by counting the
/// marks up to it. The first 64 bytes hold the bitmap, for each of its 64-bit words the number of runs that begin in
/// words before, and seven cells; further cells follow.
@usableFromInline enum BranchNode {
  static let countsOffset = 8
  static let cellsOffset = 9
  /// A branch with more runs than this is a ``NodeKind/dense`` node: that has more bytes, but one cache line a lookup.
  static let maximumRuns = 119
  /// The slots of a branch or a dense node, and the address bits that number them.
  static let slots = 256
  static let bits = 8
  /// The size of a dense node's block, the binary logarithm of its units.
  static let denseOrder = 5

  /// The size of the block for a branch with this many runs: a power of two of 64 bytes.
  static func order(runs: Int) -> Int {
    blockOrder(units: (cellsOffset + runs + Cell.unitCells - 1) / Cell.unitCells, least: 1)
  }
}

/// Where the parts of a check are, counted in cells from its first: the upper and the lower 64 bits of a prefix, the
/// cell for addresses under the prefix, the cell for others, and the prefix length. IPv4 prefixes are in the upper half
/// of `high`.
@usableFromInline enum CheckNode {
  static let lowOffset = 2
  @inlinable static var thenOffset: Int { 4 }
  @inlinable static var elseOffset: Int { 5 }
  @inlinable static var lengthOffset: Int { 6 }
  /// Up to so many routes make a chain of checks, the longest first, in one block; more make a branch.
  static let longestChain = 2

  /// The size of the block for a chain of this many checks.
  static func order(checks: Int) -> Int { blockOrder(units: checks, least: 0) }
}

/// How a table's root is packed in 64 bits, so that one load gives a reader a consistent pair: the index of the root's
/// first cell, a multiple of 256, and in the low 6 bits the number of leading address bits that index the root.
///
/// A table that does not exist has the word 0: no bits index the root, so every address reads cell 0, which stays 0.
@usableFromInline enum RootWord {
  static func make(firstCell: Int, bits: Int) -> UInt64 { UInt64(firstCell | bits) }

  /// The leading address bits that the root consumes.
  @inlinable @inline(__always) static func bits(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word & 63) }

  /// The index of the root cell for an address with these leading 32 bits.
  @inlinable @inline(__always) static func cellIndex(_ word: UInt64, leading: UInt32) -> Int {
    // A masking shift takes the low 6 bits of its count, which are the root's bits.
    Int(truncatingIfNeeded: (word & ~0xff) &+ ((UInt64(leading) &<< word) &>> 32))
  }
}

/// The binary logarithm of the smallest power of two that is not less than `units`, but at least `least`.
private func blockOrder(units: Int, least: Int) -> Int {
  max(least, Int.bitWidth - (units - 1).leadingZeroBitCount)
}
