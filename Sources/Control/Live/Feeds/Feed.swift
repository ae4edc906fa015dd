import Dispatch

/// What one source besides the users has given, in a space of its own: its entries stand beside those of others for the
/// same prefix, SID or neighbour, and the data plane has the one of the lowest preference.
///
/// It lives in epochs. Those of its entries that were given in an earlier epoch are stale, as all are while it is lost;
/// they go on forwarding until they are given again or swept. Control thread only.
final class Feed {
  /// What its entries and routes are marked with, from 1.
  let number: UInt8
  /// Who it is.
  let name: SourceName
  /// Lower wins; see ``RouteSource/preference``.
  var preference: UInt8
  /// Seconds from being lost until what it has given is swept; 0 sweeps at once.
  var hold = Feed.usualHold
  /// Counts how often it has begun.
  var epoch: UInt32 = 1
  /// It is gone, and has not begun anew.
  var isLost = false
  /// When what it has given is swept, in milliseconds of the clock; nil while it is not lost, and after the sweep.
  var sweepsAt: UInt64?
  /// What it has given, whether or not the data plane has it.
  var entries = BatchedChanges()

  /// Seconds; as long as BGP's peers wait for a restart (RFC 4724).
  static let usualHold = 120
  /// Seconds at most: a day.
  static let longestHold = 86_400

  init(number: UInt8, name: SourceName) {
    self.number = number
    self.name = name
    preference = name.source.preference
  }

  /// It has given nothing, or nothing is left.
  var isEmpty: Bool { entries.routes.count + entries.sids.count + entries.neighbors.count == 0 }

  /// Whether one of its entries waits for being given again.
  func isStale(_ entry: some SourcedEntry) -> Bool { isLost || entry.epoch != epoch }

  /// The sweep, in seconds from `now`, rounded up; nil where none is due.
  func secondsToSweep(_ now: UInt64) -> Int? {
    sweepsAt.map { $0 > now ? Int(($0 - now + 999) / 1000) : 0 }
  }
}

/// An entry that knows who put it there.
protocol SourcedEntry: ConfiguredEntry {
  var source: RouteSource { get }
  /// ``Feed/number``; 0 where it is none's.
  var feed: UInt8 { get }
  /// The feed's epoch in which it was given last.
  var epoch: UInt32 { get }
}

extension RouteEntry: SourcedEntry {}
extension SIDEntry: SourcedEntry {}
extension NeighborEntry: SourcedEntry {}
