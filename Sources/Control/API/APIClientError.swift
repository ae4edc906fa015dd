/// Why the API gave no answer that can be used.
public enum APIClientError: Error, CustomStringConvertible {
  /// Nobody listens at the socket's path, or at the server's address.
  case notRunning(server: String, hint: String)
  /// The server cannot be connected to, for another reason.
  case unreachable(server: String, reason: String)
  /// The answer is an error: its status, and why, in one message or more.
  case refused(status: Int, messages: [String])
  /// The answer did not come, or not whole, or is not what this version expects.
  case badAnswer(server: String, reason: String)
  /// The client's own settings are wrong.
  case unusable(String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .notRunning(let server, let hint): "no needletail is running at \(server): \(hint)"
    case .unreachable(let server, let reason): "cannot connect to \(server): \(reason)"
    case .refused(_, let messages): messages.joined(separator: "\n")
    case .badAnswer(let server, let reason): "no good answer from \(server): \(reason)"
    case .unusable(let message): message
    }
  }
}
