/// What the event stream says of itself.
public enum StreamMark: String, CaseIterable, Codable, Sendable {
  /// The stream begins: what comes after this revision is in it.
  case begin
  /// Nothing has happened: the forwarder is there all the same.
  case heartbeat
  /// The forwarder stops; nothing follows.
  case end
}

/// Where the stream is.
public struct StreamEvent: Event {
  /// What it says.
  public var event: StreamMark
  /// The last transaction before.
  public var revision: UInt64

  func write(to object: inout JSONObject) {
    object.add("event", event.rawValue)
    object.add("revision", revision)
  }
}

/// The client was too slow for some events.
public struct LostEvent: Event {
  /// `lost`.
  public enum Name: String, CaseIterable, Codable, Sendable {
    /// The only one.
    case lost
  }

  /// `lost`.
  public var event = Name.lost
  /// How many there were. What they were is only in the state, which is to be read again.
  public var count: UInt64

  func write(to object: inout JSONObject) {
    object.add("count", count)
    object.add("event", event.rawValue)
  }
}
