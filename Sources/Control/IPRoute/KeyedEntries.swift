/// The entries of a section while they are changed: found by key, kept in their order, with a journal of what has changed
/// since it was last begun.
struct KeyedEntries<Key: EntryKey, Entry> {
  private var entries: [Entry?]
  private var places: [Key: Int]
  /// The unusual keys that are there, by the usual ones.
  private var unusual: [Key: [Key]] = [:]
  /// What stood under a key before, in the order of the changes.
  private(set) var journal: [(key: Key, old: Entry?)] = []

  init(_ entries: [Entry], key: (Entry) -> Key) {
    self.entries = entries
    places = Dictionary(entries.enumerated().map { (key($1), $0) }, uniquingKeysWith: { first, _ in first })
    for key in places.keys { note(key) }
  }

  /// The entries, in their order.
  var all: [Entry] { entries.compactMap { $0 } }

  /// How many fulfil a condition.
  func count(where matches: (Entry) -> Bool) -> Int { entries.count { $0.map(matches) == true } }

  /// The keys of the entries, in any order.
  var keys: Dictionary<Key, Int>.Keys { places.keys }

  /// How many there are.
  var count: Int { places.count }

  subscript(key: Key) -> Entry? { places[key].flatMap { entries[$0] } }

  /// One of the keys beside a usual one.
  func unusualKey(beside usual: Key) -> Key? { unusual[usual]?.first }

  private mutating func note(_ key: Key) {
    if let usual = key.usual { unusual[usual, default: []].append(key) }
  }

  private mutating func forget(_ key: Key) {
    guard let usual = key.usual else { return }
    unusual[usual]?.removeAll { $0 == key }
    if unusual[usual]?.isEmpty == true { unusual[usual] = nil }
  }

  /// Puts an entry in the place of the one with its key, or at the end.
  mutating func put(_ entry: Entry, _ key: Key) {
    journal.append((key, self[key]))
    set(entry, key)
  }

  mutating func remove(_ key: Key) {
    guard let old = self[key] else { return }
    journal.append((key, old))
    set(nil, key)
  }

  private mutating func set(_ entry: Entry?, _ key: Key) {
    if let entry {
      if let place = places[key] {
        entries[place] = entry
      } else {
        places[key] = entries.count
        entries.append(entry)
        note(key)
      }
    } else if let place = places.removeValue(forKey: key) {
      entries[place] = nil
      forget(key)
      if entries.count > 1024 && places.count < entries.count / 2 { compact() }
    }
  }

  /// Closes the gaps that removed entries left.
  private mutating func compact() {
    var moved = [Int](repeating: 0, count: entries.count)
    var kept: [Entry?] = []
    for (place, entry) in entries.enumerated() where entry != nil {
      moved[place] = kept.count
      kept.append(entry)
    }
    for (key, place) in places { places[key] = moved[place] }
    entries = kept
  }

  /// Keeps what has changed.
  mutating func commit() { journal = [] }

  /// Takes back what has changed.
  mutating func rollBack() {
    for (key, old) in journal.reversed() { set(old, key) }
    journal = []
  }

  /// What has changed in all, each key once.
  var changes: [(key: Key, old: Entry?, new: Entry?)] {
    var seen: Set<Key> = []
    return journal.compactMap { key, old in
      guard seen.insert(key).inserted else { return nil }
      let new = self[key]
      return old == nil && new == nil ? nil : (key, old, new)
    }
  }
}

/// What entries are found by.
protocol EntryKey: Hashable {
  /// The key that this one stands beside, and which means it too where only one of them is there; nil: it is that itself.
  var usual: Self? { get }
}

extension EntryKey {
  var usual: Self? { nil }
}
