/// The routes of one table as control knows them: what the cells show is derived from this.
struct RouteSet<Address: RoutableAddress> {
  private var values: [Prefix<Address>: UInt32] = [:]
  private var countByLength = Array(repeating: 0, count: Address.Bits.bitWidth + 1)

  var count: Int { values.count }

  /// The number of routes of this prefix length.
  func count(length: Int) -> Int { countByLength[length] }

  /// The prefixes of this length, in no particular order.
  func prefixes(length: Int) -> [Prefix<Address>] { values.keys.filter { $0.length == length } }

  /// The value of exactly this prefix. Setting nil removes it.
  subscript(prefix: Prefix<Address>) -> UInt32? {
    get { values[prefix] }
    set {
      let old = values[prefix]
      values[prefix] = newValue
      countByLength[prefix.length] += (newValue == nil ? 0 : 1) - (old == nil ? 0 : 1)
    }
  }

  /// The longest route of at most `limit` bits that covers an address.
  func longestMatch(_ bits: Address.Bits, atMost limit: Int) -> (length: Int, value: UInt32)? {
    for length in stride(from: limit, through: 0, by: -1) where countByLength[length] > 0 {
      if let value = values[Prefix(covering: bits, length: length)] { return (length, value) }
    }
    return nil
  }

  /// All routes by address, shorter prefixes of the same address first.
  func sorted() -> [(prefix: Prefix<Address>, value: UInt32)] {
    values.map { (prefix: $0.key, value: $0.value) }
      .sorted { ($0.prefix.bits, $0.prefix.length) < ($1.prefix.bits, $1.prefix.length) }
  }
}
