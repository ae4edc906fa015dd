// What the state file has of feeds: records that begin with a line such as `protocol bgp epoch 3 hold 120 preference 20`.

/// What holds for a feed besides its entries.
struct FeedHeader: Equatable {
  var name: SourceName
  var epoch: UInt32
  /// Seconds.
  var hold: Int
  var preference: UInt8

  init(name: SourceName, epoch: UInt32, hold: Int, preference: UInt8) {
    (self.name, self.epoch, self.hold, self.preference) = (name, epoch, hold, preference)
  }

  init(_ feed: Feed) {
    self.init(name: feed.name, epoch: feed.epoch, hold: feed.hold, preference: feed.preference)
  }

  /// A record with lines of the feed's.
  func record(of lines: String) -> StateFile.Record {
    let words = "\(name.source.name) \(name.name) epoch \(epoch) hold \(hold) preference \(preference)"
    return .init(kind: .feed, text: "\(words)\n\(lines)")
  }

  /// Takes a record's text apart; nil if it is none.
  static func parse(_ text: String) -> (header: FeedHeader, lines: String)? {
    let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let words = parts[0].split(separator: " ").map(String.init)
    guard parts.count == 2, words.count == 8, let name = try? SourceName(source: words[0], name: words[1]),
      let epoch = UInt32(words[3]), let hold = Int(words[5]), (0...Feed.longestHold).contains(hold),
      let preference = UInt8(words[7])
    else { return nil }
    return (FeedHeader(name: name, epoch: epoch, hold: hold, preference: preference), String(parts[1]))
  }
}

extension FeedSet {
  /// The records that all feeds come to.
  var records: [StateFile.Record] { all.map { FeedHeader($0).record(of: $0.entries.lines()) } }
}
