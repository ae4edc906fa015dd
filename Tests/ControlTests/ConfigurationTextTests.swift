import Foundation
import Testing

@testable import Control

/// What is wrong with a file before its sections are looked at.
@Suite struct ConfigurationTextTests {
  static let badTexts = [
    BadInput("«", "the file is empty"),
    BadInput("«\n# only a comment\n\n", "the file is empty"),
    BadInput("«~", "the file is empty"),
    BadInput("«just words", "is 'just words'; write a mapping with the keys dpdk, lcores"),
    BadInput("«[1, 2]", "is a list; write a mapping"),
    BadInput("dpdk: {mbufs: 512}\n«---\napi: {}", "a second YAML document starts here"),
    BadInput("ports: {a: {device: x}\n«", "not valid YAML: did not find expected ',' or '}'"),
    BadInput("ports:\n«\ta: 1", "not valid YAML: a tab indents this line; indent with spaces"),
    BadInput("dpdk: {mbufs: 512}\n«@", "not valid YAML: found character that cannot start any token"),
    BadInput("sids:\n  - sid: fc00:«:\n    vrf: a", "put quotes around a value that ends in a colon, such as"),
    BadInput("sids: [{sid: fc00:0:1:d4:«:, vrf: a}]", "put quotes around a value that ends in a colon"),
    BadInput(
      "ports: {a: {device: \"x}}\n«", "found unexpected end of stream, while scanning a quoted scalar that starts at"),
    BadInput("dpdk: {mbufs: «\u{1}}", "not valid YAML: control characters are not allowed (U+1); remove"),
    BadInput("lcores:\n  main: «&m 1", "lcores.main: YAML anchors (&name) and aliases (*name) are not taken"),
    BadInput("lcores: {main: «*m}", "YAML anchors (&name) and aliases (*name) are not taken"),
    BadInput("lcores: {main: «!!int 1}", "YAML tags ('tag:yaml.org,2002:int') are not taken"),
    BadInput("lcores: {? «[a] : 1}", "a key is a plain word"),
    BadInput(
      "lcores:\n  main: 1\n  workers: [2]\n  «main: 3", "lcores.main: the key 'main' stands here a second time"),
    BadInput("routes: []\nports: {}\n«routes: []\n«ports: {}\n«routes: []", "on line 1", "on line 2", "on line 1"),
    BadInput("\"api\": {}\n«'api': {}", "api: the key 'api' stands here a second time, the first is on line 1"),
    BadInput("{«\"\": 1, \"\": 2}", "this key stands more than once"),
  ]

  @Test(arguments: badTexts) func isRefused(_ input: BadInput) { input.check() }

  @Test func byteOrderMarkIsSkipped() {
    #expect(diagnostics("\u{feff}lcores: {main: 0}").isEmpty)
  }

  @Test func nestingIsBounded() {
    let shallow = diagnostics("ports: " + String(repeating: "[", count: 30) + String(repeating: "]", count: 30))
    #expect(shallow.contains { $0.message.contains("nested deeper than anything") })
    for opening in ["[", "{a: ", "- ", "? ", "[{a: "] {
      let found = diagnostics("ports:\n  " + String(repeating: opening, count: 100_000))
      #expect(found.count == 1, "\(opening)")
      #expect(found[0].mark != nil)
    }
  }

  @Test func multiplyingAliasesAreRefusedAtOnce() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 8).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(aliases)]\n"
    }
    bomb += "? *a30\n: 1\n"
    let found = diagnostics(bomb)
    #expect(found.count == 1)
    #expect(found.first?.mark == Mark(line: 1, column: 5))
    #expect(found.first?.message.contains("aliases (*name) are not taken") == true)
  }

  @Test func duplicateKeysDoNotHideOtherErrors() {
    BadInput(
      "ports:\n  a: {device: x, «mut: 1}\n  b: {device: y, mtu: 1500, «mtu: 1600}\n  «a: {device: z}\nsids: «5",
      "unknown key 'mut'; did you mean 'mtu'?", "ports.b.mtu: the key 'mtu' stands here a second time",
      "ports.a: the key 'a' stands", "sids: is '5'; write a list"
    ).check()
  }

  @Test func moreDuplicateKeysThanAreRepairedAreStillAnError() {
    let text = (0..<100).map { "k\($0): 1\nk\($0): 2" }.joined(separator: "\n")
    let found = diagnostics(text)
    #expect(found.count == 1)
    #expect(found[0].message.contains("stands more than once"))
  }

  @Test func diagnosticsAreLimited() {
    let found = diagnostics((0..<5000).map { "k\($0): 1" }.joined(separator: "\n"))
    #expect(found.count == DiagnosticCollector.limit + 1)
    #expect(found.last?.message == "4000 more errors; mend these first")
  }

  @Test func tooLargeIsRefused() {
    let found = diagnostics(String(repeating: "#", count: ConfigurationLoader.largestFile + 1))
    #expect(found.map(\.description) == ["test.yaml: \(found[0].message)"])
    #expect(found[0].message.contains("larger than 256 MiB"))
  }

  @Test func filesThatCannotBeReadSayWhy() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let latin = folder.appending(path: "latin.yaml").path
    #expect(FileManager.default.createFile(atPath: latin, contents: Data([0x61, 0x0a, 0x62, 0xe9, 0x0a])))
    let cases = [
      (folder.appending(path: "none.yaml").path, "cannot be opened: No such file or directory"),
      (folder.path, "cannot be read: Is a directory"),
      ("/dev/zero", "larger than 256 MiB"),
      ("/dev/null", "the file is empty"),
      (latin, ":2:2: a byte that is not UTF-8"),
    ]
    for (path, fragment) in cases {
      let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(file: path) }
      #expect(error?.diagnostics.count == 1)
      #expect(error?.description.hasPrefix(path) == true)
      #expect(error?.description.contains(fragment) == true, "\(error?.description ?? "")")
    }
  }

  @Test func nearestWordIsFound() {
    #expect(Spelling.nearest(to: "mut", in: ["mac", "mtu", "vrf"]) == "mtu")
    #expect(Spelling.nearest(to: "worker", in: ["main", "workers"]) == "workers")
    #expect(Spelling.nearest(to: "END.DT4", in: ["End.DT6", "End.DT4"]) == "End.DT4")
    #expect(Spelling.nearest(to: "zebra", in: ["main", "workers"]) == nil)
    #expect(Spelling.distance(Array("kitten".unicodeScalars), Array("sitting".unicodeScalars)) == 3)
    #expect(Spelling.distance(Array("prot".unicodeScalars), Array("port".unicodeScalars)) == 1)
    #expect(Spelling.distance([], Array("abc".unicodeScalars)) == 3)
  }

  @Test func wordsAreShownOnOneLine() {
    #expect(quoted("a\nb") == "'a\\nb'")
    #expect(quoted(String(repeating: "x", count: 70)) == "'" + String(repeating: "x", count: 64) + "...'")
  }
}
