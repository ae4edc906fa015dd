import Wire

extension IPWordReader {
  /// What follows `route`.
  mutating func route(isIPv4: Bool?) throws(IPCommandError) -> IPRouteCommand {
    let verb = try verb()
    let start = last
    // What is not known before the prefix stands here until then.
    var command = IPRouteCommand(verb: verb, prefix: .everything(isIPv4: false), mark: start.mark)
    var destination: Word?
    while let word = take() {
      if try option(word, of: &command) { continue }
      guard destination == nil else {
        throw IPCommandError(word, "\(quoted(word.text)) is no word of a route that Needletail knows; remove it")
      }
      destination = try type(word, of: &command)
    }
    guard let destination else { throw IPCommandError(start, "the line has no prefix; write one, or default") }
    command.mark = destination.mark
    command.prefix = try prefix(destination, isIPv4: isIPv4, via: command.via)
    try checkAction(of: command, destination)
    return command
  }

  /// A keyword and what belongs to it; false for a word that is no keyword.
  private mutating func option(_ word: Word, of command: inout IPRouteCommand) throws(IPCommandError) -> Bool {
    switch word.text {
    case "via":
      _ = take("inet", "inet6")
      command.via = try argument("the gateway's address")
    case "dev", "oif": command.device = try argument("a port's name")
    case "vrf": command.table = .vrf(try argument("a VRF's name"))
    case "table", "tabl", "tab": command.table = .table(try table())
    case "metric", "preference", "priority": command.metric = try number(in: 0...Int(UInt32.max))
    case "encap": try encapsulation(of: &command)
    // What only concerns the packets that a host sends, or who reads the table.
    case "proto", "protocol", "scope", "src", "pref": _ = try argument("a value")
    case "onlink": break
    case "nexthop": command.members.append(try member(word))
    case "mtu", "nhid", "tos", "dsfield", "from", "expires", "realms", "ttl-propagate":
      throw IPCommandError(word, "\(quoted(word.text)) is not there yet; remove it and its value")
    default: return false
    }
    return true
  }

  /// What follows `nexthop`.
  private mutating func member(_ word: Word) throws(IPCommandError) -> IPRouteMember {
    var member = IPRouteMember(word: word)
    while let keyword = take("via", "dev", "oif", "weight", "onlink") {
      switch keyword.text {
      case "via":
        _ = take("inet", "inet6")
        member.via = try argument("the gateway's address")
      case "weight": member.weight = Int(try number(in: 1...255))
      case "onlink": break
      default: member.device = try argument("a port's name")
      }
    }
    guard member.via != nil || member.device != nil else {
      throw IPCommandError(word, "the next hop does not say where packets go; add 'via', 'dev' or both")
    }
    return member
  }

  /// The route's type, if `word` is one, and then the word of its prefix.
  private mutating func type(_ word: Word, of command: inout IPRouteCommand) throws(IPCommandError) -> Word {
    let drop = RouteAction(dropType: word.text)
    if let drop { command.action = .drop(drop) }
    switch word.text {
    case "to": return try type(argument("a prefix, or default"), of: &command)
    case "throw", "local", "broadcast", "multicast", "anycast", "nat", "xresolve":
      throw IPCommandError(
        word, "there is no route type \(word.text); the types are unicast, blackhole, unreachable and prohibit")
    case "unicast": break
    default: if drop == nil { return word }
    }
    _ = take("to")
    return try argument("a prefix, or default")
  }

  private func prefix(_ word: Word, isIPv4: Bool?, via: Word?) throws(IPCommandError) -> IPPrefix {
    if ["default", "any", "all"].contains(word.text) {
      let isIPv6 = isIPv4.map { !$0 } ?? (via.map { IPv6Address(parsing: $0.text) != nil } ?? false)
      return .everything(isIPv4: !isIPv6)
    }
    guard let prefix = IPPrefix(parsing: word.text) else {
      throw IPCommandError(
        word, "\(quoted(word.text)) is neither a prefix nor a word of a route that Needletail knows")
    }
    if let isIPv4, isIPv4 != prefix.isIPv4 {
      throw IPCommandError(word, "\(prefix) is not \(isIPv4 ? "IPv4" : "IPv6"), which the line's option says")
    }
    // Linux cuts the host bits off an IPv6 prefix, and refuses them in an IPv4 one.
    guard prefix == prefix.masked || !prefix.isIPv4 else {
      throw IPCommandError(word, "\(prefix) has bits set beyond its \(prefix.length); write \(prefix.masked)")
    }
    return prefix.masked
  }

  private func checkAction(of command: IPRouteCommand, _ prefix: Word) throws(IPCommandError) {
    if let member = command.members.first {
      guard case .unicast = command.action, command.via == nil, command.device == nil else {
        throw IPCommandError(member.word, "'nexthop' stands alone: remove it, or 'via', 'dev', 'encap' and the type")
      }
      return
    }
    switch command.action {
    case .drop:
      if let via = command.via { throw IPCommandError(via, "a route that drops has no gateway; remove 'via'") }
    case .local(let local):
      if command.prefix.isIPv4 { throw IPCommandError(prefix, "a SID is an IPv6 address or prefix") }
      if let via = command.via {
        throw IPCommandError(via, "\(local.row.name) does not go by 'via'; what it needs stands behind 'action'")
      }
      switch command.table {
      case nil, .table(.main): break
      default: throw IPCommandError(prefix, "SIDs stand in the main table; remove the route's 'table' or 'vrf'")
      }
    case .encapsulate(let encapsulation):
      if encapsulation.mode == .inline, command.prefix.isIPv4 {
        throw IPCommandError(prefix, "inline puts a header into IPv6 packets; write mode encap or encap.red")
      }
    case .unicast:
      guard command.verb != .delete, command.via == nil, command.device == nil else { return }
      throw IPCommandError(prefix, "the line does not say where packets go; add 'via', 'dev' or 'encap'")
    }
  }
}
