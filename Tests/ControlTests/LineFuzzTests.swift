import Foundation
import TestSupport
import Testing

@testable import Control

/// Files and lines that are damaged at random: a configuration, or what is wrong with it.
@Suite struct LineFuzzTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Lines that are in order.
  private static let lines = [
    "ip -6 route add fc01::2/127 encap seg6local action End.X nh6 2001:db8:1::2 oif core flavors psp,usd dev core",
    "route replace 10.0.0.0/8 vrf red encap seg6 mode encap.red segs fc00::a,fc00::b tunsrc 2001:db8::7 dev ce",
    "route append 10.0.0.0/8 metric 7 table 300 nexthop via 192.0.2.2 dev core weight 3 nexthop via 192.0.2.3",
    "-6 route add prohibit default metric 4278198272",
    "-6 route add fc01::9 encap seg6local action End.B6 srh segs fc00::a",
    "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev core nud permanent", "sr tunsrc set 2001:db8::5",
    "sid add fc00:0:1:d4:: behavior End.DT4 vrf red", "sid change fc01::/64 behavior End.DX4 nexthop 10.1.0.2 port ce",
    "sid replace fc00::5 behavior End.B6.Encaps segments fc00::a,fc00::b", "sid del fc00::5",
    "route del 10.0.0.0/8 \\\n  metric 7 # gone", "route add '10.0.0.0/8' \"via\" 192.0.2.2",
  ]

  private static let words = lines.flatMap { $0.split(separator: " ").map(String.init) }

  /// A line with other words in it, and bytes that are wrong.
  private func damaged(_ random: inout SeededRandom) -> String {
    let words = Self.words
    var line = Self.lines[random.below(Self.lines.count)].split(separator: " ").map(String.init)
    if random.below(2) == 0 { line[random.below(line.count)] = words[random.below(words.count)] }
    if random.below(4) == 0 { line.insert(words[random.below(words.count)], at: random.below(line.count)) }
    if random.below(4) == 0 { line.remove(at: random.below(line.count)) }
    var bytes = Array(line.joined(separator: " ").utf8)
    for _ in 0..<random.below(3) { mutate(&bytes, Array(" \t\n\r#\\'\"/:.,-0129f%\0~é".utf8), &random) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func damagedLinesAreUnderstoodOrRefused() {
    let seed = UInt64.random(in: 0 ... .max)
    print("line fuzz: seed \(seed)")
    var random = SeededRandom(seed: seed)
    var (taken, refused) = (0, 0)
    for round in 0..<20_000 {
      let text = damaged(&random)
      for words in BatchText(text, file: "fuzz").lines {
        do throws(IPCommandError) {
          _ = try IPCommand(words)
          taken += 1
        } catch {
          refused += 1
          let isPlaced = error.mark.line >= 1 && error.mark.column >= 1 && error.mark.file == "fuzz"
          #expect(isPlaced && !error.message.isEmpty, "seed \(seed), round \(round): \(text)")
        }
      }
    }
    #expect(taken > 1000 && refused > 1000, "\(taken) taken, \(refused) refused")
  }

  @Test func damagedLinesGiveAConfigurationOrDiagnostics() {
    let seed = UInt64.random(in: 0 ... .max)
    print("batch fuzz: seed \(seed)")
    var random = SeededRandom(seed: seed)
    var (taken, refused) = (0, 0)
    for round in 0..<2000 {
      let text = damaged(&random)
      do throws(ConfigurationError) {
        _ = try ConfigurationLoader.load(text: twoPorts, file: "fuzz.yaml", batch: text)
        taken += 1
      } catch {
        refused += 1
        let isPlaced = error.diagnostics.allSatisfy { ($0.mark?.line ?? 0) >= 1 && !$0.message.isEmpty }
        #expect(!error.diagnostics.isEmpty && isPlaced, "seed \(seed), round \(round): \(text)")
      }
    }
    #expect(taken > 100 && refused > 100, "\(taken) taken, \(refused) refused")
  }

  @Test(arguments: ["config/l3vpn.yaml", "config/software-ports.yaml"])
  func damagedExamplesGiveAConfigurationOrDiagnostics(_ path: String) throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("fuzz of \(path): seed \(seed)")
    var random = SeededRandom(seed: seed)
    let whole = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    let lines = whole.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let telling = Array("{}[]:,-?&*!|>'\"%@`# \n\t\0\\0129/.~é".utf8)
    var (taken, refused) = (0, 0)
    for round in 0..<2000 {
      var bytes = Array(lines.joined(separator: "\n").utf8)
      for _ in 0...random.below(4) { mutate(&bytes, telling, &random) }
      do {
        _ = try ConfigurationLoader.load(text: String(decoding: bytes, as: UTF8.self), file: "fuzz.yaml")
        taken += 1
      } catch {
        refused += 1
        #expect(!error.diagnostics.isEmpty, "seed \(seed), round \(round)")
      }
    }
    #expect(taken > 10 && refused > 100, "\(taken) taken, \(refused) refused")
  }
}
