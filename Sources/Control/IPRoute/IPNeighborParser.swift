import Wire

extension IPWordReader {
  /// What follows `neighbor`.
  mutating func neighbor(isIPv4: Bool?) throws(IPCommandError) -> IPNeighborCommand {
    let verb = try verb()
    _ = take("to")
    let word = try argument("the neighbour's address")
    guard let address = IPAddress(parsing: word.text), address.flaw == nil, isIPv4 ?? address.isIPv4 == address.isIPv4
    else { throw IPCommandError(word, "\(quoted(word.text)) is no address that a neighbour has") }
    var mac: MACAddress?
    var device: Word?
    while let keyword = take() {
      switch keyword.text {
      case "lladdr":
        let word = try argument("an Ethernet address")
        mac = MACAddress(parsing: word.text)
        guard let mac, !mac.isMulticast, !mac.isUnspecified else {
          throw IPCommandError(word, "\(quoted(word.text)) is no Ethernet address of one station")
        }
      case "dev": device = try argument("a port's name")
      case "nud":
        let state = try argument("permanent")
        guard ["permanent", "noarp"].contains(state.text) else {
          throw IPCommandError(state, "what is written down does not age: the state is permanent, not \(state.text)")
        }
      default:
        throw IPCommandError(keyword, "\(quoted(keyword.text)) is none of lladdr, dev and nud")
      }
    }
    guard let device else { throw IPCommandError(word, "the line does not say which port; add 'dev' and its name") }
    if mac == nil, verb != .delete {
      throw IPCommandError(word, "the line has no Ethernet address; add 'lladdr' and the address")
    }
    return IPNeighborCommand(verb: verb, address: address, mac: mac, device: device, mark: word.mark)
  }
}
