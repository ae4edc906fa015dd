import Foundation
import Reference
import TestSupport
import Testing

extension WorkerTests {
  /// The worker and a second transcription of the RFCs agree on random packets: where each leaves, its bytes, or why it does
  /// not, and the error that its sender gets.
  ///
  /// NEEDLETAIL_SEED chooses other packets, NEEDLETAIL_PACKETS their number.
  @Suite struct ReferenceTests {
    static let environment = ProcessInfo.processInfo.environment
    let seed = environment["NEEDLETAIL_SEED"].flatMap(UInt64.init) ?? 8986
    let count = environment["NEEDLETAIL_PACKETS"].flatMap(Int.init) ?? 1_000_000

    /// A packet that was sent to the node.
    struct Sent {
      var port: String
      var frame: [UInt8]
      var layout: TestPort.Layout
      var wanted: ReferenceNode.Verdict
    }

    @Test func randomPackets() throws {
      print("\(count) packets, NEEDLETAIL_SEED=\(seed)")
      var model = RandomNode()
      let node = try Node(model.configuration, answers: true)
      var generator = PacketGenerator(
        seed: seed, targets: model.targets, destinations: model.destinations, sources: model.sources,
        links: RandomNode.links)
      var random = SeededRandom(seed: seed ^ 1)
      var verdicts: [String: Int] = [:]
      var (wrong, doubtful) = (0, 0)
      var burst: [Sent] = []
      for number in 1...count {
        let (port, frame) = generator.next()
        let wanted = model.reference.receive(frame, on: port)
        verdicts[wanted.drop ?? "forwarded", default: 0] += 1
        let layout = TestPort.Layout(room: random.below(16) == 0 ? 16 + random.below(2000) : 2048)
        if wanted.isLocal {
          // What this node makes of packets to itself is not RFC 8986's business; none is lost.
          _ = try node.send(frame, to: RandomNode.ports[port], layout)
        } else {
          burst.append(Sent(port: RandomNode.ports[port], frame: frame, layout: layout, wanted: wanted))
        }
        guard burst.count == 32 || number == count else { continue }
        if try !agree(burst, node) {
          for sent in burst {
            guard let text = try difference(sent, node) else { continue }
            if sent.wanted.mayAlsoBe(text.reasons, sent.frame) {
              doubtful += 1
            } else {
              wrong += 1
              if wrong < 20 { Issue.record("\(text.words)") }
            }
          }
        }
        burst.removeAll(keepingCapacity: true)
      }
      print(verdicts.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
      #expect(wrong == 0)
      #expect(doubtful * 1000 <= count, "\(doubtful) packets have two faults")
      #expect(verdicts["forwarded"]! * 4 > count && (count < 100_000 || verdicts.count > 20))
    }

    /// Whether packets that arrive together fare as each should.
    private func agree(_ burst: [Sent], _ node: Node) throws -> Bool {
      var wanted: [ReferenceNode.Frame] = []
      var reasons: [String] = []
      for sent in burst {
        try node.port(sent.port).put(sent.frame, sent.layout)
        wanted += sent.wanted.frames
        if let drop = sent.wanted.drop { reasons.append(drop) }
      }
      let got = node.poll(expecting: burst.count)
      return got.drops.map(\.name).sorted() == reasons.sorted() && frames(got) == wanted.canonical
    }

    private func frames(_ outcome: Node.Outcome) -> [ReferenceNode.Frame] {
      outcome.sent.map { .init(port: RandomNode.ports.firstIndex(of: $0.port)!, bytes: $0.frame) }.canonical
    }

    /// How a packet that arrives alone fares otherwise than it should; nil if it does not.
    private func difference(_ sent: Sent, _ node: Node) throws -> (reasons: [String], words: String)? {
      let got = try node.send(sent.frame, to: sent.port, sent.layout)
      let reasons = got.drops.map(\.name)
      if reasons == (sent.wanted.drop.map { [$0] } ?? []) && frames(got) == sent.wanted.frames.canonical { return nil }
      let wanted = Node.Outcome(
        sent: sent.wanted.frames.map { .init(port: RandomNode.ports[$0.port], frame: $0.bytes) })
      let received = Node.Outcome.sent(sent.port, sent.frame)
      return (reasons, "\(received)\n  is to be \(sent.wanted.drop ?? "") \(wanted)\n  and is \(got)")
    }
  }
}

extension ReferenceNode.Verdict {
  /// Faults of a packet's headers: one that has two is dropped for whichever is seen first.
  private static let faults = [
    "truncated", "ipv6-option", "srh-malformed", "outer-fragment", "too-many-headers", "unknown-routing-header",
    "srh-segments-left", "wrong-next-header",
  ]

  /// A frame may be dropped for another reason as well: a second fault, or that its headers fill a packet buffer. Of these
  /// it cannot be said whether they lead to an ICMP error, about which nobody is told.
  fileprivate func mayAlsoBe(_ reasons: [String], _ frame: [UInt8]) -> Bool {
    if max(headerBytes, frame.count) > 2000, ["headers-too-long", "no-headroom", drop].contains(reasons.first) {
      return true
    }
    guard let drop, reasons.count == 1 else { return false }
    return drop != reasons[0] && Self.faults.contains(drop) && Self.faults.contains(reasons[0])
  }
}
