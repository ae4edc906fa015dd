import Dataplane

/// One of the routes that are known for a prefix. Its source, feed and metric tell it from the others.
public struct RouteCandidate: Hashable, Sendable {
  /// Who put it there.
  public let source: RouteSource
  /// Which feed of that source: ``Feed/number``; 0 where it is none's.
  public let feed: UInt8
  /// The lowest is used.
  public let preference: UInt8
  /// Among candidates of one preference the lowest is used; then the source that stands first in ``RouteSource``, then
  /// the feed of the lowest number. The usual metric of a route of its family is 0, others are relative to it.
  public let metric: Int
  /// Where packets go.
  public let target: RouteTarget

  /// Makes a candidate; unless told, with its source's own preference.
  public init(
    _ source: RouteSource, feed: UInt8 = 0, _ target: RouteTarget, preference: UInt8? = nil, metric: Int = 0
  ) {
    self.source = source
    self.feed = feed
    self.preference = preference ?? source.preference
    self.metric = metric
    self.target = target.labelled(0)
  }

  /// What stands in the table for it: its target, labelled with its source or feed.
  var cell: RouteTarget { target.labelled(feed == 0 ? source.rawValue : Self.firstFeed + feed) }

  /// Labels from here on, less this, are feeds' numbers.
  private static let firstFeed = UInt8(RouteSource.allCases.count)
  /// The highest number of a feed.
  static let feedLimit = UInt8.max - firstFeed

  /// The cell says all there is to say of it.
  func isPlain(_ preferences: FeedPreferences) -> Bool {
    metric == 0 && preference == (feed == 0 ? source.preference : preferences[feed])
  }

  /// The plain candidate that a cell says.
  init(plain cell: RouteTarget, _ preferences: FeedPreferences) {
    if let source = RouteSource(rawValue: cell.label) {
      self.init(source, cell)
    } else {
      let feed = cell.label - Self.firstFeed
      self.init(RouteSource(feed: feed), feed: feed, cell, preference: preferences[feed])
    }
  }

  /// The data plane has it rather than `other`.
  func isBetter(than other: RouteCandidate) -> Bool {
    (preference, metric, source.rawValue, feed)
      < (other.preference, other.metric, other.source.rawValue, other.feed)
  }

  /// Whether both are the same route, perhaps with different targets: one takes the other's place.
  func isSameRoute(as other: RouteCandidate) -> Bool {
    source == other.source && feed == other.feed && metric == other.metric
  }
}

/// The preference of each feed's routes, by the feed's number.
struct FeedPreferences {
  private var values = [UInt8](repeating: RouteSource.protocol.preference, count: Int(RouteCandidate.feedLimit) + 1)

  subscript(feed: UInt8) -> UInt8 {
    get { values[Int(feed)] }
    set { values[Int(feed)] = newValue }
  }
}

extension RouteSource {
  /// The number of the one feed that the kernel has; all others are protocols'.
  static let kernelFeed: UInt8 = 1

  /// The source of a feed.
  init(feed: UInt8) { self = feed == Self.kernelFeed ? .kernel : .protocol }
}
