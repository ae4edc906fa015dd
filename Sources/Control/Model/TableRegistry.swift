import Dataplane

/// The tables of the data plane: main, the VRFs', and those that only have a number. Indexes stay while the process runs;
/// that of a VRF which is gone is free for another.
public struct TableRegistry {
  /// A table.
  public struct Entry {
    /// What it is called by.
    public var reference: TableReference
    /// The kernel's number.
    public var number: UInt32
    /// The VRF that has it; nil for main and for a table that only has a number.
    public var vrf: VRFEntry?
    /// How its routes are stored.
    public var lookup = LookupForm.auto

    /// The VRF's name, `main`, or such as `table 200`.
    public var name: String { vrf?.name ?? reference.name }
  }

  /// Places for tables; each interface's own comes behind them.
  let capacity: Int
  private var entries: [Entry?] = []
  private var indexes: [TableReference: Int] = [:]

  /// Tables that may be added while the process runs.
  private static let room = 1024

  /// The tables of a configuration, main first, then its VRFs, then the others.
  init(_ configuration: Configuration) {
    let bare = configuration.bareTables
    capacity = 1 + configuration.vrfs.count + bare.count + Self.room
    append(Entry(reference: .main, number: UInt32(ReservedTable.main), lookup: configuration.mainLookup))
    for vrf in configuration.vrfs { append(Entry(vrf)) }
    for number in bare { append(Entry(reference: .number(number), number: number)) }
  }

  private mutating func append(_ entry: Entry) { put(entry, at: entries.count) }

  private mutating func put(_ entry: Entry, at index: Int) {
    if index == entries.count { entries.append(entry) } else { entries[index] = entry }
    indexes[entry.reference] = index
    // A VRF's table has two names.
    if entry.vrf != nil { indexes[.number(entry.number)] = index }
  }

  /// Adds a table; nil: there is no place left.
  mutating func add(_ entry: Entry) -> Int? {
    let index = entries.firstIndex { $0 == nil } ?? entries.count
    guard index < capacity else { return nil }
    put(entry, at: index)
    return index
  }

  /// Gives a VRF other settings; its table stays.
  mutating func replace(_ vrf: VRFEntry) {
    guard let index = indexes[.vrf(vrf.name)] else { return }
    entries[index]?.vrf = vrf
  }

  /// Removes a table.
  mutating func remove(_ index: Int) {
    guard let entry = entries[index] else { return }
    indexes[entry.reference] = nil
    if entry.vrf != nil { indexes[.number(entry.number)] = nil }
    entries[index] = nil
  }

  /// The index of a table that is there.
  func index(_ reference: TableReference) -> Int? { indexes[reference] }

  /// The table at an index.
  public subscript(index: Int) -> Entry? { entries.indices.contains(index) ? entries[index] : nil }

  /// The indexes of the tables that are there, ascending.
  public var indices: [Int] { entries.indices.filter { entries[$0] != nil } }

  /// Indexes end below this.
  var places: Int { entries.count }
}

extension TableRegistry.Entry {
  init(_ vrf: VRFEntry) { self.init(reference: .vrf(vrf.name), number: vrf.table, vrf: vrf, lookup: vrf.lookup) }
}
