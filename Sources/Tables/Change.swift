/// A change to what the cells of a table show, for all addresses under a prefix.
struct Change<Address: RoutableAddress> {
  let prefix: Prefix<Address>
  /// The lengths of the routes that the addresses were shown so far, where they are to be shown another.
  let replacing: ClosedRange<UInt8>
  var shown: Shown
  let kind: Kind

  /// What happens to a route.
  enum Kind {
    case adding
    case replacing
    case removing
  }

  /// A route that was not there.
  init(adding prefix: Prefix<Address>, value: UInt32) {
    self.init(prefix, replacing: 0...UInt8(prefix.length), Shown(cell: value, depth: UInt8(prefix.length)), .adding)
  }

  /// A route that gets another value.
  init(replacing prefix: Prefix<Address>, value: UInt32) {
    let length = UInt8(prefix.length)
    self.init(prefix, replacing: length...length, Shown(cell: value, depth: length), .replacing)
  }

  /// A route that is gone. What it uncovers is `shown` when it is known.
  init(removing prefix: Prefix<Address>) {
    self.init(prefix, replacing: UInt8(prefix.length)...UInt8(prefix.length), Shown(cell: 0, depth: 0), .removing)
  }

  private init(_ prefix: Prefix<Address>, replacing: ClosedRange<UInt8>, _ shown: Shown, _ kind: Kind) {
    self.prefix = prefix
    self.replacing = replacing
    self.shown = shown
    self.kind = kind
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
