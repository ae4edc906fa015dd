import Control
import Dataplane
import Foundation
import Testing

/// The documents say what the code says, where both have a list of the same things.
@Suite struct ReadmeTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let catalogue = "Sources/Control/Documentation.docc"

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The lines of one `##` section.
  private func section(_ title: String, of text: String) throws -> [Substring] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "## \(title)"), "there is no section '\(title)'")
    return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("## ") })
  }

  /// The cells of a section's table rows, headings and rulers included.
  private func rows(_ title: String, of text: String) throws -> [[String]] {
    try section(title, of: text).filter { $0.hasPrefix("|") }.map { line in
      line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test func readmeHasEveryDropReasonWithItsMeaning() throws {
    let cells = try rows("Drop reasons", of: text("README.md")).dropFirst(2).joined().filter { !$0.isEmpty }
    let expected = DropReason.allCases.flatMap { ["`\($0.name)`", $0.text.meaning] }
    #expect(cells.count == expected.count)
    let meanings = Dictionary(
      uniqueKeysWithValues: stride(from: 0, to: cells.count - 1, by: 2).map { index in
        (cells[index], cells[index + 1])
      })
    for reason in DropReason.allCases {
      #expect(meanings["`\(reason.name)`"] == reason.text.meaning)
    }
  }

  @Test func guideHasEveryDropReasonOnce() throws {
    let guide = try text("\(Self.catalogue)/DropReasonsAndCounters.md")
    var named: [String] = []
    for title in ["Received frame", "IP header", "SRv6 endpoint", "Routing and transmission"] {
      for row in try rows(title, of: guide).dropFirst(2) {
        named += row[0].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      }
    }
    #expect(named.sorted() == DropReason.allCases.map { "`\($0.name)`" }.sorted())
  }

  /// `needletail show behaviors` prints what is expected.
  @Test func readmeHasTheTableOfBehaviors() throws {
    let table = try section("Behaviours", of: text("README.md")).drop { !$0.hasPrefix("|") }.prefix {
      $0.hasPrefix("|")
    }
    #expect(table.map { $0 + "\n" }.joined() == BehaviorListing.markdown)
  }

  @Test func readmesConfigurationIsValid() throws {
    let lines = try section("A configuration, piece by piece", of: text("README.md"))
    let begin = try #require(lines.firstIndex(of: "```yaml"))
    let yaml = lines[(begin + 1)...].prefix { $0 != "```" }.joined(separator: "\n")
    let configuration = try ConfigurationLoader.load(text: yaml, file: "README.md")
    #expect(configuration.ports.count == 4)
    #expect(configuration.sids.count == 3)
    #expect(configuration.neighbors.count == 2)
  }

  @Test(arguments: ["config/l3vpn.yaml", "config/software-ports.yaml"])
  func exampleIsValid(path: String) throws {
    let configuration = try ConfigurationLoader.load(text: text(path), file: path)
    #expect(!configuration.sids.isEmpty)
  }

  @Test func everyLinkOfTheReadmeLeadsToAFile() throws {
    let readme = try text("README.md")
    let targets = readme.matches(of: #/\]\(([^)]+)\)/#).map { String($0.1) }.filter { !$0.hasPrefix("https://") }
    #expect(targets.count >= 8)
    for target in targets {
      let path = Self.root.appendingPathComponent(target).path
      #expect(FileManager.default.fileExists(atPath: path), "README.md links to \(target)")
    }
  }
}
