import Wire

// What a transaction of the users or of a feed comes to in the data plane. Of routes the RIB has every source's; a SID or
// neighbour is the one entry of the lowest preference, and another takes its place by one change when that goes.

/// Every entry of users and feeds, with what a transaction is about to change in one of these spaces.
struct FeedEffects {
  let users: BatchedChanges
  let feeds: FeedSet
  let places: Places

  /// What the data plane gets of changes to the entries of a space.
  ///
  /// - Parameter space: The feed that they are of; nil is the users.
  func effects(of changes: StateChanges, in space: Feed?) -> StateChanges {
    if feeds.all.isEmpty { return changes }
    var effects = changes
    // A million routes are copied only if some of them have to wait.
    if space != nil, !changes.routes.allSatisfy(isPlaced) { effects.routes = changes.routes.compactMap(placed) }
    if places.change { effects.routes += moved(\.routes) }
    effects.sids = best(changes.sids, \.sids, space) { $0.prefix }
    effects.neighbors = best(changes.neighbors, \.neighbors, space) { .init(port: $0.port, address: $0.address) }
    return effects
  }

  private func isPlaced(_ change: StateChanges.Change<RouteEntry>) -> Bool {
    (change.old.map(places.hadAll) ?? true) && (change.new.map(places.haveAll) ?? true)
  }

  /// A change without what cannot be in the data plane; nil if nothing is left of it.
  private func placed<Entry: PlacedEntry>(_ change: StateChanges.Change<Entry>) -> StateChanges.Change<Entry>? {
    StateChanges.Change(
      from: change.old.flatMap { places.hadAll($0) ? $0 : nil },
      to: change.new.flatMap { places.haveAll($0) ? $0 : nil })
  }

  /// The feeds' entries whose VRF or port comes or goes.
  private func moved<Key, Entry: PlacedEntry>(
    _ section: KeyPath<BatchedChanges, KeyedEntries<Key, Entry>>
  ) -> [StateChanges.Change<Entry>] {
    guard places.change else { return [] }
    return feeds.all.flatMap { feed in
      feed.entries[keyPath: section].all.compactMap { entry -> StateChanges.Change<Entry>? in
        let (had, has) = (places.hadAll(entry), places.haveAll(entry))
        return had == has ? nil : StateChanges.Change(from: had ? entry : nil, to: has ? entry : nil)
      }
    }
  }

  private func best<Key, Entry: PlacedEntry>(
    _ changes: [StateChanges.Change<Entry>], _ section: KeyPath<BatchedChanges, KeyedEntries<Key, Entry>>,
    _ space: Feed?, key: (Entry) -> Key
  ) -> [StateChanges.Change<Entry>] {
    var changed: [Key: StateChanges.Change<Entry>] = [:]
    for change in changes {
      if let entry = change.old ?? change.new { changed[key(entry)] = change }
    }
    var seen: Set<Key> = []
    let keys = (changes + moved(section)).compactMap { ($0.old ?? $0.new).map(key) }
    return keys.filter { seen.insert($0).inserted }.compactMap { key in
      let spaces = all(key, section)
      let others = changed[key] == nil ? spaces : spaces.filter { $0.feed != space?.number ?? 0 }
      let before = (others + [changed[key]?.old].compactMap { $0 }).filter(places.hadAll)
      let after = (others + [changed[key]?.new].compactMap { $0 }).filter(places.haveAll)
      let (old, new) = (before.min(by: isBetter), after.min(by: isBetter))
      if let old, let new, old.isSame(as: new) { return nil }
      return StateChanges.Change(from: old, to: new)
    }
  }

  /// The entries of a key in every space.
  private func all<Key, Entry>(
    _ key: Key, _ section: KeyPath<BatchedChanges, KeyedEntries<Key, Entry>>
  ) -> [Entry] {
    [users[keyPath: section][key]].compactMap { $0 } + feeds.all.compactMap { $0.entries[keyPath: section][key] }
  }

  /// The entry of a key that the data plane has.
  func standing<Key, Entry: PlacedEntry>(
    _ key: Key, _ section: KeyPath<BatchedChanges, KeyedEntries<Key, Entry>>
  ) -> Entry? {
    all(key, section).filter(places.hadAll).min(by: isBetter)
  }

  private func isBetter(_ one: some SourcedEntry, _ other: some SourcedEntry) -> Bool {
    (preference(one), one.source.rawValue, one.feed) < (preference(other), other.source.rawValue, other.feed)
  }

  private func preference(_ entry: some SourcedEntry) -> UInt8 {
    feeds[entry.feed]?.preference ?? entry.source.preference
  }
}

extension StateChanges.Change {
  /// The change from one entry to another; nil if there is none of both.
  fileprivate init?(from old: Entry?, to new: Entry?) {
    switch (old, new) {
    case (nil, nil): return nil
    case (nil, let new?): self = .add(new)
    case (let old?, nil): self = .remove(old)
    case (let old?, let new?): self = .replace(old, by: new)
    }
  }
}
