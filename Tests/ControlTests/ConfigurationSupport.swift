import Control
import Testing

/// A configuration that has everything there is, in order. Tests break it in one place each.
let wholeConfiguration = """
  dpdk:
    eal: ["--no-pci"]
    mbufs: 32768
  lcores:
    main: 0
    workers: [1]
    idle-sleep-us: 20
  api:
    socket: /run/needletail/test.sock
  ports:
    core:   {device: "0000:3b:00.0", addresses: ["2001:db8:1::1/64"], mtu: 9000}
    ce-red: {device: "net_af_xdp0,iface=ce0", vrf: red, addresses: ["10.1.0.1/24"], mac: "02:00:00:00:00:11"}
    ce-blue: {parent: core, vlan: 20, vrf: blue, addresses: ["10.1.0.1/24", "fe80::1/64"]}
    spare:
      device: net_null0
      promiscuous: true
      rx-queues: 2
      rx-descriptors: 512
      tx-descriptors: 256
  vrfs:
    red:  {table: 100}
    blue: {table: 200}
  srv6:
    encap-source: 2001:db8::1
  sids:
    - {sid: "fc00:0:1:d4::", behavior: End.DT4, vrf: red}
    - {sid: "fc00:0:1:d6::", behavior: end.dt6, vrf: main}
    - {sid: "fc00:0:1:14::", behavior: End.DX4, nexthop: 10.1.0.2, port: ce-red}
    - {sid: "fc00:0:2::/48", behavior: End.DT4, vrf: blue}
  routes:
    - {vrf: red, prefix: 10.1.0.0/16, via: 10.1.0.2, port: ce-red}
    - {vrf: blue, prefix: 10.1.0.0/16, via: 10.1.0.3}
    - {prefix: "fc00:0:3::/48", via: "fe80::2", port: core}
    - {vrf: main, prefix: "fc00:0:4::/48", via: "2001:db8:1::2"}
    - {vrf: red, prefix: 192.0.2.0/24, type: blackhole}
    - {vrf: red, prefix: 198.51.100.0/24, port: ce-red}
  neighbors:
    - {port: ce-red, address: 10.1.0.2, mac: "02:00:00:00:01:02"}

  """

/// Two ports, one of them in a VRF, for what is added to them: four lines.
let twoPorts = """
  ports:
    core: {device: net_null0, addresses: ["2001:db8:1::1/64", "192.0.2.1/24"]}
    ce:   {device: net_null1, vrf: red, addresses: ["10.1.0.1/24", "2001:db8:a::1/64"]}
  vrfs: {red: {table: 100}}

  """

/// What is wrong with a text; empty if nothing is.
func diagnostics(_ text: String) -> [Diagnostic] {
  do {
    _ = try ConfigurationLoader.load(text: text, file: "test.yaml")
    return []
  } catch {
    return error.diagnostics
  }
}

/// Bad input and what is said of it.
struct BadInput: CustomTestStringConvertible, Sendable {
  /// The text, with `«` before each offending key or value.
  var marked: String
  /// A part of each message, in the order of the marks.
  var fragments: [String]

  init(_ marked: String, _ fragments: String...) {
    self.marked = marked
    self.fragments = fragments
  }

  var testDescription: String { fragments.joined(separator: "; ") }

  /// Two ports and a VRF, for entries that refer to some.
  static func withPorts(_ marked: String, _ fragments: String...) -> BadInput {
    var input = BadInput(
      """
      ports:
        core:   {device: "0000:3b:00.0", addresses: ["2001:db8:1::1/64", "192.0.2.1/24"]}
        ce-red: {device: net_null0, vrf: red, addresses: ["10.1.0.1/24", "2001:db8:a::1/64"]}
      vrfs: {red: {table: 100}}

      """ + marked)
    input.fragments = fragments
    return input
  }

  /// The text without its marks, and their places.
  var parts: (text: String, marks: [Mark]) {
    var text = ""
    var marks: [Mark] = []
    var mark = Mark(line: 1, column: 1)
    for scalar in marked.unicodeScalars {
      if scalar == "«" {
        marks.append(mark)
        continue
      }
      text.unicodeScalars.append(scalar)
      mark = scalar == "\n" ? Mark(line: mark.line + 1, column: 1) : Mark(line: mark.line, column: mark.column + 1)
    }
    return (text, marks)
  }

  /// Exactly these diagnostics come, at these places and in this order.
  func check() {
    let (text, marks) = parts
    let found = diagnostics(text)
    #expect(found.map(\.mark) == marks, "\(found.map(\.description).joined(separator: "\n"))")
    #expect(found.count == fragments.count)
    for (diagnostic, fragment) in zip(found, fragments) {
      #expect(diagnostic.description.contains(fragment))
    }
  }
}
