import Wire

extension IPCommand {
  /// In iproute2's order, in which abbreviations are resolved, and then our own.
  private static let objects = [
    "address", "addrlabel", "maddress", "route", "rule", "neighbor", "neighbour", "ntable", "link", "vrf", "sr", "sid",
  ]

  /// Understands one line as `ip -batch` takes them, with or without the leading `ip`.
  ///
  /// - Parameter words: At least one.
  init(_ words: [Word]) throws(IPCommandError) {
    var reader = IPWordReader(words)
    _ = reader.take("ip")
    let isIPv4 = try reader.family()
    guard let object = reader.take() else {
      throw IPCommandError(
        reader.last, "the line ends before it says of what it is; write address, route, neighbor, sr or sid")
    }
    switch Self.objects.first(where: { $0.hasPrefix(object.text) }) {
    case "route": self = .route(try reader.route(isIPv4: isIPv4))
    case "neighbor", "neighbour": self = .neighbor(try reader.neighbor(isIPv4: isIPv4))
    case "address": self = .address(try reader.address(isIPv4: isIPv4))
    case "sr": self = .tunnelSource(try reader.tunnelSource())
    case "sid": self = .sid(try reader.sid())
    case "link", "vrf":
      throw IPCommandError(
        object, "ports and VRFs stand in the configuration file; a batch has addresses, routes and neighbours")
    default: throw IPCommandError(object, "\(quoted(object.text)) is none of address, route, neighbor, sr and sid")
    }
  }
}

extension IPWordReader {
  /// The options before the object; nil where they leave the family open.
  fileprivate mutating func family() throws(IPCommandError) -> Bool? {
    var isIPv4: Bool?
    while let option = next, option.text.hasPrefix("-") {
      _ = take()
      switch option.text {
      case "-4": isIPv4 = true
      case "-6": isIPv4 = false
      case "-f", "-family", "--family":
        let family = try argument("inet or inet6")
        guard ["inet", "inet6"].contains(family.text) else {
          throw IPCommandError(family, "\(quoted(family.text)) is neither inet nor inet6")
        }
        isIPv4 = family.text == "inet"
      default: throw IPCommandError(option, "\(quoted(option.text)) means nothing here; -4 and -6 do")
      }
    }
    return isIPv4
  }

  /// `add`, `replace`, ...
  mutating func verb() throws(IPCommandError) -> IPVerb {
    func expected() -> String { "one of \(IPVerb.allCases.map(\.rawValue).joined(separator: ", "))" }
    let word = try argument(expected())
    if word.text == "chg" { return .change }
    guard let verb = IPVerb.allCases.first(where: { $0.rawValue.hasPrefix(word.text) }), !word.text.isEmpty else {
      throw IPCommandError(word, "\(quoted(word.text)) is not \(expected())")
    }
    return verb
  }

  /// `sr tunsrc set ADDRESS`
  fileprivate mutating func tunnelSource() throws(IPCommandError) -> IPv6Address {
    for keyword in ["tunsrc", "set"] {
      let word = try argument("'\(keyword)'")
      guard word.text == keyword else {
        throw IPCommandError(word, "\(quoted(word.text)) is not '\(keyword)'; write sr tunsrc set ADDRESS")
      }
    }
    let (address, word) = try ipv6Address()
    if !address.isUnspecified,
      let flaw = IPAddress.v6(address).flaw ?? (address.isLinkLocal ? "a link-local address" : nil)
    {
      throw IPCommandError(word, "\(address) is \(flaw); write a global address, for the far end answers to it")
    }
    try end()
    return address
  }

  /// There must be no word left.
  mutating func end() throws(IPCommandError) {
    guard let word = next else { return }
    throw IPCommandError(word, "\(quoted(word.text)) has no place here; remove it")
  }
}
