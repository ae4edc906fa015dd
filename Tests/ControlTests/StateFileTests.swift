import Foundation
import TestSupport
import Testing

@testable import Control

/// What a process that was killed at any instant leaves on the disk is a state that was there.
@Suite struct StateFileTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent("ntl-state-\(UUID().uuidString)").path
  private let base = StateFile.records(configuration: "ports: {}\n", lines: "route add 10.0.0.0/8 dev core\n")

  private func batch(_ text: String) -> StateFile.Record { .init(kind: .batch, text: text) }

  @Test func recordsComeBackInOrder() throws {
    defer { unlink(path) }
    #expect(try StateFile.read(path) == nil)
    let file = try StateFile(path, base)
    #expect(try StateFile.read(path) == base)
    for text in ["", "one\n", "two\nthree\n", "ünïcode \u{0} batch 3 0\n"] { try file.append(batch(text)) }
    file.removeLast(batch("ünïcode \u{0} batch 3 0\n"))
    try file.append(batch("four"))
    #expect(try StateFile.read(path) == base + ["", "one\n", "two\nthree\n", "four"].map(batch))
    try file.replace([base[0]])
    try file.append(batch("five"))
    #expect(try StateFile.read(path) == [base[0], batch("five")])
  }

  @Test func everyTornFileHasItsWholeRecords() throws {
    defer { unlink(path) }
    let all = base + (0..<5).map { batch("route add 10.\($0).0.0/16 dev core\n") }
    let file = try StateFile(path, base)
    for record in all.dropFirst(base.count) { try file.append(record) }
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var counts: Set<Int> = []
    for count in 19..<whole.count {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      let records = try #require(try StateFile.read(path))
      #expect(records.elementsEqual(all.prefix(records.count)))
      counts.insert(records.count)
    }
    #expect(counts == Set(0..<all.count))
  }

  @Test func damagedBytesEndTheFileThere() throws {
    defer { unlink(path) }
    let all = base + (0..<3).map { batch("route add 10.\($0).0.0/16 dev core\n") }
    _ = try StateFile(path, all)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var random = SeededRandom(seed: 9)
    for _ in 0..<500 {
      var damaged = whole
      damaged[19 + random.below(whole.count - 19)] ^= UInt8(1 + random.below(255))
      try damaged.write(to: URL(fileURLWithPath: path))
      let records = try #require(try StateFile.read(path))
      #expect(records.count < all.count && records.elementsEqual(all.prefix(records.count)))
    }
    try Data("another file".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: StateFile.Failure.self) { try StateFile.read(path) }
  }
}
