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
  /// The bits that follow are compared with those of a few IPv4 routes (``ListNode``).
  case list = 4
  /// 8 address bits choose among runs of slots that show the same (``BranchNode``).
  case branch = 5
  /// 8 address bits choose among 256 cells.
  case dense = 6
  /// The leading bits are compared with a prefix (``CheckNode``).
  case check = 7

  /// Whether 8 address bits choose the next cell.
  var isBranching: Bool { self == .branch || self == .dense }
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

/// Which address bits index a table's root: `bits` of them, behind the `skipped` leading ones that all routes share.
struct RootShape: Equatable {
  var skipped = 0
  var bits: Int

  /// The leading address bits that the root consumes: at most 24.
  var end: Int { skipped + bits }
}

/// How a table's root is packed in 64 bits, so that one load gives a reader all of it:
///
///     bits 0 to 5      the leading address bits that the root consumes, at most 24
///     bits 8 to 31     those of the index of the root's first cell, which is a multiple of 256
///     bits 32 to 37    32 less the number of leading bits that all routes share and that do not index the root
///     bits 40 to 63    those leading bits, then zeros
///
/// A table that does not exist has the word 0: every address reads cell 0, which stays 0.
@usableFromInline enum RootWord {
  static func make(firstCell: Int, shape: RootShape, leading: UInt32) -> UInt64 {
    UInt64(leading) << 32 | UInt64(32 - shape.skipped) << 32 | UInt64(firstCell | shape.end)
  }

  /// The leading address bits that the root consumes.
  @inlinable @inline(__always) static func bits(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word & 63) }

  /// Whether the leading 24 bits index the root.
  @inlinable @inline(__always) static func isFlat(_ word: UInt64) -> Bool { word & ~0xffff_ff00 == 32 << 32 | 24 }

  /// Whether the leading bits index the root.
  @inlinable @inline(__always) static func skipsNone(_ word: UInt64) -> Bool { word &>> 32 == 32 }

  /// The index of the first cell.
  @inlinable @inline(__always) static func firstCell(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: word & 0xffff_ff00)
  }

  /// The index of the root cell for an address with these leading 32 bits, for a root that skips none.
  @inlinable @inline(__always) static func cellIndexOfWhole(_ word: UInt64, leading: UInt32) -> Int {
    // A masking shift takes the low 6 bits of its count, which are the root's bits.
    firstCell(word) &+ Int(truncatingIfNeeded: (UInt64(leading) &<< word) &>> 32)
  }

  /// The index of the root cell for an address with these leading 32 bits; cell 0 if no route has the same first ones.
  @inlinable @inline(__always) static func cellIndex(_ word: UInt64, leading: UInt32) -> Int {
    let shared = word &>> 32
    // The low 8 bits are the shift and not the prefix. Of the result they are beyond those that count.
    let rest = UInt64(leading) ^ shared
    let isShared = UInt64(bitPattern: Int64(bitPattern: (rest &>> shared) &- 1) &>> 63)
    return Int(truncatingIfNeeded: (word & 0xffff_ff00 &+ ((rest &<< word) &>> 32)) & isShared)
  }
}

/// The binary logarithm of the smallest power of two that is not less than `units`, but at least `least`.
private func blockOrder(units: Int, least: Int) -> Int {
  max(least, Int.bitWidth - (units - 1).leadingZeroBitCount)
}
