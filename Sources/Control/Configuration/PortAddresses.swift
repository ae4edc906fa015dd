import Wire

extension ConfigurationReader {
  /// The addresses of a port; those that are wrong are reported and left out.
  mutating func readAddresses(_ port: String, _ entry: EntryReader, _ vrf: TableReference?) -> [InterfaceAddress] {
    var own: [InterfaceAddress] = []
    for word in entry.words("addresses", expected: "a list of addresses, such as [\"10.1.0.1/24\"]") ?? [] {
      guard let address = interfaceAddress(word) else { continue }
      own.append(address)
      guard let vrf else { continue }
      if let clash = clash(of: address.address, port: port, in: vrf) {
        diagnostics.report(
          word.mark, word.path,
          "\(address.address) is on port \(clash.port) already (\(clash.mark.place)), in \(vrf); remove one of them"
        )
      } else {
        addresses.add(address, vrf, OwnAddresses.Place(port: port, mark: word.mark))
      }
    }
    return own
  }

  /// Where an address that a port is to have is ours already; nil if it is free.
  func clash(of address: IPAddress, port: String, in vrf: TableReference) -> OwnAddresses.Place? {
    let others = addresses.places(of: address, in: vrf)
    // Link-local addresses belong to a link: each of our links may have the same.
    return address.isIPv6LinkLocal ? others.first { $0.port == port } : others.first
  }

  /// An address as it is written; nil if it can be none, which has been reported.
  func interfaceAddress(_ word: Word) -> InterfaceAddress? {
    guard let prefix = IPPrefix(parsing: word.text) else {
      diagnostics.report(
        word.mark, word.path,
        "\(quoted(word.text)) is no address with a prefix length; write one such as 10.1.0.1/24 or 2001:db8:1::1/64")
      return nil
    }
    if let flaw = prefix.address.flaw {
      diagnostics.report(word.mark, word.path, "\(prefix.address) is \(flaw); write an address that a host may have")
      return nil
    }
    if prefix.length == 0 {
      diagnostics.report(
        word.mark, word.path, "\(prefix) puts every address on this link; write the length of the link's own prefix")
      return nil
    }
    switch prefix {
    case .v4(let prefix): return .v4(prefix.address, prefix.length)
    case .v6(let prefix): return .v6(prefix.address, prefix.length)
    }
  }
}
