/// A change to what the cells of a table show, for all addresses under a prefix.
struct Change<Address: RoutableAddress> {
  let prefix: Prefix<Address>
  /// The lengths of the routes that the addresses were shown so far, where they are to be shown another.
  let replacing: ClosedRange<UInt8>
  let shown: Shown
  /// Whether a route came or went, rather than only got another value.
  let movesRoutes: Bool

  /// A route that was not there.
  init(adding prefix: Prefix<Address>, value: UInt32) {
    self.init(prefix, replacing: 0...UInt8(prefix.length), Shown(cell: value, depth: UInt8(prefix.length)), moves: true)
  }

  /// A route that gets another value.
  init(replacing prefix: Prefix<Address>, value: UInt32) {
    let length = UInt8(prefix.length)
    self.init(prefix, replacing: length...length, Shown(cell: value, depth: length), moves: false)
  }

  /// A route that uncovers another.
  init(removing prefix: Prefix<Address>, uncovering shown: Shown) {
    self.init(prefix, replacing: UInt8(prefix.length)...UInt8(prefix.length), shown, moves: true)
  }

  private init(_ prefix: Prefix<Address>, replacing: ClosedRange<UInt8>, _ shown: Shown, moves: Bool) {
    self.prefix = prefix
    self.replacing = replacing
    self.shown = shown
    movesRoutes = moves
  }

  /// The slots under the prefix among those that the address bits `start..<end` number.
  func slots(_ start: Int, _ end: Int) -> Range<Int> {
    let first = slot(start, end)
    return first..<first + 1 << max(0, end - prefix.length)
  }

  /// The slot of the prefix's first address.
  func slot(_ start: Int, _ end: Int) -> Int { prefix.bits.slot(start, end) }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// The number that the bits `start..<end` are, counted from the highest.
  func slot(_ start: Int, _ end: Int) -> Int {
    Int(truncatingIfNeeded: (self << start) >> (Self.bitWidth - (end - start)))
  }
}
