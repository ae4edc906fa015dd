/// Longest-prefix match in the plainest way: a dictionary for each length, asked from the longest on.
struct Oracle<Number: FixedWidthInteger & UnsignedInteger> {
  private let byLength: [(length: Int, values: [Number: UInt32])]

  init(_ routes: [NumberedRoute<Number>]) {
    var values: [Int: [Number: UInt32]] = [:]
    for route in routes { values[route.length, default: [:]][route.number] = route.value }
    byLength = values.sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
  }

  /// The value of the longest prefix that covers an address, or 0.
  func answer(_ address: Number) -> UInt32 {
    for (length, values) in byLength {
      if let value = values[address & NumberedRoute.mask(length)] { return value }
    }
    return 0
  }
}

extension OurTables {
  /// Fails unless our answers to all destinations are the others'.
  func check(
    _ destinations: Destinations<Number>, against name: String, answer: (_ table: Int, _ index: Int) -> UInt32
  ) throws {
    let answers = lookups(destinations).answers()
    for (index, ours) in answers.enumerated() {
      let table = Int(destinations.tables[index & (destinations.tables.count - 1)])
      let theirs = answer(table, index)
      guard ours != theirs else { continue }
      let address = F.Address(number: destinations.numbers[index])
      throw BenchError("wrong answer: \(address) in table \(table) gives \(ours), and \(name) says \(theirs)")
    }
  }

  /// Lookups of these destinations.
  func lookups(_ destinations: Destinations<Number>) -> Lookups<F.View> {
    Lookups(view, destinations, destination: F.destination)
  }
}
