import Dataplane
import Tables
import Testing
import Wire

@testable import Control

/// The keys `tap`, `netns` and `punt`, and what a twin is made from.
@Suite struct TwinTests {
  static let badNames = [
    BadInput("ports: {a: {device: x, tap: «a2345678901234567}}", "ports.a.tap: 'a2345678901234567' is no name"),
    BadInput(
      "ports: {a: {device: x, tap: «a/b}, b: {device: y, tap: «\"a:b\"}}", "'a/b' is no name", "'a:b' is no name"),
    BadInput(
      "ports: {a: {device: x, tap: «\"a b\"}, b: {device: y, tap: «tap%d}}", "'a b' is no", "'tap%d' is no name"),
    BadInput("ports: {a: {device: x, tap: «..}, b: {device: y, tap: «all}}", "'..' is no name", "'all' is no name"),
    BadInput(
      "ports: {a: {device: x, tap: «\"\"}, b: {device: y, tap: «[t]}}", "is empty", "write the name of a network"),
    BadInput(
      "ports:\n a: {device: x, tap: t}\n b: {device: y, tap: «t}", "ports.b.tap: t is the twin of port a already"),
    BadInput(
      """
      vrfs: {red: {table: 1, netns: cust}, blue: {table: 2, netns: /run/netns/cust}}
      ports: {a: {device: x, vrf: red, tap: t}, b: {device: y, vrf: blue, tap: «t}}
      """, "t is the twin of port a already, in /run/netns/cust"),
    BadInput("vrfs: {red: {table: 1, netns: «a/b}}", "vrfs.red.netns: 'a/b' is no network namespace"),
    BadInput("vrfs: {red: {table: 1, netns: «..}, main: {netns: «\"\"}}", "'..' is no network", "is empty"),
    BadInput("punt: {«locl: 5}", "punt.locl: unknown key 'locl'; did you mean 'local'?"),
    BadInput("punt: {local: «0, link: «10000001}", "write a whole number from 1 to 10000000", "out of range"),
    BadInput("punt: {multicast: «many}", "punt.multicast: 'many' is no number"),
  ]

  @Test(arguments: badNames) func refused(_ input: BadInput) { input.check() }

  static let text = """
    punt: {local: 5, neighbor-discovery: 7}
    vrfs: {red: {table: 1, netns: cust}, blue: {table: 2, netns: /proc/1/ns/net}, main: {netns: core}, none: {table: 3}}
    ports:
      a: {device: x, tap: t, addresses: [10.0.0.1/24]}
      b: {device: y, vrf: red, tap: t, mtu: 1279}
      c: {parent: a, vlan: 3, vrf: blue, tap: t, addresses: ["fe80::1/64"]}
      d: {device: z, vrf: none, tap: t-2.3_4}
      e: {device: v}
    """

  @Test func namesMayBeTheSameInOtherNamespaces() throws {
    let configuration = try ConfigurationLoader.load(text: Self.text, file: "test.yaml")
    #expect(configuration.ports.map(\.tap) == ["t", "t", "t", "t-2.3_4", nil])
    #expect(
      configuration.ports.map { configuration.namespace(vrf: $0.vrf) } == [
        "/run/netns/core", "/run/netns/cust", "/proc/1/ns/net", nil, "/run/netns/core",
      ])
    let limits = PuntKind.allCases.map(configuration.punt.limit)
    #expect(limits == [10_000, 10_000, 7, 5, 1_000, 1_000])
  }

  @Test func someNeedARestart() throws {
    let old = try ConfigurationLoader.load(text: Self.text, file: "test.yaml")
    for (part, other, said) in [
      ("local: 5", "local: 6", "punt cannot"), ("netns: core", "netns: cor", "vrfs.main.netns cannot"),
    ] {
      let new = try ConfigurationLoader.load(text: Self.text.replacing(part, with: other), file: "test.yaml")
      let found = old.needingRestart(for: new)
      #expect(found.count == 1 && found[0].hasPrefix(said), "\(found)")
    }
    for (part, other) in [("netns: cust", "netns: x"), ("t-2", "t-3")] {
      let new = try ConfigurationLoader.load(text: Self.text.replacing(part, with: other), file: "test.yaml")
      #expect(old.needingRestart(for: new).isEmpty)
    }
  }

  /// A twin has the port's addresses, and the link-local one that the port makes for itself.
  @Test func settingsAreThePorts() throws {
    let configuration = try ConfigurationLoader.load(text: Self.text, file: "test.yaml")
    let settings = configuration.ports.map { entry in
      TwinSettings(InterfaceInfo(entry: entry, port: 0, mac: 0x0200_0000_000a, tag: nil), configuration)
    }
    #expect(settings[4] == nil && settings[0]?.mtu == 1500 && settings[0]?.fitsIPv6 == true)
    #expect(settings[0]?.addresses.map(\.description) == ["10.0.0.1/24"])
    #expect(settings[0]?.linkLocal?.description == "fe80::ff:fe00:a/64")
    #expect(settings[1]?.linkLocal == nil && settings[1]?.fitsIPv6 == false, "IPv6 does not fit the MTU")
    #expect(settings[2]?.addresses.map(\.description) == ["fe80::1/64"] && settings[2]?.linkLocal == nil)
    #expect(settings[2]?.place == TwinName(namespace: "/proc/1/ns/net", name: "t"))
  }
}
