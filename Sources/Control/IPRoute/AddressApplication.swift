import Wire

// Lines of `address`: the addresses of ports, which are changed where the ports stand.

extension ConfigurationReader {
  mutating func apply(_ command: IPAddressCommand) throws(IPCommandError) {
    let name = try port(command.device)
    guard var port = portEntries[name], let address = interfaceAddress(command.word) else { return }
    // What goes may be written without its length.
    let isBare = command.verb == .delete && !command.word.text.contains("/")
    let place = port.addresses.firstIndex { isBare ? $0.address == address.address : $0 == address }
    switch command.verb {
    case .add, .append:
      if place != nil { throw IPCommandError(command.word, "\(address) is on port \(name) already") }
    case .change, .delete:
      guard place != nil else {
        throw IPCommandError(
          command.word, "\(command.word.text) is not on port \(name), so there is nothing to \(command.verb)")
      }
    case .replace: break
    }
    if command.verb == .delete, let place {
      port.addresses.remove(at: place)
    } else if place == nil {
      try checkIsFree(address, port, command.word)
      port.addresses.append(address)
    }
    setAddresses(of: port)
  }

  /// What a port's address has to be besides one that a host may have.
  private func checkIsFree(_ address: InterfaceAddress, _ port: PortEntry, _ word: Word) throws(IPCommandError) {
    let vrf = TableReference(vrf: port.vrf)
    if let other = clash(of: address.address, port: port.name, in: vrf) {
      throw IPCommandError(word, "\(address.address) is on port \(other.port) already, in \(vrf)")
    }
    if !address.address.isIPv4, port.mtu < 1280 {
      throw IPCommandError(word, "port \(port.name)'s mtu of \(port.mtu) is too little for IPv6, which needs 1280")
    }
  }

  private mutating func setAddresses(of port: PortEntry) {
    portEntries[port.name] = port
    guard let place = configuration.ports.firstIndex(where: { $0.name == port.name }) else { return }
    configuration.ports[place] = port
    declareAddresses()
  }

  /// Takes the addresses of all ports for those that are ours.
  mutating func declareAddresses() {
    addresses = OwnAddresses()
    for port in configuration.ports {
      for address in port.addresses {
        addresses.add(address, TableReference(vrf: port.vrf), .init(port: port.name, mark: port.mark))
      }
    }
  }
}
