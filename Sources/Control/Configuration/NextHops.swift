extension ConfigurationReader {
  /// The port of a next hop: the one that the entry names, or the one on whose link the address is, first in `vrf` and
  /// then in main. Nil if there is none, which has been reported.
  func port(of address: IPAddress, key: String, _ entry: EntryReader, _ vrf: VRFChoice) -> String? {
    if entry.has("port") {
      guard let name = port(entry)?.text, let port = portEntries[name] else { return nil }
      return isOwn(address, key, entry, VRFChoice(port.vrf), port: name) ? nil : name
    }
    if entry.misspelt.contains("port") { return nil }
    if address.isIPv6LinkLocal {
      report(key, entry, "\(address) is a link-local address, which every link may have; add 'port' to say which")
      return nil
    }
    let tables = vrf == .main ? [.main] : [vrf, .main]
    for table in tables {
      if isOwn(address, key, entry, table, port: nil) { return nil }
      let reaching = addresses.ports(reaching: address, in: table)
      if reaching.count == 1 { return reaching[0] }
      if reaching.count > 1 {
        report(
          key, entry, "\(address) is on the links of \(reaching.joined(separator: " and ")); add 'port' to say which")
        return nil
      }
    }
    if portsAreWhole { reportUnreachable(address, key, entry, tables) }
    return nil
  }

  private func reportUnreachable(_ address: IPAddress, _ key: String, _ entry: EntryReader, _ tables: [VRFChoice]) {
    let searched = tables.map(\.description).joined(separator: " or ")
    let elsewhere = addresses.ports(reaching: address).first
    let fix =
      elsewhere.map { "add 'port: \($0)', whose link has it" } ?? "add 'port', or an address of that link to a port"
    report(key, entry, "\(address) is on the link of no port of \(searched); \(fix)")
  }

  /// Reports a next hop that is ourselves.
  private func isOwn(
    _ address: IPAddress, _ key: String, _ entry: EntryReader, _ vrf: VRFChoice, port: String?
  ) -> Bool {
    let places = addresses.places(of: address, in: vrf)
    guard let place = address.isIPv6LinkLocal ? places.first(where: { $0.port == port }) : places.first else {
      return false
    }
    report(
      key, entry,
      "\(address) is this node's own address, on port \(place.port) (line \(place.mark.line)); write the neighbour's")
    return true
  }

  private func report(_ key: String, _ entry: EntryReader, _ message: @autoclosure () -> String) {
    diagnostics.report(entry.valueMark(key), entry.path(key), message())
  }
}
