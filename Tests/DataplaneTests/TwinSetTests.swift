import DPDK
import Dataplane
import Foundation
import Logging
import Testing

@testable import Control

extension WorkerTests {
  /// Real TAP devices, in a network namespace that is made for them.
  @Suite struct TwinSetTests {
    static let isPossible = geteuid() == 0 && FileManager.default.fileExists(atPath: "/dev/net/tun")
    let namespace = "ntl-sync-\(getpid())"

    /// What `ip` says; empty if it fails.
    @discardableResult func ip(_ words: String...) throws -> String {
      let process = Process()
      let output = Pipe()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["ip"] + words
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return process.terminationStatus == 0 ? text : ""
    }

    func addresses(_ device: String) throws -> Set<String> {
      let lines = try ip("-n", namespace, "-o", "address", "show", "dev", device).split(separator: "\n")
      return Set(lines.map { String($0.split(separator: " ")[3]) })
    }

    @Test(.enabled(if: isPossible, "skipped, because TAP devices need root and /dev/net/tun"))
    func twinsFollowTheirPorts() throws {
      try ip("netns", "add", namespace)
      defer { _ = try? ip("netns", "delete", namespace) }
      let text = HostPuntTests.configuration
        .replacing("vlan: 20, vrf: red,", with: "vlan: 20, vrf: red, tap: red1,")
        .replacing("vlan: 100, tap: core100,", with: "vlan: 100,")
        .replacing("red: {table: 100}", with: "red: {table: 100, netns: \(namespace)}")
      let node = try Node(text)
      let frames = FrameSender(
        pool: Environment.shared.pool, returns: try PacketRing(name: "twins", count: Exchange.capacity))
      let twins = TwinSet(node.state, frames: frames, hasLink: { _ in true }, log: Logger(label: "twins"))
      var interfaces = node.state.interfaces
      try twins.sync(interfaces)
      #expect(
        try addresses("red0") == ["10.254.0.1/24", "fd00:fffe::1/64", "\(HostPuntTests.redLinkLocal)/64"])
      #expect(try addresses("red1") == ["10.253.0.1/24", "fe80::ff:fe00:b/64"])
      #expect(twins.rows.count == 2 && twins.rows[node.state.interfaceIndex("ce-red")]?.name == "red0")

      // What somebody else has put there stays.
      try ip("-n", namespace, "address", "add", "198.51.100.1/32", "dev", "red0")
      let (red, site) = (node.state.interfaceIndex("ce-red"), node.state.interfaceIndex("red-site"))
      interfaces[red].entry.addresses = [.v4(.init(parsing: "10.254.9.1")!, 24), .v6(.init(parsing: "fe80::1")!, 64)]
      interfaces[red].entry.mtu = 1400
      interfaces[site].entry.tap = nil
      try twins.sync(interfaces)
      #expect(try addresses("red0") == ["10.254.9.1/24", "fe80::1/64", "198.51.100.1/32"])
      #expect(try ip("-n", namespace, "link", "show", "dev", "red0").contains("mtu 1400"))
      #expect(try ip("-n", namespace, "link", "show", "dev", "red1").isEmpty && twins.rows.keys.sorted() == [red])
      try twins.sync(interfaces)
      #expect(try addresses("red0").count == 3)

      interfaces[red].entry.tap = "other"
      try twins.sync(interfaces)
      #expect(try addresses("red0").isEmpty && addresses("other") == ["10.254.9.1/24", "fe80::1/64"])
      try twins.sync([])
      #expect(try ip("-n", namespace, "link", "show", "dev", "other").isEmpty && twins.rows.isEmpty)
    }
  }
}
