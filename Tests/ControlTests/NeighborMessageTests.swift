import TestSupport
import Testing
import Wire

@testable import Control

/// ARP (RFC 826) and neighbour discovery (RFC 4861) on the wire.
@Suite struct NeighborMessageTests {
  let ours = MACAddress(0x0200_0000_0010)

  /// A neighbour solicitation as a Linux kernel sent it, from its IPv6 header on.
  let solicitation = bytes(
    "6000000000203afffe80000000000000000000fffe000010ff0200000000000000000001ff00000987007b6b00000000"
      + "fe8000000000000000000000000000090101020000000010")

  @Test func aSolicitationIsLinuxsToTheByte() throws {
    let source = IPv6Address(high: 0xfe80 << 48, low: 0x0000_00ff_fe00_0010)
    let target = IPv6Address(high: 0xfe80 << 48, low: 9)
    let message = NDMessage(
      kind: .solicitation, source: source, destination: target.solicitedNode, target: target, mac: ours)
    #expect(message.bytes == solicitation)
    #expect(NDMessage(solicitation) == message)
  }

  @Test func anARPRequestIsLinuxsToTheByte() throws {
    let request = bytes("00010800060400010200000000110a0100010000000000000a000001")
    let message = ARPMessage(
      operation: .request, senderMAC: MACAddress(0x0200_0000_0011), sender: IPv4Address(0x0a01_0001),
      targetMAC: MACAddress(0), target: IPv4Address(0x0a00_0001))
    #expect(message.bytes == request)
    #expect(ARPMessage(request) == message)
  }

  @Test func damagedSolicitationsAreNotTaken() {
    // Each of: hop limit, next header, code, type, checksum, a target that is multicast, an option of no length, a length
    // beyond the packet.
    for (place, value) in [(7, 254), (6, 17), (41, 1), (40, 133), (42, 0), (48, 0xff), (65, 0), (5, 0x28)] {
      var damaged = solicitation
      damaged[place] = UInt8(value)
      #expect(NDMessage(damaged) == nil, "byte \(place)")
    }
    for count in 0..<solicitation.count { #expect(NDMessage(Array(solicitation.prefix(count))) == nil) }
  }

  @Test func damagedARPIsNotTaken() {
    let request = bytes("00010800060400010200000000110a0100010000000000000a000001")
    for place in 0..<8 {
      var damaged = request
      damaged[place] ^= 0x40
      #expect(ARPMessage(damaged) == nil, "byte \(place)")
    }
    for count in 0..<request.count { #expect(ARPMessage(Array(request.prefix(count))) == nil) }
  }

  @Test func randomBytesNeverTrap() {
    var random = SeededRandom(seed: 4861)
    for _ in 0..<20_000 {
      var message = random.bytes(Int(random.below(120)))
      if message.count > 50 {
        // Near enough to a solicitation to be looked at closely.
        for place in [4, 6, 7, 40, 41] { message[place] = solicitation[place] }
        message[5] = UInt8(message.count - 40)
      }
      _ = NDMessage(message)
      _ = ARPMessage(message)
    }
  }
}

/// The bytes of hex digits.
private func bytes(_ hex: String) -> [UInt8] {
  stride(from: 0, to: hex.count, by: 2).map { place in
    let start = hex.index(hex.startIndex, offsetBy: place)
    return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
  }
}
