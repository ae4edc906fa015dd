extension ConfigurationReader {
  private struct NeighborKey: Hashable {
    var port: String
    var address: IPAddress
  }

  /// `neighbors:`
  mutating func readNeighbors(_ root: EntryReader) {
    var first: [NeighborKey: Mark] = [:]
    for entry in listedEntries("neighbors", of: root, known: ["port", "address", "mac"]) {
      entry.require("port", like: "core")
      entry.require("address", like: "10.1.0.2")
      entry.require("mac", like: "\"02:00:00:00:01:02\"")
      let port = port(entry)
      let address = entry.hostAddress("address")
      let mac = entry.macAddress("mac")
      guard let port, let address else { continue }
      checkIsFirst(NeighborKey(port: port.text, address: address), entry, &first)
      guard !isOurs(address, on: port.text, entry.valueMark("address"), entry.path("address")), let mac else {
        continue
      }
      configuration.neighbors.append(NeighborEntry(port: port.text, address: address, mac: mac, mark: entry.mark))
    }
  }

  private func checkIsFirst(_ key: NeighborKey, _ entry: EntryReader, _ first: inout [NeighborKey: Mark]) {
    if let mark = first[key] {
      diagnostics.report(
        entry.valueMark("address"), entry.path("address"),
        "\(key.address) is a neighbour on port \(key.port) already (\(mark.place)); remove one of them")
    } else {
      first[key] = entry.mark
    }
  }

  /// Reports a neighbour that is ourselves.
  func isOurs(_ address: IPAddress, on name: String, _ mark: Mark, _ path: String) -> Bool {
    guard let port = portEntries[name] else { return false }
    let places = addresses.places(of: address, in: TableReference(vrf: port.vrf))
    guard let place = address.isIPv6LinkLocal ? places.first(where: { $0.port == name }) : places.first else {
      return false
    }
    diagnostics.report(
      mark, path,
      "\(address) is this node's own address, on port \(place.port) (\(place.mark.place)); write the neighbour's")
    return true
  }
}
