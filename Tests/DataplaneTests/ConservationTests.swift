import CDPDKShim
import Dataplane
import TestSupport
import Testing

extension WorkerTests {
  /// Received = transmitted + drops for any packets at all, each burst and in the end; no buffer is lost.
  @Suite struct ConservationTests {
    @Test func randomPackets() throws {
      let seed = UInt64.random(in: 0 ... .max)
      print("random packets: seed \(seed)")
      var random = SeededRandom(seed: seed)
      let node = try Node()
      let samples = Sample.forwarded + Sample.dropped + Sample.longest
      var total = Node.Outcome()
      var received = 0
      while received < 50_000 {
        let count = 1 + random.below(64)
        var bytes = 0
        for _ in 0..<count {
          let sample = samples[random.below(samples.count)]
          let frame = mutated(sample.frame, &random)
          let port = random.below(8) == 0 ? node.deviceNames[random.below(node.deviceNames.count)] : sample.port
          try node.port(port).put(frame, layout(&random))
          bytes += frame.count
        }
        let before = node.counts.received.bytes
        let outcome = node.poll(expecting: count)
        if node.counts.received.bytes - before != UInt64(bytes) { Issue.record("seed \(seed), packet \(received)") }
        check(outcome, "seed \(seed), packet \(received)")
        total.drops += outcome.drops
        total.sent += outcome.sent
        received += count
      }
      #expect(total.sent.count + total.drops.count == received, "seed \(seed)")
      #expect(total.sent.count > received / 20 && Set(total.drops).count > 12, "seed \(seed): too little of something")
    }

    /// Whatever leaves is a whole packet in a frame of ours to a neighbour.
    func check(_ outcome: Node.Outcome, _ comment: String) {
      for sent in outcome.sent {
        let start = sent.port == "red-site" || sent.port == "core-100" ? 18 : 14
        let packet = Array(sent.frame.dropFirst(start))
        let length = Int(packet[2]) << 8 | Int(packet[3])
        let payload = Int(packet[4]) << 8 | Int(packet[5])
        let isWhole =
          switch packet[0] >> 4 {
          case 4: packet.count == length && packet == checksummed(packet) && packet[8] > 0
          case 6: packet.count == 40 + payload && packet[7] > 0
          default: false
          }
        let station = Array(sent.frame[6..<12])
        if !isWhole || ![coreMAC, redMAC, blueMAC].map(mac).contains(station) { Issue.record("\(comment): \(sent)") }
      }
    }

    func layout(_ random: inout SeededRandom) -> TestPort.Layout {
      var layout = TestPort.Layout()
      if random.below(3) == 0 { layout.first = random.below(200) }
      if random.below(4) == 0 { layout.room = 20 + random.below(300) }
      if random.below(8) == 0 { layout.headroom = UInt16(random.below(129)) }
      return layout
    }

    /// Bits flipped and bytes replaced, mostly among the headers; cut, or longer.
    func mutated(_ frame: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
      var frame = frame
      for _ in 0..<random.below(3) {
        let at = random.below(random.below(4) == 0 ? frame.count : min(frame.count, 130))
        frame[at] = random.below(2) == 0 ? frame[at] ^ 1 << UInt8(random.below(8)) : UInt8(random.below(256))
      }
      switch random.below(10) {
      case 0: return Array(frame.prefix(random.below(frame.count + 1)))
      case 1: return frame + random.bytes(random.below(40))
      default: return frame
      }
    }
  }
}
