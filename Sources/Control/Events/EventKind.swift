/// What clients of the event stream can ask for, by the names of `/v1/events?types=`.
public enum EventKind: String, CaseIterable, Codable, Sendable {
  /// Routes that are configured, by the file or since.
  case route
  /// Neighbours: known, lost, or known in another way.
  case neighbor
  /// Links of ports.
  case link
  /// Local SIDs.
  case sid
  /// VRFs.
  case vrf

  /// Kinds by their names with commas between; nil is all of them.
  ///
  /// - Throws: A 400 that names the word that is none.
  static func set(named text: String?) throws(APIProblem) -> Set<EventKind> {
    guard let text else { return Set(allCases) }
    var kinds: Set<EventKind> = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = EventKind(rawValue: String(word)) else {
        let known = allCases.map(\.rawValue).joined(separator: ", ")
        throw APIProblem(.badRequest, "types has \(quoted(String(word))); the types are \(known), with commas between")
      }
      kinds.insert(kind)
    }
    return kinds
  }
}

/// What became of an entry.
public enum EventChange: String, CaseIterable, Codable, Sendable {
  /// It is new.
  case added
  /// It took another's place.
  case replaced
  /// It is gone; the event says what it was.
  case deleted

  /// What a change of an entry is; nil if it was not there before and is not after.
  init?<Entry>(old: Entry?, new: Entry?) {
    switch (old, new) {
    case (nil, _?): self = .added
    case (_?, _?): self = .replaced
    case (_?, nil): self = .deleted
    case (nil, nil): return nil
    }
  }
}
