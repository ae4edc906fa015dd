/// The entries of a section while a batch changes them: found by key, kept in their order.
struct KeyedEntries<Key: Hashable, Entry> {
  private var entries: [Entry?]
  private var places: [Key: Int]

  init(_ entries: [Entry], key: (Entry) -> Key) {
    self.entries = entries
    places = Dictionary(entries.enumerated().map { (key($1), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The entries, in their order.
  var all: [Entry] { entries.compactMap { $0 } }

  subscript(key: Key) -> Entry? { places[key].flatMap { entries[$0] } }

  /// The first key that fulfils a condition, in any order.
  func key(where matches: (Key) -> Bool) -> Key? { places.keys.first(where: matches) }

  /// Puts an entry in the place of the one with its key, or at the end.
  mutating func put(_ entry: Entry, _ key: Key) {
    if let place = places[key] {
      entries[place] = entry
    } else {
      places[key] = entries.count
      entries.append(entry)
    }
  }

  mutating func remove(_ key: Key) {
    guard let place = places.removeValue(forKey: key) else { return }
    entries[place] = nil
  }
}
