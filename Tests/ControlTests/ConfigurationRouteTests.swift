import Testing

@testable import Control

/// What is wrong in `routes`, and how errors stand together.
@Suite struct ConfigurationRouteTests {
  private static func route(_ text: String, _ fragments: String...) -> BadInput {
    var input = BadInput.withPorts("routes:\n  - \(text)")
    input.fragments = fragments
    return input
  }

  static let badRoutes = [
    route("«{via: 192.0.2.2}", "routes[0]: 'prefix' is missing; add it, such as 'prefix: 10.2.0.0/16'"),
    route("{prefix: «default, via: 192.0.2.2}", "'default' is no IPv4 or IPv6 prefix; write 0.0.0.0/0 or ::/0"),
    route("{prefix: «10.0.0.0/33, via: 192.0.2.2}", "is no IPv4 or IPv6 prefix"),
    route("{prefix: «10.2.3.4/16, via: 192.0.2.2}", "10.2.3.4/16 has bits set beyond its 16; write 10.2.0.0/16"),
    route("{prefix: «\"fc00::1/16\", port: core}", "fc00::1/16 has bits set beyond its 16; write fc00::/16"),
    route("«{prefix: 10.0.0.0/8}", "does not say where packets go; add 'via', 'port' or both"),
    route("«{prefix: 10.0.0.0/8, type: unicast}", "does not say where packets go"),
    route(
      "{prefix: 10.0.0.0/8, type: «blakhole}",
      "no route type 'blakhole'; did you mean 'blackhole'? The types are unicast"),
    route(
      "{prefix: 10.0.0.0/8, type: blackhole, «via: 192.0.2.2, «port: core}", "a blackhole route drops what it matches",
      "a blackhole route drops what it matches and has no 'port'"),
    route("{prefix: 10.0.0.0/8, type: prohibit, «port: core}", "a prohibit route drops"),
    route("{prefix: 10.0.0.0/8, vrf: «blue, via: 192.0.2.2}", "there is no VRF 'blue'; add it to vrfs"),
    route("{prefix: 10.0.0.0/8, port: «cor}", "there is no port 'cor'; did you mean 'core'?"),
    route("{prefix: 10.0.0.0/8, «prot: core}", "unknown key 'prot'; did you mean 'port'?"),
    route(
      "{prefix: \"fc00::/16\", encap: {mode: inline, segments: «[\(ConfigurationSIDTests.path(127))]}}",
      "has 127 segments; write 1 to 126"),
    route("{prefix: 10.0.0.0/8, «encap: {mode: encap}}", "encap: 'segments' is missing"),
    route("{prefix: 10.0.0.0/8, «encap: {segments: [\"fc00::1\"]}}", "encap: 'mode' is missing"),
    route(
      "{prefix: 10.0.0.0/8, encap: {mode: «encap.rad, segments: [\"fc00::1\"]}}",
      "'encap.rad' is no mode that there is; did you mean 'encap.red'? The choices are encap, encap.red, inline"),
    route(
      "{prefix: 10.0.0.0/8, encap: {mode: «inline, segments: [\"fc00::1\"]}}",
      "inline puts a header into IPv6 packets, and 10.0.0.0/8 is IPv4"),
    route(
      "{prefix: \"fc00::/16\", encap: {mode: inline, segments: [\"fc00::1\"], «source: \"2001:db8::1\"}}",
      "inline puts no header with a source around the packet"),
    route(
      "{prefix: 10.0.0.0/8, via: «192.0.2.2, encap: {mode: encap, segments: [\"fc00::1\"]}}",
      "192.0.2.2 is of another family than the packet around the encapsulated one"),
    route(
      "{prefix: 10.0.0.0/8, encap: {mode: encap, segments: [\"fc00::1\"], source: «\"fe80::1\"}}",
      "fe80::1 is a link-local address; write a global address"),
    route("{prefix: 10.0.0.0/8, type: prohibit, «encap: {}}", "a prohibit route drops what it matches"),
    route("{prefix: 10.0.0.0/8, «vrf: red, table: 7, port: core}", "'vrf' and 'table' both name a table"),
    route("{prefix: 203.0.113.0/24, via: «203.0.113.1}", "203.0.113.1 is on the link of no port of the main table"),
  ]

  @Test(arguments: badRoutes) func routes(_ input: BadInput) { input.check() }

  static let badNextHops = [
    route("{prefix: 10.0.0.0/8, via: «\"2001:db8:1::2\"}", "2001:db8:1::2 is of another family than 10.0.0.0/8"),
    route("{prefix: \"fc00::/16\", via: «192.0.2.2}", "write an IPv6 next hop"),
    route("{prefix: 10.0.0.0/8, via: «nowhere}", "'nowhere' is no IPv4 or IPv6 address"),
    route("{prefix: 10.0.0.0/8, via: «239.1.1.1, port: core}", "239.1.1.1 is a multicast address"),
    route("{prefix: \"fc00::/16\", via: «\"::\", port: core}", ":: is the unspecified address"),
    route("{prefix: 10.0.0.0/8, via: «192.0.2.1}", "192.0.2.1 is this node's own address, on port core (line 2)"),
    route("{prefix: 10.0.0.0/8, via: «192.0.2.1, port: core}", "this node's own address"),
    route(
      "{prefix: \"fc00::/16\", via: «\"fe80::2\"}",
      "fe80::2 is a link-local address, which every link may have; add 'port'"),
    route("{prefix: 10.0.0.0/8, via: «203.0.113.1, vrf: red}", "on the link of no port of VRF red or the main table"),
    route("{prefix: 10.0.0.0/8, via: «10.1.0.2}", "add 'port: ce-red', whose link has it"),
    BadInput(
      """
      ports:
        a: {device: x, addresses: [10.0.0.1/24]}
        b: {device: y, addresses: [10.0.0.2/24]}
      routes: [{prefix: 192.0.2.0/24, via: «10.0.0.9}]
      """, "10.0.0.9 is on the links of a and b; add 'port' to say which"),
    BadInput.withPorts(
      """
      routes:
        - {prefix: 10.0.0.0/8, port: core}
        - {prefix: 10.0.0.0/8, port: core, vrf: red}
        - {prefix: «10.0.0.0/8, type: blackhole, vrf: main}
      """, "routes[2].prefix: 10.0.0.0/8 has a route in the main table already (line 6)"),
  ]

  @Test(arguments: badNextHops) func nextHops(_ input: BadInput) { input.check() }

  static let badNextHopLists = [
    route(
      "{prefix: 10.0.0.0/8, nexthops: «[]}", "routes[0].nexthops: has 0 next hops; write 1 to 256, or 'type: black"),
    route("{prefix: 10.0.0.0/8, nexthops: «192.0.2.2}", "is '192.0.2.2'; write a list such as [{via"),
    route("{prefix: 10.0.0.0/8, nexthops: [«192.0.2.2]}", "routes[0].nexthops[0]: is '192.0.2.2'; write a mapping"),
    route("{prefix: 10.0.0.0/8, nexthops: [«{weight: 3}]}", "nexthops[0]: does not say where packets go"),
    route(
      "{prefix: 10.0.0.0/8, nexthops: [{via: 192.0.2.2, weight: «0}]}", "'0' is out of range; write a whole number"),
    route("{prefix: 10.0.0.0/8, nexthops: [{via: 192.0.2.2, weight: «256}]}", "from 1 to 255"),
    route("{prefix: 10.0.0.0/8, nexthops: [{via: «\"2001:db8:1::2\"}]}", "is of another family than 10.0.0.0/8"),
    route("{prefix: 10.0.0.0/8, nexthops: [{via: «192.0.2.1}]}", "nexthops[0].via: 192.0.2.1 is this node's own"),
    route("{prefix: 10.0.0.0/8, nexthops: [{via: 192.0.2.2, «mac: x}]}", "unknown key 'mac'"),
    route(
      "{prefix: 10.0.0.0/8, nexthops: [{via: 192.0.2.2}, «{via: 192.0.2.2, port: core, weight: 2}]}",
      "is the next hop of line 6, column 37, again; give that one a 'weight' instead"),
    route(
      "{prefix: 10.0.0.0/8, «via: 192.0.2.2, nexthops: [{via: 192.0.2.3}], «port: core}",
      "a route with 'nexthops' has each via in one of them", "each port in one of them"),
    route("{prefix: 10.0.0.0/8, type: blackhole, «nexthops: [{via: 192.0.2.3}]}", "has no 'nexthops'; remove it"),
    BadInput("vrfs: {red: {table: 7, lookup: «fast}}", "no lookup 'fast'; write one of auto, compact, flat"),
    BadInput("tables: {memory-limit: «2T}", "'2T' is no size; write a number of bytes such as 512M or 2G"),
    BadInput("tables: {memory-limit: «M}", "'M' is no size"),
    BadInput("tables: {memory-limit: «1023K}", "'1023K' is out of range; write 1M to 1024G"),
    BadInput("tables: {memory-limit: «99999999999999999999G}", "is out of range"),
    BadInput("tables: {memory-limit: «1025G}", "is out of range"),
    BadInput("tables: {«memory-limits: 2G}", "unknown key 'memory-limits'; did you mean 'memory-limit'?"),
  ]

  @Test(arguments: badNextHopLists) func nextHopLists(_ input: BadInput) { input.check() }

  @Test func nextHopListsAndTableSettingsLoad() throws {
    let (text, _) = BadInput.withPorts(
      """
      tables: {memory-limit: 512M}
      routes:
        - {prefix: 10.0.0.0/8, nexthops: [{via: 192.0.2.2}, {via: 192.0.2.3, weight: 255}, {port: core, weight: 2}]}
        - {prefix: 11.0.0.0/8, type: unicast, nexthops: [{via: 192.0.2.2}]}
      """
    ).parts
    let settings = text.replacing("red: {table: 100}", with: "red: {table: 100, lookup: compact}, main: {lookup: flat}")
    let configuration = try ConfigurationLoader.load(text: settings, file: "test.yaml")
    #expect(configuration.tables.memoryLimit == 512 << 20)
    #expect(configuration.mainLookup == .flat && configuration.vrfs.map(\.lookup) == [.compact])
    let hops = ["192.0.2.2", "192.0.2.3", nil].map { text in
      RouteNextHop(via: text.flatMap { IPAddress(parsing: $0) }, port: "core")
    }
    #expect(
      configuration.routes.map(\.action) == [
        .multipath(zip(hops, [1, 255, 2]).map { RouteMember(nextHop: $0, weight: $1) }),
        .multipath([RouteMember(nextHop: hops[0], weight: 1)]),
      ])
  }

  @Test func twelveErrorsAreReportedTogetherAndInOrder() {
    BadInput(
      """
      routes:
        - {prefix: «10.1.2.3/8, port: core}
        - {prefix: 10.0.0.0/8, vrf: «rad, port: core}
      sids:
        - {sid: «"ff00::1", behavior: End.DT4, vrf: red}
        - {sid: "fc00::2", behavior: «End.DT9, vrf: red}
        - «{sid: "fc00::3", behavior: End.DT4}
      dpdk: {mbufs: «1, «huge: true}
      ports:
        core: {device: net_null0, mtu: «9}
        ce: {device: «net_null0, mac: «"01:00:00:00:00:00"}
      vrfs:
        red: {table: 7}
        blue: {table: «7}
      lcores: {main: 1, workers: [«1]}
      """,
      "write 10.0.0.0/8", "there is no VRF 'rad'", "a multicast address and no SID", "no behaviour 'End.DT9'",
      "End.DT4 needs 'vrf'", "dpdk.mbufs: '1' is out of range", "unknown key 'huge'", "ports.core.mtu: '9'",
      "net_null0 is port core already", "01:00:00:00:00:00 is a multicast", "table 7 is already bound to VRF red",
      "lcore 1 is main and a worker"
    ).check()
  }

  static let singleErrors = [
    BadInput(
      "vrfs: {red: {table: «x}}\nports: {a: {device: x, vrf: red}}\nroutes: [{prefix: 10.0.0.0/8, vrf: red, port: a}]",
      "'x' is no number"),
    BadInput("«vrf: {red: {table: 1}}\nports: {a: {device: x, vrf: red}}", "unknown key 'vrf'; did you mean 'vrfs'?"),
    BadInput("vrfs: «[red]\nports: {a: {device: x, vrf: red}}", "vrfs: is a list"),
    BadInput("ports: {a: «5}\nroutes: [{prefix: 10.0.0.0/8, via: 10.0.0.1}]", "ports.a: is '5'"),
    BadInput(
      "ports: {a: {device: x, vrf: «rad, addresses: [10.1.0.1/24]}}\nneighbors: [{port: a, address: 10.1.0.2, mac: \"02:00:00:00:00:01\"}]",
      "there is no VRF 'rad'"),
    BadInput(
      "ports: {a: {device: x, addresses: [10.1.0.1/24]}}\nroutes: [{prefix: 10.0.0.0/8, via: 10.1.0.2, vrf: «rad}]",
      "there is no VRF 'rad'"),
    BadInput(
      "ports: {p: {device: x, mtu: «1}, a: {parent: p, vlan: 1}}\nlcores: {workers: [{lcore: 1, queues: [p/0]}]}",
      "ports.p.mtu"),
  ]

  /// One error in the file is one error on the screen.
  @Test(arguments: singleErrors) func thereAreNoConsequentialErrors(_ input: BadInput) { input.check() }
}
