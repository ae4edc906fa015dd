/// The entries of a section while they are changed: found by key, kept in their order, with a journal of what has changed
/// since it was last begun.
struct KeyedEntries<Key: EntryKey, Entry> {
  /// By place. One that is removed leaves its place, where its key finds it until the changes are kept.
  private var entries: [Entry?]
  private var places: [Key: Int]
  private let key: (Entry) -> Key
  /// The unusual keys that have places, by the usual ones.
  private var unusual: [Key: [Key]] = [:]
  /// The places that have changed, in the order of the changes; with each its old entry's place in `olds`, or -1.
  private var journal: [(place: Int32, old: Int32)] = []
  private var olds: [Entry] = []

  init(_ entries: [Entry], key: @escaping (Entry) -> Key) {
    self.entries = entries
    self.key = key
    places = Dictionary(entries.enumerated().map { (key($1), $0) }, uniquingKeysWith: { first, _ in first })
    for key in places.keys { enlist(key) }
  }

  /// The entries, in their order.
  var all: [Entry] { entries.compactMap { $0 } }

  /// How many there are, with those that have just been removed.
  var count: Int { places.count }

  /// How many fulfil a condition.
  func count(where matches: (Entry) -> Bool) -> Int { entries.count { $0.map(matches) == true } }

  /// The keys of the entries, and those of what has just been removed, in any order.
  var keys: Dictionary<Key, Int>.Keys { places.keys }

  subscript(key: Key) -> Entry? { places[key].flatMap { entries[$0] } }

  /// One of the keys beside a usual one.
  func unusualKey(beside usual: Key) -> Key? { unusual[usual]?.first { self[$0] != nil } }

  private mutating func enlist(_ key: Key) {
    if let usual = key.usual { unusual[usual, default: []].append(key) }
  }

  private mutating func forget(_ key: Key) {
    places[key] = nil
    guard let usual = key.usual else { return }
    unusual[usual]?.removeAll { $0 == key }
    if unusual[usual]?.isEmpty == true { unusual[usual] = nil }
  }

  /// Puts an entry in the place of the one with its key, or at the end.
  mutating func put(_ entry: Entry, _ key: Key) {
    let end = entries.count
    let place = Self.place(&places[key, default: end])
    if place == end {
      entries.append(nil)
      enlist(key)
    }
    note(place)
    entries[place] = entry
  }

  /// The place that a key has, or has got by being asked for: one search.
  private static func place(_ place: inout Int) -> Int { place }

  mutating func remove(_ key: Key) {
    guard let place = places[key], entries[place] != nil else { return }
    note(place)
    entries[place] = nil
  }

  private mutating func note(_ place: Int) {
    let old = entries[place].map { old in
      olds.append(old)
      return olds.count - 1
    }
    journal.append((Int32(place), Int32(old ?? -1)))
  }

  /// Keeps what has changed.
  mutating func commit() {
    for (place, old) in journal where old >= 0 && entries[Int(place)] == nil { forget(key(olds[Int(old)])) }
    (journal, olds) = ([], [])
    if entries.count > 1024 && places.count < entries.count / 2 { compact() }
  }

  /// Closes the gaps that removed entries left.
  private mutating func compact() {
    entries = entries.filter { $0 != nil }
    for (place, entry) in entries.enumerated() { places[key(entry!)] = place }
  }

  /// Takes back what has changed.
  mutating func rollBack() {
    for (place, old) in journal.reversed() {
      if old >= 0 {
        entries[Int(place)] = olds[Int(old)]
        let key = key(olds[Int(old)])
        if places.updateValue(Int(place), forKey: key) == nil { enlist(key) }
      } else if let new = entries[Int(place)] {
        entries[Int(place)] = nil
        forget(key(new))
      }
    }
    // What the changes had put at the end has left gaps there.
    while let last = entries.last, last == nil { entries.removeLast() }
    (journal, olds) = ([], [])
  }

  /// Calls `body` with what has changed in all, each place once: what was there when the journal began, and what is now.
  func forEachChange(_ body: (_ old: Entry?, _ new: Entry?) -> Void) {
    var isSeen = [Bool](repeating: false, count: entries.count)
    for (place, old) in journal where !isSeen[Int(place)] {
      isSeen[Int(place)] = true
      let new = entries[Int(place)]
      if old >= 0 || new != nil { body(old < 0 ? nil : olds[Int(old)], new) }
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
