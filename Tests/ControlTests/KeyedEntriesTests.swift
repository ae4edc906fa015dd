import TestSupport
import Testing

@testable import Control

/// Entries under transactions, against a dictionary and a copy of it.
@Suite struct KeyedEntriesTests {
  private struct Entry: Equatable {
    var key: Int
    var value: Int
  }

  @Test func randomTransactions() {
    let seed = UInt64.random(in: 0 ... .max)
    print("keyed entries: seed \(seed)")
    var random = SeededRandom(seed: seed)
    var entries = KeyedEntries<Int, Entry>([]) { $0.key }
    var model: [Int: Entry] = [:]
    for _ in 0..<300 {
      let before = model
      let keys = Int.random(in: 1...2000, using: &random)
      for _ in 0..<Int.random(in: 0...1500, using: &random) {
        let key = Int.random(in: 0..<keys, using: &random)
        if Bool.random(using: &random) {
          let entry = Entry(key: key, value: Int.random(in: 0..<1000, using: &random))
          entries.put(entry, key)
          model[key] = entry
        } else {
          entries.remove(key)
          model[key] = nil
        }
        #expect(entries[key] == model[key], "seed \(seed)")
        // The keys beside each ten.
        let usual = key / 10 * 10
        let found = entries.unusualKey(beside: usual)
        #expect((found == nil) == (1..<10).allSatisfy { model[usual + $0] == nil }, "seed \(seed)")
        #expect(found.map { $0 > usual && $0 < usual + 10 && model[$0] != nil } ?? true, "seed \(seed)")
      }
      checkChanges(of: entries, from: before, to: model, seed)
      if Bool.random(using: &random) {
        entries.commit()
      } else {
        entries.rollBack()
        model = before
      }
      checkChanges(of: entries, from: model, to: model, seed)
      #expect(Set(entries.keys) == Set(model.keys), "seed \(seed)")
      #expect(entries.all.count == model.count && entries.all.allSatisfy { model[$0.key] == $0 }, "seed \(seed)")
    }
  }

  private func checkChanges(
    of entries: KeyedEntries<Int, Entry>, from old: [Int: Entry], to new: [Int: Entry], _ seed: UInt64
  ) {
    var seen: Set<Int> = []
    entries.forEachChange { before, after in
      let key = (before ?? after)!.key
      #expect(seen.insert(key).inserted && before == old[key] && after == new[key], "seed \(seed), key \(key)")
    }
    let differing = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
    #expect(differing.isSubset(of: seen), "seed \(seed)")
  }

  @Test func whatIsPutBackKeepsItsPlace() {
    var entries = KeyedEntries([Entry(key: 1, value: 1), Entry(key: 2, value: 2)]) { $0.key }
    entries.remove(1)
    entries.put(Entry(key: 1, value: 3), 1)
    var changes: [(Entry?, Entry?)] = []
    entries.forEachChange { changes.append(($0, $1)) }
    #expect(changes.count == 1 && changes[0] == (Entry(key: 1, value: 1), Entry(key: 1, value: 3)))
    entries.commit()
    #expect(entries.all.map(\.key) == [1, 2])
  }
}

extension Int: EntryKey {
  /// The ten that it is above; nil of tens.
  public var usual: Int? { self % 10 == 0 ? nil : self / 10 * 10 }
}
