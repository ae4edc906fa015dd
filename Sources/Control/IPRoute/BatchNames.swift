// What the names in a batch's lines stand for.

extension ConfigurationReader {
  /// The port of that name.
  func port(_ word: Word) throws(IPCommandError) -> String {
    if ports.declared[word.text] != nil || !ports.isComplete { return word.text }
    if vrfs.declared[word.text] != nil {
      throw IPCommandError(word, "\(word.text) is a VRF, and packets leave by a port; name one")
    }
    if ports.takes(word.text) { return word.text }
    throw IPCommandError(word, "there is no port \(quoted(word.text)); name one of the configuration file's")
  }

  /// The device of a line that has no use of one: a port, or what else Linux would take.
  func isPort(_ word: Word) throws(IPCommandError) -> Bool {
    if vrfs.declared[word.text] != nil || word.text == "lo" { return false }
    _ = try port(word)
    return true
  }

  /// The table of a route: a VRF's number means the VRF.
  func table(_ table: IPTable?) throws(IPCommandError) -> TableReference {
    switch table {
    case nil: return .main
    case .table(let reference): return configuration.vrf(ofTable: reference) ?? reference
    case .vrf(let word):
      if word.text == "main" { return .main }
      guard vrfs.takes(word.text) || !vrfs.isComplete else {
        throw IPCommandError(word, "there is no VRF \(quoted(word.text)); name one of the configuration file's")
      }
      return .vrf(word.text)
    }
  }

  /// The VRF that a table is bound to.
  func vrf(of table: UInt32, _ word: Word) throws(IPCommandError) -> String {
    guard case .vrf(let name) = configuration.vrf(ofTable: .number(table)) else {
      throw IPCommandError(word, "no VRF has table \(table); add one to the configuration file's vrfs")
    }
    return name
  }
}

extension Configuration {
  /// The VRF that has the table of that number; nil if none has.
  func vrf(ofTable table: TableReference) -> TableReference? {
    vrfs.first { table == .number($0.table) }.map { .vrf($0.name) }
  }
}
