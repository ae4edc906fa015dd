import Wire

extension IPWordReader {
  /// What follows `address`.
  mutating func address(isIPv4: Bool?) throws(IPCommandError) -> IPAddressCommand {
    let verb = try verb()
    _ = take("local")
    let word = try argument("an address with its prefix length, such as 10.1.0.1/24")
    guard let prefix = IPPrefix(parsing: word.text), isIPv4 ?? prefix.isIPv4 == prefix.isIPv4 else {
      throw IPCommandError(
        word, "\(quoted(word.text)) is no address with a prefix length; write one such as 10.1.0.1/24")
    }
    var device: Word?
    while let keyword = take() {
      switch keyword.text {
      case "dev": device = try argument("a port's name")
      // Every address is of use at once, and its broadcast address is the usual one.
      case "nodad": break
      case "scope": _ = try argument("a scope")
      case "brd", "broadcast":
        let broadcast = try argument("+")
        guard broadcast.text == "+" else {
          throw IPCommandError(broadcast, "the broadcast address is the subnet's last; write +, or leave it out")
        }
      default: throw IPCommandError(keyword, "\(quoted(keyword.text)) is none of dev, brd, scope and nodad")
      }
    }
    guard let device else { throw IPCommandError(word, "the line does not say which port; add 'dev' and its name") }
    return IPAddressCommand(verb: verb, word: word, device: device)
  }
}
