import SRv6
import Wire

/// One entry of `sids:`.
public struct SIDEntry: Sendable {
  /// The SID as a prefix; a bare address is a /128.
  public var prefix: IPv6Prefix
  /// What it does.
  public var behavior: Behavior
  /// Where the segment routing header is removed (End, End.X, End.T).
  public var flavors: Flavors = []
  /// The table looked up (End.T, End.DT4, End.DT6, End.DT46); nil where the behaviour takes none.
  public var table: TableReference?
  /// The policy's segments, the first to visit first (End.B6 and its kin).
  public var segments: [IPv6Address] = []
  /// The layer-3 adjacency (End.X, End.DX4, End.DX6); the unspecified address looks the inner destination up in main.
  public var nexthop: IPAddress?
  /// The port of `nexthop`, if the entry names it; without it, a lookup in main says which.
  public var port: String?
  /// Who put it there.
  public var source = RouteSource.static
  /// Which feed of that source: ``Feed/number``; 0 where it is none's.
  var feed: UInt8 = 0
  /// The feed's epoch in which it was given last.
  var epoch: UInt32 = 0
  /// Where the entry stands.
  public var mark: Mark
}
