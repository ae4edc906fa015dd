import Testing

@testable import Control

/// Lines of `sid`: the configuration file's entries as words.
@Suite struct SIDLineTests {
  private static let file = twoPorts + "sids: [{sid: \"fc00::1\", behavior: End}]\n"

  private func load(_ batch: String, text: String = Self.file) throws -> [SIDEntry] {
    try ConfigurationLoader.load(text: text, file: "test.yaml", batch: batch).sids
  }

  private func names(_ sids: [SIDEntry]) -> [String] { sids.map { "\($0.name) \($0.action)" } }

  /// Entries as words and as the file has them.
  static let entries: [(words: String, yaml: String)] = [
    ("fc01::1 behavior End.DT4 vrf red", "sid: \"fc01::1\", behavior: End.DT4, vrf: red"),
    ("to fc01::1/128 vrf red behavior end.dt4", "sid: \"fc01::1/128\", behavior: end.dt4, vrf: red"),
    ("fc01::/64 behavior End.DT6 table 300", "sid: \"fc01::/64\", behavior: End.DT6, table: 300"),
    ("fc01::1 behavior End.DT46 table main", "sid: \"fc01::1\", behavior: End.DT46, table: main"),
    ("fc01::1 behavior End.T vrf main", "sid: \"fc01::1\", behavior: End.T, vrf: main"),
    (
      "fc01::1 behavior End.DX4 nexthop 10.1.0.2 port ce",
      "sid: \"fc01::1\", behavior: End.DX4, nexthop: 10.1.0.2, port: ce"
    ),
    ("fc01::1 behavior End.DX4 nexthop 192.0.2.9", "sid: \"fc01::1\", behavior: End.DX4, nexthop: 192.0.2.9"),
    ("fc01::1 behavior End.DX6 nexthop ::", "sid: \"fc01::1\", behavior: End.DX6, nexthop: \"::\""),
    (
      "fc01::1 behavior End.X nexthop fe80::2 port core flavors psp,USD",
      "sid: \"fc01::1\", behavior: End.X, nexthop: \"fe80::2\", port: core, flavors: [psp, USD]"
    ),
    ("fc01::1 behavior End flavor USP", "sid: \"fc01::1\", behavior: End, flavors: [USP]"),
    (
      "fc01::1 behavior End.B6.Encaps segments fc00::a,fc00::b",
      "sid: \"fc01::1\", behavior: End.B6.Encaps, segments: [\"fc00::a\", \"fc00::b\"]"
    ),
    ("fc01::1 behavior End.B6 segs 'fc00::a'", "sid: \"fc01::1\", behavior: End.B6, segments: [\"fc00::a\"]"),
    // What is wrong is said of both alike.
    ("fc01::1", "sid: \"fc01::1\""),
    ("ff02::1 behavior End", "sid: \"ff02::1\", behavior: End"),
    ("10.0.0.1 behavior End", "sid: 10.0.0.1, behavior: End"),
    ("fc01::1/64 behavior End", "sid: \"fc01::1/64\", behavior: End"),
    ("2001:db8:1::1 behavior End", "sid: \"2001:db8:1::1\", behavior: End"),
    ("fc01::1 behavior End.Y", "sid: \"fc01::1\", behavior: End.Y"),
    ("fc01::1 behavior End.DT4", "sid: \"fc01::1\", behavior: End.DT4"),
    ("fc01::1 behavior End.DT4 vrf blue", "sid: \"fc01::1\", behavior: End.DT4, vrf: blue"),
    ("fc01::1 behavior End.DT4 vrf red table 100", "sid: \"fc01::1\", behavior: End.DT4, vrf: red, table: 100"),
    ("fc01::1 behavior End.DT4 table 255", "sid: \"fc01::1\", behavior: End.DT4, table: 255"),
    ("fc01::1 behavior End.DT4 table red", "sid: \"fc01::1\", behavior: End.DT4, table: red"),
    ("fc01::1 behavior End vrf red", "sid: \"fc01::1\", behavior: End, vrf: red"),
    ("fc01::1 behavior End flavors psp,fast", "sid: \"fc01::1\", behavior: End, flavors: [psp, fast]"),
    ("fc01::1 behavior End flavors psp,", "sid: \"fc01::1\", behavior: End, flavors: [psp, \"\"]"),
    ("fc01::1 behavior End.X nexthop fe80::2", "sid: \"fc01::1\", behavior: End.X, nexthop: \"fe80::2\""),
    (
      "fc01::1 behavior End.X nexthop fe80::2 port nowhere",
      "sid: \"fc01::1\", behavior: End.X, nexthop: \"fe80::2\", port: nowhere"
    ),
    ("fc01::1 behavior End.DX4 nexthop fe80::2", "sid: \"fc01::1\", behavior: End.DX4, nexthop: \"fe80::2\""),
    ("fc01::1 behavior End.DX4 nexthop 203.0.113.1", "sid: \"fc01::1\", behavior: End.DX4, nexthop: 203.0.113.1"),
    (
      "fc01::1 behavior End.DX4 nexthop 0.0.0.0 port ce",
      "sid: \"fc01::1\", behavior: End.DX4, nexthop: 0.0.0.0, port: ce"
    ),
    (
      "fc01::1 behavior End.B6.Encaps segments fc00::a,10.0.0.1",
      "sid: \"fc01::1\", behavior: End.B6.Encaps, segments: [\"fc00::a\", 10.0.0.1]"
    ),
  ]

  /// What the loader makes of a SID: what it is, or all that is wrong with it, without places.
  private func outcome(_ sids: () throws -> [SIDEntry]) -> [String] {
    do {
      return names(try sids())
    } catch {
      let diagnostics = (error as? ConfigurationError)?.diagnostics ?? []
      return diagnostics.map { "\($0.path.replacing("sids[0]", with: "").drop { $0 == "." }) \($0.message)" }
    }
  }

  @Test(arguments: entries.indices) func wordsMeanWhatTheFileMeans(_ index: Int) {
    let (words, yaml) = Self.entries[index]
    let fromWords = outcome { try load("sid add \(words)", text: twoPorts) }
    let fromFile = outcome { try load("", text: twoPorts + "sids: [{\(yaml)}]") }
    #expect(fromWords == fromFile && !fromWords.isEmpty, "\(words)")
  }

  @Test func verbsSayWhatMustBeThere() throws {
    #expect(try names(load("sid replace fc00::1 behavior End.DT4 vrf red")) == ["fc00::1 End.DT4 vrf red"])
    #expect(try names(load("sid change fc00::1 behavior End flavors PSP")) == ["fc00::1 End flavors psp"])
    #expect(try names(load("sid replace fc01::1 behavior End")) == ["fc00::1 End", "fc01::1 End"])
    #expect(try load("sid del fc00::1").isEmpty)
    // A line that added one takes it away with another verb.
    #expect(try load("sid del fc00::1/128 behavior End.DT4 vrf nowhere").isEmpty)
    #expect(try names(load("sid del fc00::1\nsid add fc00::1 behavior End.T table 7")) == ["fc00::1 End.T table 7"])
    #expect(try load("route del fc00::1\nsid add fc01::2 behavior End\n-6 route del fc01::2").isEmpty)
  }

  /// A line, with `«` before the word that is refused, and the message.
  static let refused: [(line: String, message: String)] = [
    ("«sid", "after 'sid' comes one of add, change, replace, append, delete"),
    ("sid «add", "after 'add' comes the SID"),
    ("sid «show", "'show' is not one of add, change, replace, append, delete"),
    ("sid add fc01::1 behavior End «frobnicate red", "'frobnicate' is no word of a SID. The words are behavior, vrf"),
    ("sid add fc01::1 «behaviour End", "'behaviour' is no word of a SID; did you mean 'behavior'? The words are"),
    ("sid add fc01::1 behavior End.DT4 «vrf", "after 'vrf' comes its value"),
    ("sid add fc01::1 behavior End.DT4 vrf red «vrf red", "'vrf' is there already; remove one of them"),
    ("sid add fc01::1 behavior End flavors psp «flavor usd", "'flavor' is there already; remove one of them"),
    ("sid add fc01::1 behavior End.DT4 vrf «bleu", "vrf: there is no VRF 'bleu'"),
    ("sid add fc01::1 behavior End.DT4 vrf «", "vrf: is empty; write a VRF's name, or main"),
    (
      "sid add «fc00::1 behavior End", "SID fc00::1/128 is there already (line 5); write replace, or remove one of them"
    ),
    ("sid change «fc01::1 behavior End", "SID fc01::1/128 is not there, so there is nothing to change"),
    ("sid del «fc01::1", "SID fc01::1/128 is not there, so there is nothing to delete"),
    ("sid del «fc01::/200", "sid: 'fc01::/200' is no IPv6 address or prefix"),
  ]

  @Test(arguments: refused.indices) func refusedLines(_ index: Int) throws {
    let (line, message) = Self.refused[index]
    let column =
      try #require(line.unicodeScalars.split(separator: "«", omittingEmptySubsequences: false).first).count + 1
    let plain = line.hasSuffix("«") ? line.dropLast() + "''" : line.filter { $0 != "«" }[...]
    let error = #expect(throws: ConfigurationError.self) { try load("# a comment\n\(plain)") }
    let diagnostic = try #require(error?.diagnostics.first)
    #expect(
      error?.diagnostics.count == 1 && diagnostic.mark == Mark(file: "batch", line: 2, column: column), "\(error!)")
    #expect("\(diagnostic)".contains(message), "\(diagnostic)")
  }
}
