// The listings that can be long.

/// Routes, of all tables or of one.
struct RouteListing: Listing {
  let sources: StatisticsSources
  /// The table's index; nil is all.
  let table: Int?

  var total: Int {
    let tables = table.map { [$0] } ?? sources.state.tables.indices
    return tables.reduce(0) { $0 + sources.state.rowCount(table: $1) }
  }

  func items(after cursor: RouteCursor?, count: Int) -> [RouteRow] {
    sources.state.routes(table: table, after: cursor, count: count)
  }

  func cursor(_ item: RouteRow) -> RouteCursor { RouteCursor(item) }

  func row(_ item: RouteRow) -> ListedRoute { ListedRoute(item, of: sources) }
}

/// Local SIDs, by their index.
struct SIDListing: Listing {
  /// An index.
  struct Place: ListingCursor {
    let index: Int
    var description: String { "\(index)" }

    init(index: Int) { self.index = index }

    init?(_ text: String) {
      guard let index = Int(text), index >= 0 else { return nil }
      self.index = index
    }
  }

  let sources: StatisticsSources

  var total: Int { sources.state.sids.count }

  func items(after cursor: Place?, count: Int) -> [Int] {
    let entries = sources.state.sids.entries
    let first = min(cursor.map { $0.index } ?? -1, entries.count - 1) + 1
    return Array(entries.indices[first...].lazy.filter { entries[$0] != nil }.prefix(count))
  }

  func cursor(_ item: Int) -> Place { Place(index: item) }

  func row(_ item: Int) -> SIDRow { sources.sidRow(item) }
}

/// Neighbours, by port and address.
struct NeighborListing: Listing {
  /// A neighbour.
  struct Place: ListingCursor, Comparable {
    let port: String
    let address: IPAddress
    var description: String { "\(port),\(address)" }

    init(_ key: NeighborCache.Key, _ interfaces: [InterfaceInfo]) {
      (port, address) = (interfaces[key.interface].name, key.address)
    }

    init?(_ text: String) {
      guard let comma = text.lastIndex(of: ","), let address = IPAddress(parsing: String(text[comma...].dropFirst()))
      else { return nil }
      (port, self.address) = (String(text[..<comma]), address)
    }

    static func < (left: Place, right: Place) -> Bool {
      (left.port, left.address) < (right.port, right.address)
    }
  }

  let sources: StatisticsSources

  var total: Int { sources.neighbors.entries.count }

  func items(after cursor: Place?, count: Int) -> [Place] {
    let interfaces = sources.state.interfaces
    let places = sources.neighbors.entries.keys.lazy.map { Place($0, interfaces) }
    guard let cursor else { return places.least(count) }
    return places.filter { cursor < $0 }.least(count)
  }

  func cursor(_ item: Place) -> Place { item }

  func row(_ item: Place) -> NeighborRow {
    let key = NeighborCache.Key(interface: sources.state.interfaceIndex(item.port), address: item.address)
    return sources.neighborRow(key)
  }
}

extension Sequence where Element: Comparable {
  /// The `count` least elements in ascending order, without sorting the others.
  fileprivate func least(_ count: Int) -> [Element] {
    // Now and then the greater half goes.
    let room = count < .max / 2 ? 2 * Swift.max(count, 1 << 10) : .max
    var (found, bound): ([Element], Element?) = ([], nil)
    for element in self {
      if let bound, bound < element { continue }
      found.append(element)
      guard found.count == room else { continue }
      found.sort()
      found.removeLast(room - count)
      bound = found.last
    }
    return Array(found.sorted().prefix(count))
  }
}
