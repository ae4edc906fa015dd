/// What a transaction did, or would do.
public struct ChangeReport: Codable, Sendable {
  /// Entries that are new.
  public var added: Int
  /// Entries that took another's place.
  public var replaced: Int
  /// Entries that are gone.
  public var deleted: Int
  /// Counts the transactions that changed anything.
  public var revision: UInt64
  /// Of a dry run: a line each change, `+ route vrf red 10.0.0.0/8 via ...`, `- sid ...`, `~ ...`; empty otherwise.
  public var changes: [String]
}

/// Why nothing was changed.
public struct ChangeError: Error {
  /// Each as a user reads it: `batch:3:15: ...`.
  public var messages: [String]

  /// Makes an error of at least one message.
  public init(messages: [String]) { self.messages = messages }
}

/// Changes to a running forwarder. Control thread only.
public final class LiveChanges {
  /// Makes an empty state.
  public init() {}

  /// Applies lines of ip (and `sid`) in one transaction. `file` names them in messages.
  public func apply(batch text: String, file: String) throws(ChangeError) -> ChangeReport {
    ChangeReport(added: 0, replaced: 0, deleted: 0, revision: 0, changes: [])
  }

  /// Makes the running state equal to a configuration file (with the batch applied after it).
  public func apply(
    configuration text: String, file: String, batch: String?, dryRun: Bool
  ) throws(ChangeError) -> ChangeReport {
    ChangeReport(added: 0, replaced: 0, deleted: 0, revision: 0, changes: [])
  }
}
