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
    dx4("«203.0.113.9", "add 'port', or an address of that link to a port"),
    dx4("«192.0.2.1", "192.0.2.1 is this node's own address, on port core (line 2)"),
  ]

  @Test(arguments: badNextHops) func nextHops(_ input: BadInput) { input.check() }
}
