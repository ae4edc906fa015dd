import Testing

@testable import Control

/// What is wrong in `ports` and `neighbors`.
@Suite struct ConfigurationPortTests {
  static let badLinks = [
    BadInput("ports: {«a: {mtu: 1500}}", "ports.a: names nothing that carries its frames"),
    BadInput("ports: {a: «~}", "ports.a: is empty; write a mapping"),
    BadInput("ports: {a: {device: «\"\"}}", "ports.a.device: is empty; write a PCI address or an EAL vdev"),
    BadInput("ports: {a: {«devcie: x}}", "did you mean 'device'?"),
    BadInput("ports: {p: {device: x}, a: {device: y, «parent: p, vlan: 3}}", "a port has a device or a parent"),
    BadInput("ports: {a: {device: y, «vlan: 3}}", "'vlan' belongs to a port with a parent"),
    BadInput("ports: {p: {device: x}, «a: {parent: p}}", "'vlan' is missing; add it, such as 'vlan: 100'"),
    BadInput("ports: {«a: {vlan: 3}}", "'parent' is missing"),
    BadInput(
      "ports: {core: {device: x}, a: {parent: «coer, vlan: 3}}", "there is no port 'coer'; did you mean 'core'?"),
    BadInput("ports: {a: {parent: «zebra, vlan: 3}}", "there is no port 'zebra'; add it to ports"),
    BadInput(
      "ports: {p: {device: x}, a: {parent: p, vlan: 3}, b: {parent: «a, vlan: 4}}",
      "port a is itself a VLAN sub-interface"),
    BadInput("ports: {a: {parent: «a, vlan: 3}}", "port a is itself a VLAN sub-interface"),
    BadInput(
      "ports: {p: {device: x}, a: {parent: p, vlan: «0}}", "'0' is out of range; write a whole number from 1 to 4094"),
    BadInput("ports: {p: {device: x}, a: {parent: p, vlan: «4095}}", "'4095' is out of range"),
    BadInput(
      "ports: {p: {device: x}, a: {parent: p, vlan: 3, «promiscuous: true, «rx-queues: 1}}",
      "'promiscuous' belongs to the device; set it on the parent", "'rx-queues' belongs"),
    BadInput("ports:\n a: {device: x}\n b: {device: «x}", "x is port a already (line 2)"),
    BadInput(
      "ports:\n a: {device: \"net_tap0,iface=a\"}\n b: {device: «\"net_tap0,iface=b\"}", "net_tap0 is port a already"),
    BadInput(
      "ports:\n a: {device: \"0000:3B:00.0\"}\n b: {device: «\"3b:00.0,x=1\"}", "0000:3b:00.0 is port a already"),
    BadInput(
      "ports:\n p: {device: x}\n a: {parent: p, vlan: 3}\n b: {parent: p, vlan: «3}", "vlan 3 of p is port a already"),
    BadInput("ports: {«a/b: {device: x}}", "'a/b' is no name for a port"),
  ]

  @Test(arguments: badLinks) func links(_ input: BadInput) { input.check() }

  static let badValues = [
    BadInput(
      "ports: {a: {device: x, mtu: «67}}", "ports.a.mtu: '67' is out of range; write a whole number from 68 to 16128"),
    BadInput("ports: {a: {device: x, mtu: «16129}}", "'16129' is out of range"),
    BadInput("ports: {a: {device: x, mtu: «1279, addresses: [\"2001:db8::1/64\"]}}", "1279 is too little for IPv6"),
    BadInput(
      "ports: {p: {device: x, mtu: 1000}, «a: {parent: p, vlan: 3, addresses: [\"2001:db8::1/64\"]}}",
      "1000 is too little for IPv6"),
    BadInput(
      "ports: {p: {device: x}, a: {parent: p, vlan: 3, mtu: «1501}}", "1501 is more than the 1500 of its parent p"),
    BadInput("ports: {a: {device: x, mac: «\"01:00:5e:00:00:01\"}}", "01:00:5e:00:00:01 is a multicast address"),
    BadInput("ports: {a: {device: x, mac: «\"00:00:00:00:00:00\"}}", "is the zero address"),
    BadInput("ports: {a: {device: x, mac: «\"02-00-00-00-00-01\"}}", "is no Ethernet address"),
    BadInput("ports: {a: {device: x, promiscuous: «yes}}", "'yes' is neither; write true or false"),
    BadInput("ports: {a: {device: x, promiscuous: «\"true\"}}", "'true' is neither"),
    BadInput("ports: {a: {device: x, rx-queues: «0}}", "write a whole number from 1 to 1024"),
    BadInput("ports: {a: {device: x, rx-descriptors: «31}}", "write a whole number from 32 to 32768"),
    BadInput("ports: {a: {device: x, tx-descriptors: «40000}}", "write a whole number from 32 to 32768"),
    BadInput.withPorts(
      "sids: [{sid: \"fc00::1\", behavior: End.DT4, vrf: «rde}]", "there is no VRF 'rde'; did you mean 'red'?"),
    BadInput("ports: {a: {device: x, vrf: «mian}}", "there is no VRF 'mian'; did you mean 'main'?"),
    BadInput("ports: {a: {device: x, vrf: «green}}", "there is no VRF 'green'; add it to vrfs"),
  ]

  @Test(arguments: badValues) func values(_ input: BadInput) { input.check() }

  static let badAddresses = [
    BadInput("ports: {a: {device: x, addresses: «10.0.0.1/8}}", "is '10.0.0.1/8'; write a list of addresses"),
    BadInput("ports: {a: {device: x, addresses: [«10.0.0.1/33]}}", "ports.a.addresses[0]: '10.0.0.1/33' is no address"),
    BadInput("ports: {a: {device: x, addresses: [10.0.0.1, «ten]}}", "ports.a.addresses[1]: 'ten' is no address"),
    BadInput("ports: {a: {device: x, addresses: [«10.0.0.1/0]}}", "puts every address on this link"),
    BadInput("ports: {a: {device: x, addresses: [«224.0.0.1/24]}}", "224.0.0.1 is a multicast address"),
    BadInput("ports: {a: {device: x, addresses: [«\"ff02::1/64\"]}}", "ff02::1 is a multicast address"),
    BadInput("ports: {a: {device: x, addresses: [«0.0.0.0/8, «\"::/64\"]}}", "the unspecified", "the unspecified"),
    BadInput("ports: {a: {device: x, addresses: [«0.1.2.3/8]}}", "0.1.2.3 is in 0.0.0.0/8, which no host has"),
    BadInput("ports: {a: {device: x, addresses: [«127.0.0.1/8, «\"::1/128\"]}}", "a loopback", "the loopback"),
    BadInput("ports: {a: {device: x, addresses: [«255.255.255.255/32]}}", "the broadcast address"),
    BadInput(
      "ports:\n a: {device: x, addresses: [10.0.0.1/24]}\n b: {device: y, addresses: [«10.0.0.1/16]}",
      "10.0.0.1 is on port a already (line 2), in the main table"),
    BadInput(
      "ports: {a: {device: x, addresses: [\"fe80::1/64\", «\"fe80::1/64\"]}}", "fe80::1 is on port a already"),
  ]

  @Test(arguments: badAddresses) func addresses(_ input: BadInput) { input.check() }

  static let badNeighbors = [
    BadInput("neighbors: [«««{}]", "'port' is missing", "'address' is missing", "'mac' is missing"),
    BadInput.withPorts(
      "neighbors: [{port: «cre, address: 192.0.2.2, mac: \"02:00:00:00:00:02\"}]",
      "there is no port 'cre'; did you mean 'core'"
    ),
    BadInput.withPorts(
      "neighbors: [{port: core, address: «192.0.2.0/24, mac: \"02:00:00:00:00:02\"}]", "is no IPv4 or IPv6 address"),
    BadInput.withPorts(
      "neighbors: [{port: core, address: «\"ff02::2\", mac: \"02:00:00:00:00:02\"}]", "is a multicast address"),
    BadInput.withPorts(
      "neighbors: [{port: core, address: «192.0.2.1, mac: \"02:00:00:00:00:02\"}]",
      "192.0.2.1 is this node's own address, on port core (line 2)"),
    BadInput.withPorts(
      "neighbors: [{port: core, address: 192.0.2.2, mac: «\"33:33:00:00:00:02\"}]", "is a multicast address"),
    BadInput.withPorts(
      """
      neighbors:
        - {port: core, address: "2001:db8:1::2", mac: "02:00:00:00:00:02"}
        - {port: core, address: «"2001:db8:1:0::2", mac: "02:00:00:00:00:03"}
      """, "2001:db8:1::2 is a neighbour on port core already (line 6)"),
  ]

  @Test(arguments: badNeighbors) func neighbors(_ input: BadInput) { input.check() }

  @Test func tenantsMayHaveTheSameAddressesAndLinksTheSameLinkLocal() {
    let text = """
      ports:
        a: {device: x, addresses: [10.0.0.1/24, "fe80::1/64"]}
        b: {device: y, addresses: [10.0.0.1/24], vrf: red}
        c: {device: z, addresses: ["fe80::1/64"]}
      vrfs: {red: {table: 1}}
      """
    #expect(diagnostics(text).isEmpty)
  }
}
