import TestSupport
import Testing

@testable import Control

@Suite struct ConfigurationPropertyTests {
  /// Each section of the whole configuration as its key and its entries, every entry a line or more.
  private static let sections: [(key: String, entries: [String])] = {
    var sections: [(key: String, entries: [String])] = []
    for line in wholeConfiguration.split(separator: "\n") {
      if !line.hasPrefix(" ") {
        sections.append((String(line), []))
      } else if line.hasPrefix("    ") {
        sections[sections.count - 1].entries[sections[sections.count - 1].entries.count - 1] += "\n\(line)"
      } else {
        sections[sections.count - 1].entries.append(String(line))
      }
    }
    return sections
  }()

  /// The model as sorted lines, without marks.
  private func summary(_ text: String) throws -> [String] {
    let model = try ConfigurationLoader.load(text: text, file: "test.yaml")
    var lines = ["\(model.dpdk.eal) \(model.dpdk.mbufs) \(model.lcores.main) \(model.lcores.workers)"]
    lines.append("\(model.lcores.idleSleepMicroseconds) \(model.api.socket) \(model.srv6)")
    lines += model.ports.map { port in
      var port = port
      port.mark = Mark(line: 0, column: 0)
      return "\(port)"
    }
    lines += model.vrfs.map { "\($0.name) \($0.table)" }
    lines += model.sids.map {
      "\($0.prefix) \($0.behavior) \(String(describing: $0.table)) \($0.nexthop as Any) \($0.port ?? "")"
    }
    lines += model.routes.map { "\($0.vrf ?? "") \($0.prefix) \($0.action)" }
    lines += model.neighbors.map { "\($0.port) \($0.address) \($0.mac)" }
    return lines.sorted()
  }

  @Test func orderOfSectionsAndEntriesNeverMatters() throws {
    let expected = try summary(wholeConfiguration)
    #expect(Self.sections.count == 9)
    var random = SeededRandom(seed: 20)
    for _ in 0..<200 {
      let shuffled = Self.sections.shuffled(using: &random).map { section in
        "\(section.key)\n" + section.entries.shuffled(using: &random).joined(separator: "\n")
      }
      let text = shuffled.joined(separator: "\n")
      #expect(try summary(text) == expected, "\(text)")
    }
  }

  @Test func randomMutationsGiveAModelOrDiagnostics() {
    let seed = UInt64.random(in: 0 ... .max)
    print("configuration fuzz: seed \(seed)")
    var random = SeededRandom(seed: seed)
    let valid = Array(wholeConfiguration.utf8)
    let telling = Array("{}[]:,-?&*!|>'\"%@`# \n\t\0\\0129/.~é".utf8)
    var refused = 0
    for round in 0..<2000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        mutate(&bytes, telling, &random)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      do {
        _ = try ConfigurationLoader.load(text: text, file: "fuzz.yaml")
      } catch {
        refused += 1
        #expect(!error.diagnostics.isEmpty, "seed \(seed), round \(round)")
        let lines = text.unicodeScalars.count { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) } + 1
        for diagnostic in error.diagnostics {
          let mark = diagnostic.mark ?? Mark(line: 0, column: 0)
          #expect(
            (1...lines + 1).contains(mark.line) && mark.column >= 1, "seed \(seed), round \(round): \(diagnostic)")
          #expect(!diagnostic.message.isEmpty)
        }
      }
    }
    #expect(refused > 0)
  }
}
