import SRv6
import Wire

extension IPWordReader {
  /// What follows `encap`.
  mutating func encapsulation(of command: inout IPRouteCommand) throws(IPCommandError) {
    let keyword = last
    if case .drop = command.action { throw IPCommandError(keyword, "a route that drops encapsulates nothing") }
    let type = try argument("seg6 or seg6local")
    switch type.text {
    case "seg6": command.action = .encapsulate(try headend(type))
    case "seg6local": command.action = .local(try local(type))
    default: throw IPCommandError(type, "\(quoted(type.text)) is neither seg6 nor seg6local")
    }
  }

  private mutating func headend(_ type: Word) throws(IPCommandError) -> Encapsulation {
    var mode: Encapsulation.Mode?
    var segments: ([IPv6Address], Word)?
    var source: IPv6Address?
    while let word = take("mode", "segs", "tunsrc", "hmac") {
      switch word.text {
      case "mode":
        let known = Encapsulation.Mode.allCases.map(\.rawValue).joined(separator: ", ")
        let name = try argument("one of \(known)")
        mode = Encapsulation.Mode(rawValue: name.text)
        guard mode != nil else { throw IPCommandError(name, "\(quoted(name.text)) is none of the modes \(known)") }
      case "segs": segments = try self.segments()
      case "tunsrc": source = try ipv6Address().address
      default: throw hmacRefused(word)
      }
    }
    guard let mode else { throw IPCommandError(type, "the encapsulation has no mode; add 'mode encap'") }
    guard let segments else { throw IPCommandError(type, "the encapsulation has no segments; add 'segs'") }
    return Encapsulation(mode: mode, segments: try path(segments, mode), source: source, nexthop: nil)
  }

  /// A path, which must fit the header of a policy of that mode.
  private func path(
    _ segments: (list: [IPv6Address], word: Word), _ mode: Encapsulation.Mode
  ) throws(IPCommandError) -> [IPv6Address] {
    guard segments.list.count <= mode.longestPath else {
      throw IPCommandError(
        segments.word, "has \(segments.list.count) segments, and \(mode.longestPath) are the most")
    }
    return segments.list
  }

  private mutating func local(_ type: Word) throws(IPCommandError) -> IPLocalAction {
    guard take("action") != nil else { throw IPCommandError(type, "after 'seg6local' comes 'action' and a behaviour") }
    let name = try argument("a behaviour's name")
    guard let behavior = Behavior(name: name.text) else {
      let known = BehaviorRow.all.map(\.name).joined(separator: ", ")
      throw IPCommandError(name, "there is no behaviour \(quoted(name.text)); those that are there are \(known)")
    }
    var action = IPLocalAction(row: behavior.row, name: name)
    while let word = take("table", "vrftable", "nh4", "nh6", "iif", "oif", "srh", "count", "flavors") {
      switch word.text {
      case "table": action.table = try table()
      case "vrftable": action.vrfTable = (try number(in: 1...Int(UInt32.max)), last)
      case "nh4", "nh6": action.nexthop = try nexthop(word)
      case "oif": action.port = try argument("a port's name")
      case "srh": action.segments = try policy(word, Encapsulation.Mode(of: behavior))
      case "flavors": action.flavors = try flavors(behavior.row, &action)
      case "count": break
      default: throw IPCommandError(word, "\(quoted(word.text)) is not there yet; remove it and its value")
      }
    }
    try checkAttributes(of: action)
    return action
  }

  private mutating func nexthop(_ keyword: Word) throws(IPCommandError) -> IPAddress {
    let isIPv4 = keyword.text == "nh4"
    let word = try argument(isIPv4 ? "an IPv4 address" : "an IPv6 address")
    guard let address = IPAddress(parsing: word.text), address.isIPv4 == isIPv4 else {
      throw IPCommandError(word, "\(quoted(word.text)) is no \(isIPv4 ? "IPv4" : "IPv6") address")
    }
    return address
  }

  private mutating func policy(
    _ keyword: Word, _ mode: Encapsulation.Mode
  ) throws(IPCommandError) -> [IPv6Address] {
    guard take("segs") != nil else { throw IPCommandError(keyword, "after 'srh' comes 'segs' and the segments") }
    let segments = try path(segments(), mode)
    if let hmac = take("hmac") { throw hmacRefused(hmac) }
    return segments
  }

  private func hmacRefused(_ word: Word) -> IPCommandError {
    IPCommandError(word, "headers with an HMAC are not made yet; remove 'hmac' and its key")
  }

  private mutating func flavors(_ row: BehaviorRow, _ action: inout IPLocalAction) throws(IPCommandError) -> Flavors {
    let word = try argument("flavours with commas between them")
    action.flavorsWord = word
    var flavors: Flavors = []
    for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let flavor = Flavors(name: String(part)) else {
        throw IPCommandError(
          word, "there is no flavour \(quoted(String(part))); there are \(Flavors.all.names.joined(separator: ", "))")
      }
      flavors.insert(flavor)
    }
    guard row.flavors.isSuperset(of: flavors) else {
      throw IPCommandError(word, "\(row.name) has no flavours; remove 'flavors' (RFC 8986, section 4.16)")
    }
    return flavors
  }

  /// As Linux's seg6_local checks what an action is given.
  private func checkAttributes(of action: IPLocalAction) throws(IPCommandError) {
    let row = action.row
    let isLegacy = row.behavior == .endT || row.behavior == .endDT6
    let isVRF = row.inner != nil && row.required.contains(.table)
    let nexthop = row.inner == .ipv4 ? "nh4" : "nh6"
    let checks: [(keyword: String, isGiven: Bool, isTaken: Bool, isNeeded: Bool)] = [
      ("table", action.table != nil, isLegacy, isLegacy && action.vrfTable == nil),
      ("vrftable", action.vrfTable != nil, isVRF, isVRF && (!isLegacy || action.table == nil)),
      (nexthop, action.nexthop != nil, row.required.contains(.nexthop), row.required.contains(.nexthop)),
      ("srh", !action.segments.isEmpty, row.required.contains(.segments), row.required.contains(.segments)),
      ("oif", action.port != nil, row.behavior == .endX, false),
    ]
    for check in checks {
      if check.isGiven, !check.isTaken {
        throw IPCommandError(action.name, "\(row.name) takes no '\(check.keyword)'; remove it")
      }
      if check.isNeeded, !check.isGiven {
        throw IPCommandError(action.name, "\(row.name) needs '\(check.keyword)'; add it")
      }
    }
    if action.table != nil, action.vrfTable != nil {
      throw IPCommandError(action.name, "'table' and 'vrftable' both name a table; remove one of them")
    }
    if let given = action.nexthop, given.isIPv4 != (nexthop == "nh4") {
      throw IPCommandError(action.name, "\(row.name) needs '\(nexthop)'; \(given) is of the other family")
    }
  }
}
