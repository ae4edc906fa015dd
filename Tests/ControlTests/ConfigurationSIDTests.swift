import Testing

@testable import Control

/// What is wrong in `sids`.
@Suite struct ConfigurationSIDTests {
  private static func sid(_ text: String, _ fragment: String) -> BadInput {
    BadInput.withPorts("sids:\n  - {sid: \(text), behavior: End.DT4, vrf: red}", fragment)
  }

  static let badSIDs = [
    sid("«10.0.0.1", "sids[0].sid: '10.0.0.1' is IPv4, and a SID is an IPv6 address"),
    sid("«d4", "'d4' is no IPv6 address or prefix"),
    sid("«\"fc00::1/129\"", "is no IPv6 address or prefix"),
    sid("«\"ff02::1\"", "ff02::1 is a multicast address and no SID"),
    sid("«\"::\"", ":: is the unspecified address and no SID"),
    sid("«\"::/0\"", ":: is the unspecified address"),
    sid("«\"::1\"", "::1 is the loopback address"),
    sid("«\"fe80::1\"", "fe80::1 is a link-local address"),
    sid("«\"fc00:0:1::1/48\"", "fc00:0:1::1/48 has bits set beyond its 48; write fc00:0:1::/48"),
    sid("«\"2001:db8:1::1\"", "2001:db8:1::1/128 is an address of port core (line 2)"),
    sid("«\"2001:db8:1::/48\"", "covers 2001:db8:1::1, an address of port core (line 2)"),
  ]

  @Test(arguments: badSIDs) func sids(_ input: BadInput) { input.check() }

  static let badEntries = [
    BadInput.withPorts("sids: [«{behavior: End.DT4, vrf: red}]", "sids[0]: 'sid' is missing"),
    BadInput.withPorts("sids: [«{sid: \"fc00::1\", vrf: red}]", "'behavior' is missing; add it"),
    BadInput.withPorts(
      "sids: [{sid: \"fc00::1\", behavior: «End.DT5, vrf: red}]",
      "there is no behaviour 'End.DT5'; did you mean 'End.DT4'? The known behaviours are End, End.X, End.T, End.B6.Encaps, End.DX6, End.DX4, End.DT6"
    ),
    BadInput.withPorts(
      "sids: [«{sid: \"fc00::1\", behavior: End.DT6}]", "End.DT6 needs 'vrf' or 'table'; add it (RFC 8986, section 4.6)"
    ),
    BadInput.withPorts("sids: [«{sid: \"fc00::1\", behavior: end.dx4}]", "End.DX4 needs 'nexthop'"),
    BadInput.withPorts(
      "sids: [{sid: \"fc00::1\", behavior: End.DT4, vrf: red, «nexthop: 10.1.0.2, «port: ce-red}]",
      "End.DT4 takes no 'nexthop'; remove it. It takes vrf, table", "End.DT4 takes no 'port'"),
    BadInput.withPorts(
      "sids: [{sid: \"fc00::1\", behavior: End.DX4, nexthop: 10.1.0.2, port: ce-red, «vrf: red}]",
      "End.DX4 takes no 'vrf'; remove it. It takes nexthop, port"),
    BadInput.withPorts(
      "sids: [{sid: \"fc00::1\", behavior: End.DT4, «flavors: [PSP], vrf: red}]", "End.DT4 takes no 'flavors'"),
    BadInput.withPorts(
      "sids: [{sid: \"fc00::1\", behavior: End.DT4, vrf: «[red]}]", "is a list; write a VRF's name, or main"),
    BadInput.withPorts(
      "sids:\n  - {sid: \"fc00::1\", behavior: End.DT4, vrf: red}\n  - {sid: «\"fc00::1/128\", behavior: End.DT6, vrf: red}",
      "SID fc00::1/128 is there already (line 6)"),
    BadInput.withPorts(
      "sids: [{sid: \"fc00::1\", behavior: «End.BPF, vrf: «rad}]", "no behaviour 'End.BPF'", "no VRF 'rad'"),
  ]

  @Test(arguments: badEntries) func entries(_ input: BadInput) { input.check() }

  private static func dx4(_ rest: String, _ fragment: String) -> BadInput {
    BadInput.withPorts("sids:\n  - {sid: \"fc00::1\", behavior: End.DX4, nexthop: \(rest)}", fragment)
  }

  static let badNextHops = [
    dx4("«\"2001:db8:a::2\", port: ce-red", "2001:db8:a::2 is not IPv4, and End.DX4 sends IPv4 packets"),
    dx4("«here, port: ce-red", "'here' is no IPv4 or IPv6 address"),
    dx4("«224.0.0.5, port: ce-red", "224.0.0.5 is a multicast address"),
    dx4("«10.1.0.1, port: ce-red", "10.1.0.1 is this node's own address, on port ce-red (line 3)"),
    dx4("10.1.0.2, port: «ce-rad", "there is no port 'ce-rad'; did you mean 'ce-red'?"),
    dx4(
      "«10.1.0.2", "10.1.0.2 is on the link of no port of the main table; add 'port: ce-red', whose link has it"),
    dx4("«203.0.113.9", "add 'port', a route to it, or an address of that link to a port"),
    dx4("0.0.0.0, «port: ce-red", "0.0.0.0 is looked up for each packet, so it has no port"),
    dx4("«192.0.2.1", "192.0.2.1 is this node's own address, on port core (line 2)"),
  ]

  private static func attribute(_ rest: String, _ fragments: String...) -> BadInput {
    var input = BadInput.withPorts("sids:\n  - {sid: \"fc00::1\", \(rest)}")
    input.fragments = fragments
    return input
  }

  static func path(_ count: Int) -> String { [String](repeating: "\"fc00::2\"", count: count).joined(separator: ", ") }

  static let badAttributes = [
    attribute("behavior: End, flavors: [PSP, «NEXT-C-SID]", "no flavour 'NEXT-C-SID'; those of End are PSP, USP, USD"),
    attribute("behavior: End, flavors: «PSP", "flavors: is 'PSP'; write a list, such as [PSP, USD]"),
    attribute("behavior: End, «vrf: red", "End takes no 'vrf'; remove it. It takes flavors"),
    attribute("behavior: End.T, «vrf: red, table: 7", "'vrf' and 'table' both name a table; remove one of them"),
    attribute("behavior: End.T, table: «255", "table 255 is the kernel's RT_TABLE_LOCAL"),
    attribute("behavior: End.T, table: «red", "'red' is no number"),
    attribute("behavior: End.X, nexthop: «\"::\", port: core", ":: is the unspecified address"),
    attribute("behavior: End.X, nexthop: «10.1.0.2, port: core", "10.1.0.2 is not IPv6, and End.X sends IPv6 packets"),
    attribute("behavior: End.B6.Encaps, segments: «[]", "has 0 segments; write 1 to 127"),
    attribute("behavior: End.B6.Encaps, segments: «[\(path(128))]", "has 128 segments; write 1 to 127"),
    attribute("behavior: End.B6, segments: «[\(path(127))]", "has 127 segments; write 1 to 126"),
    attribute("behavior: End.B6, segments: [\"fc00::2\", «10.0.0.1]", "'10.0.0.1' is no IPv6 address"),
    attribute("behavior: End.B6.Encaps.Red, segments: [«\"ff02::1\"]", "ff02::1 is a multicast address and no SID"),
  ]

  @Test(arguments: badAttributes) func attributes(_ input: BadInput) { input.check() }

  @Test(arguments: badNextHops) func nextHops(_ input: BadInput) { input.check() }
}
