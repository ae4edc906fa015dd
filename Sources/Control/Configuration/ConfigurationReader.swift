/// Reads the sections of a file into the model.
///
/// The order of reading follows from what refers to what, VRFs before ports and ports before all else, and not from the
/// order in the file. An entry with an error is left out of the model, which nobody gets to see then.
struct ConfigurationReader {
  static let sections = [
    "dpdk", "lcores", "api", "srv6", "tables", "punt", "ports", "vrfs", "sids", "routes", "neighbors",
  ]

  let diagnostics: DiagnosticCollector
  var configuration = Configuration()
  /// Who puts entries there.
  var source = RouteSource.static
  /// Which feed of that source: ``Feed/number``; 0 where it is none's.
  var feed: UInt8 = 0
  /// The feed's epoch.
  var epoch: UInt32 = 0
  var vrfs = NameSpace("VRF")
  var ports = NameSpace("port")
  /// The ports that are in order, by name.
  var portEntries: [String: PortEntry] = [:]
  /// Every port is in order, so that an address on no port is an error of its own and not the consequence of one.
  var portsAreWhole = true
  var addresses = OwnAddresses()
  /// The ports whose twins have a name, by namespace and name.
  var twins: [TwinName: String] = [:]
  /// Next hops that a route has to lead to.
  var unlinked: [UnlinkedNextHop] = []

  init(_ diagnostics: DiagnosticCollector) { self.diagnostics = diagnostics }

  mutating func read(_ root: YAMLNode) {
    if root.isNull {
      diagnostics.report(root.mark, "", YAMLDocument.emptyRefused)
      return
    }
    guard let root = EntryReader(root, path: "", known: Self.sections, diagnostics) else { return }
    vrfs.isComplete = !root.misspelt.contains("vrfs")
    ports.isComplete = !root.misspelt.contains("ports")
    readDPDK(root)
    readAPI(root)
    readSRv6(root)
    readTables(root)
    readPunt(root)
    readVRFs(root)
    let errorsBefore = diagnostics.count
    readPorts(root)
    portsAreWhole = ports.isComplete && diagnostics.count == errorsBefore
    readLcores(root)
    readSIDs(root)
    readRoutes(root)
    readNeighbors(root)
  }

  /// A section of fixed keys; nil if it is absent or empty.
  func section(_ key: String, of root: EntryReader, known: [String]) -> EntryReader? {
    guard let node = root.node(key), !node.isNull else { return nil }
    return EntryReader(node, mark: root.keyMark(key), path: key, known: known, diagnostics)
  }

  /// A section of named entries: its names go into `names`, the entries that are mappings come back.
  func namedEntries(
    _ key: String, of root: EntryReader, known: [String], into names: inout NameSpace
  ) -> [(name: String, entry: EntryReader)] {
    guard let node = root.node(key), !node.isNull else { return [] }
    guard case .mapping(let fields) = node.content else {
      names.isComplete = false
      if case .refused = node.content { return [] }
      diagnostics.report(
        node.mark, key,
        "is \(node.kind); write a mapping of names, such as '\(key): {\(names.kind.lowercased())1: {...}}'")
      return []
    }
    return fields.compactMap { field in
      let path = key.appending(key: field.key)
      names.declare(Word(text: field.key, mark: field.keyMark, path: path), diagnostics)
      return EntryReader(field.value, mark: field.keyMark, path: path, known: known, diagnostics)
        .map { (field.key, $0) }
    }
  }

  /// A section that is a list of entries.
  func listedEntries(_ key: String, of root: EntryReader, known: [String]) -> [EntryReader] {
    guard let node = root.node(key), !node.isNull else { return [] }
    let nodes = root.list(key, expected: "a list of entries, each on a line that starts with '- '") ?? []
    return nodes.enumerated().compactMap { index, node in
      EntryReader(node, path: "\(key)[\(index)]", known: known, diagnostics)
    }
  }

  /// The VRF that an entry's `vrf` names, main if it has none; nil, reported, if there is no such VRF.
  func vrf(_ entry: EntryReader) -> TableReference? {
    guard entry.has("vrf") else { return .main }
    guard let name = entry.word("vrf", expected: "a VRF's name, or main") else { return nil }
    if name.text == "main" { return .main }
    return vrfs.resolve(name, diagnostics, also: ["main"]) ? .vrf(name.text) : nil
  }

  /// The table that an entry's `vrf` or `table` names, main if it has neither; nil, reported, if it is none.
  func table(_ entry: EntryReader) -> TableReference? {
    guard entry.has("table") else { return vrf(entry) }
    entry.refuse("vrf", "'vrf' and 'table' both name a table; remove one of them")
    let expected = "a table's number, or main"
    guard let word = entry.word("table", expected: expected) else { return nil }
    if word.text == "main" { return .main }
    guard let number = entry.integer(word, in: 1...Int(UInt32.max)) else { return nil }
    if number == ReservedTable.main { return .main }
    if let owner = ReservedTable.name(number) {
      diagnostics.report(word.mark, word.path, "table \(number) is the kernel's \(owner); write \(expected)")
      return nil
    }
    return .number(UInt32(number))
  }

  /// The port that an entry's `port` names; nil if there is none, or, reported, no such port.
  func port(_ entry: EntryReader) -> Word? {
    guard let name = entry.word("port", expected: "a port's name") else { return nil }
    return ports.resolve(name, diagnostics) ? name : nil
  }
}
