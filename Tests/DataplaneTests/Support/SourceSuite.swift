import Testing
import Wire

@testable import Control
@testable import Dataplane

extension WorkerTests {
  /// What tests of sources share: a node that runs, a clock of their own, and who gives.
  class SourceSuite {
    let node: Node
    let live: LiveChanges
    let bgp = try! SourceName.protocol("bgp")
    let ospf = try! SourceName.protocol("ospf")
    /// Milliseconds.
    var now: UInt64 = 1000

    init() throws {
      node = try Node()
      live = node.changes()
      live.clock = { [unowned self] in now }
    }

    func red(_ destination: String) -> [UInt8] {
      tunnel(redDT4, 4, ipv4("10.250.0.1", destination, payload: pattern(20)))
    }

    func toPeer(_ destination: String, _ peer: String = redPeer) -> Node.Outcome {
      .sent("ce-red", ethernet(peer, redMAC, 0x0800, routed4(ipv4("10.250.0.1", destination, payload: pattern(20)))))
    }

    @discardableResult func give(_ lines: String, _ name: SourceName? = nil) throws -> ChangeReport {
      try live.apply(batch: lines, file: "batch", from: name ?? bgp)
    }

    func row(_ name: SourceName) throws -> SourceRow { try #require(live.sourceRow(name)) }

    func refusal(_ change: () throws(ChangeError) -> Void) -> [String] {
      do throws(ChangeError) {
        try change()
        return []
      } catch {
        return error.messages
      }
    }

    let route = "route add 172.16.0.0/12 vrf red via 10.254.0.2 dev ce-red"
  }
}
