import TestSupport

/// Random destinations of a workload, each in its table.
struct Destinations<Number: FixedWidthInteger & UnsignedInteger> {
  /// How many there are: a power of two, far more than the caches remember.
  static var count: Int { 1 << 20 }

  private(set) var numbers: [Number]
  /// One per destination, or one batch of them for all.
  let tables: [UInt32]

  /// For each destination a random table, whose index is that of its routes, and an address that one of those covers.
  init(amongRoutesOf routes: [[NumberedRoute<Number>]], _ random: inout SeededRandom) {
    let tables = (0..<(routes.count == 1 ? 64 : Self.count)).map { _ in UInt32(random.below(routes.count)) }
    numbers = (0..<Self.count).map { index in
      let routes = routes[Int(tables[index & (tables.count - 1)])]
      return routes[random.below(routes.count)].randomAddress(&random)
    }
    self.tables = tables
  }

  /// Puts in the place of every fourth destination an address at the edge of a route, inside it or just outside, or
  /// any address at all.
  mutating func mixInEdges(of routes: [[NumberedRoute<Number>]], _ random: inout SeededRandom) {
    for index in stride(from: 0, to: numbers.count, by: 4) {
      guard let route = routes[Int(tables[index & (tables.count - 1)])].randomElement(using: &random) else { continue }
      let (first, last) = (route.number, route.number | ~NumberedRoute.mask(route.length))
      numbers[index] = [first, last, first &- 1, last &+ 1, randomNumber(&random)][random.below(5)]
    }
  }
}

/// Lookups in batches of 64, as a worker makes them for its bursts.
final class Lookups<Side: BatchedLookup> {
  private static var batch: Int { 64 }
  private static var piece: Int { 1 << 14 }

  private let side: Side
  private let destinations: [Side.Destination]
  private let tables: [UInt32]
  private var position = 0

  /// `destination` turns a number into what the side takes.
  init<Number>(_ side: Side, _ destinations: Destinations<Number>, destination: (Number) -> Side.Destination) {
    self.side = side
    self.destinations = destinations.numbers.map(destination)
    tables = destinations.tables
  }

  /// The answers for all destinations.
  func answers() -> [Side.Answer] {
    var answers = [Side.Answer](repeating: 0, count: destinations.count)
    answers.withUnsafeMutableBufferPointer {
      run(0..<destinations.count, results: $0.baseAddress!, resultsMask: destinations.count - 1)
    }
    return answers
  }

  /// Some lookups, going on where the last call ended; how many.
  func advance() -> Int {
    let next = position..<position + Self.piece
    position = next.upperBound & (destinations.count - 1)
    withUnsafeTemporaryAllocation(of: Side.Answer.self, capacity: Self.batch) {
      run(next, results: $0.baseAddress!, resultsMask: Self.batch - 1)
    }
    return next.count
  }

  @inline(never) private func run(
    _ range: Range<Int>, results: UnsafeMutablePointer<Side.Answer>, resultsMask: Int
  ) {
    let tablesMask = tables.count - 1
    destinations.withUnsafeBufferPointer { destinations in
      tables.withUnsafeBufferPointer { tables in
        let (firstDestination, firstTable) = (destinations.baseAddress!, tables.baseAddress!)
        var index = range.lowerBound
        while index < range.upperBound {
          side.lookup(
            count: Self.batch, tables: firstTable + (index & tablesMask), destinations: firstDestination + index,
            results: results + (index & resultsMask))
          index &+= Self.batch
        }
      }
    }
  }
}
