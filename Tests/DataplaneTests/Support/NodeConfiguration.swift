/// The node of most tests: a core port, two tenants with the same addresses, and 802.1Q sub-interfaces.
let nodeConfiguration = """
  ports:
    core: {device: a, mac: "\(coreMAC)", mtu: 9200, addresses: ["2001:db8:1::1/64", "192.0.2.1/24"]}
    core-100: {parent: core, vlan: 100, addresses: ["2001:db8:2::1/64"]}
    ce-red: {device: b, mac: "\(redMAC)", vrf: red, mtu: 9000, addresses: ["10.254.0.1/24", "fd00:fffe::1/64"]}
    ce-blue: {device: c, mac: "\(blueMAC)", vrf: blue, addresses: ["10.254.0.1/24", "fd00:fffe::1/64"]}
    red-site: {parent: ce-blue, vlan: 20, vrf: red, addresses: ["10.253.0.1/24"]}
  vrfs: {red: {table: 100}, blue: {table: 200}}
  sids:
    - {sid: "\(redDT4)", behavior: End.DT4, vrf: red}
    - {sid: "\(redDT6)", behavior: End.DT6, vrf: red}
    - {sid: "\(redDX4)", behavior: End.DX4, nexthop: 10.254.0.2, port: ce-red}
    - {sid: "\(blueDT4)", behavior: End.DT4, vrf: blue}
    - {sid: "\(blueDT6)", behavior: End.DT6, vrf: blue}
    - {sid: "\(blueDX4)", behavior: End.DX4, nexthop: 10.254.0.2, port: ce-blue}
    - {sid: "\(mainDT4)", behavior: End.DT4, vrf: main}
    - {sid: "\(mainDT6)", behavior: End.DT6, vrf: main}
    - {sid: "\(siteDX4)", behavior: End.DX4, nexthop: 10.253.0.2, port: red-site}
    - {sid: "\(lostDX4)", behavior: End.DX4, nexthop: 10.254.0.99, port: ce-red}
    - {sid: "fc00:0:5::/48", behavior: End.DT4, vrf: red}
  routes:
    - {vrf: red, prefix: 10.0.0.0/8, via: 10.254.0.2, port: ce-red}
    - {vrf: red, prefix: 10.9.0.0/16, via: 10.253.0.2, port: red-site}
    - {vrf: red, prefix: 10.66.1.0/24, type: blackhole}
    - {vrf: red, prefix: 10.66.2.0/24, type: unreachable}
    - {vrf: red, prefix: 10.66.3.0/24, type: prohibit}
    - {vrf: red, prefix: 10.77.0.0/16, via: 10.254.0.99, port: ce-red}
    - {vrf: red, prefix: 240.0.0.0/4, via: 10.254.0.2, port: ce-red}
    - {vrf: red, prefix: "fd00::/16", via: "fd00:fffe::2", port: ce-red}
    - {vrf: red, prefix: "fd66:1::/32", type: blackhole}
    - {vrf: red, prefix: "fd66:2::/32", type: unreachable}
    - {vrf: red, prefix: "fd66:3::/32", type: prohibit}
    - {vrf: blue, prefix: 10.0.0.0/8, via: 10.254.0.2, port: ce-blue}
    - {vrf: blue, prefix: "fd00::/16", via: "fd00:fffe::2", port: ce-blue}
    - {prefix: 203.0.113.0/24, via: 192.0.2.2, port: core}
    - {prefix: "2001:db8:5::/48", via: "2001:db8:2::2", port: core-100}
    - {prefix: "2001:db8:6::/48", via: "2001:db8:1::2", port: core}
  neighbors:
    - {port: core, address: "2001:db8:1::2", mac: "\(peerMAC)"}
    - {port: core, address: 192.0.2.2, mac: "\(peerMAC)"}
    - {port: core-100, address: "2001:db8:2::2", mac: "\(peerMAC)"}
    - {port: ce-red, address: 10.254.0.2, mac: "\(redPeer)"}
    - {port: ce-red, address: "fd00:fffe::2", mac: "\(redPeer)"}
    - {port: red-site, address: 10.253.0.2, mac: "\(sitePeer)"}
    - {port: ce-blue, address: 10.254.0.2, mac: "\(bluePeer)"}
    - {port: ce-blue, address: "fd00:fffe::2", mac: "\(bluePeer)"}
  """

let coreMAC = "02:00:00:00:00:01"
let redMAC = "02:00:00:00:00:0a"
let blueMAC = "02:00:00:00:00:0b"
let peerMAC = "02:00:00:00:ff:01"
let redPeer = "02:00:00:00:ff:0a"
let bluePeer = "02:00:00:00:ff:0b"
let sitePeer = "02:00:00:00:ff:0c"

let redDT4 = "fc00:0:1:d4::"
let redDT6 = "fc00:0:1:d6::"
let redDX4 = "fc00:0:1:14::"
let blueDT4 = "fc00:0:2:d4::"
let blueDT6 = "fc00:0:2:d6::"
let blueDX4 = "fc00:0:2:14::"
let mainDT4 = "fc00:0:3:d4::"
let mainDT6 = "fc00:0:3:d6::"
let siteDX4 = "fc00:0:1:20::"
let lostDX4 = "fc00:0:1:99::"

/// The outer source.
let headend = "2001:db8:ffff::1"

/// A tenant's IPv4 packet.
func tenant4(
  _ destination: String = "10.1.2.3", from source: String = "10.250.0.1", ttl: UInt8 = 64, options: [UInt8] = [],
  size: Int = 40
) -> [UInt8] {
  ipv4(source, destination, ttl: ttl, options: options, payload: pattern(size))
}

/// A tenant's IPv6 packet.
func tenant6(
  _ destination: String = "fd00:1::3", from source: String = "fd00:250::1", hopLimit: UInt8 = 64, size: Int = 40
) -> [UInt8] {
  ipv6(source, destination, next: 17, hopLimit: hopLimit, payload: pattern(size))
}

/// A frame from the core's peer with an IPv6 packet.
func coreFrame(_ packet: [UInt8], tag: Int? = nil) -> [UInt8] { ethernet(coreMAC, peerMAC, 0x86dd, packet, tag: tag) }

/// A frame in which `inner` comes to a SID, behind an SRH if there are segments.
func tunnel(
  _ sid: String, _ next: UInt8, _ inner: [UInt8], segments: [String]? = nil, left: Int = 0, tlvs: [UInt8] = [],
  hopLimit: UInt8 = 64, tag: Int? = nil
) -> [UInt8] {
  guard let segments else {
    return coreFrame(ipv6(headend, sid, next: next, hopLimit: hopLimit, payload: inner), tag: tag)
  }
  let payload = srh(segments, left: left, next: next, tlvs: tlvs, payload: inner)
  return coreFrame(ipv6(headend, sid, next: 43, hopLimit: hopLimit, payload: payload), tag: tag)
}

/// The frame in which red's neighbour gets a packet.
func toRed(_ packet: [UInt8]) -> [UInt8] { ethernet(redPeer, redMAC, packet[0] >> 4 == 4 ? 0x0800 : 0x86dd, packet) }

/// The frame in which blue's neighbour gets a packet.
func toBlue(_ packet: [UInt8]) -> [UInt8] { ethernet(bluePeer, blueMAC, packet[0] >> 4 == 4 ? 0x0800 : 0x86dd, packet) }
