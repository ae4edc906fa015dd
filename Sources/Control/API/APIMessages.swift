import Foundation
import NIOCore
import NIOHTTP1

/// A request, whole.
public struct APIRequest: Sendable {
  /// The HTTP method.
  public var method: HTTPMethod
  /// The path, percent-decoded, without the query.
  public var path: String
  /// The query's parameters, percent-decoded, in order.
  public var query: [(name: String, value: String)]
  /// The body; empty where there is none.
  public var body: ByteBuffer

  /// Takes a request line's method and target apart.
  ///
  /// - Throws: A 400 that names the part of `uri` that is not percent-encoded UTF-8.
  public init(method: HTTPMethod, uri: String, body: ByteBuffer = ByteBuffer()) throws(APIProblem) {
    let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    self.body = body
    path = try Self.decode(parts[0])
    query = []
    guard parts.count == 2 else { return }
    for pair in parts[1].split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query.append((try Self.decode(halves[0]), halves.count == 2 ? try Self.decode(halves[1]) : ""))
    }
  }

  private static func decode(_ text: Substring) throws(APIProblem) -> String {
    guard let decoded = text.removingPercentEncoding else {
      throw APIProblem(.badRequest, "'\(text)' is not percent-encoded UTF-8: write %25 for a percent sign")
    }
    return decoded
  }

  /// The value of a parameter; nil where it is absent.
  public func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// The value of a parameter that is a count, 0 or more; nil where it is absent.
  ///
  /// - Throws: A 400 for any other text.
  public func count(_ name: String) throws(APIProblem) -> Int? {
    guard let text = parameter(name) else { return nil }
    guard let count = Int(text), count >= 0 else {
      throw APIProblem(.badRequest, "\(name) is '\(text)': give a whole number, 0 or more")
    }
    return count
  }
}

/// Why a request is refused; the client reads `{"error": "..."}`, and where there are several reasons also
/// `"errors": [...]`.
public struct APIProblem: Error {
  /// What the client reads.
  struct Body: Codable {
    var error: String
    var errors: [String]?
  }

  /// The HTTP status.
  public var status: HTTPResponseStatus
  /// What is wrong and how to mend it.
  public var message: String
  /// Everything that is wrong, ``message`` first; nil where that is all there can be.
  public var messages: [String]?
  /// Headers besides those that every response has.
  public var headers: [(String, String)] = []

  /// Makes a problem.
  public init(_ status: HTTPResponseStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// Makes a problem of one or more messages.
  public init(_ status: HTTPResponseStatus, messages: [String]) {
    self.init(status, messages[0])
    self.messages = messages
  }

  /// The response that says so.
  public var response: APIResponse {
    let all = messages.map { ",\"errors\":[\($0.map(JSONText.string).joined(separator: ","))]" } ?? ""
    let body = "{\"error\":\(JSONText.string(message))\(all)}\n"
    return APIResponse(status: status, headers: headers, body: .whole(ByteBuffer(string: body)))
  }
}

/// An answer: always JSON, or lines of it.
public struct APIResponse {
  /// What is sent after the head.
  public enum Body {
    /// All of it.
    case whole(ByteBuffer)
    /// Made piece by piece while it is sent.
    case pieces(JSONPieces)
    /// Lines, one an event, until either side has enough.
    case events(EventQueue, EventHub)
  }

  /// The HTTP status.
  public var status: HTTPResponseStatus
  /// Headers besides those that every response has.
  public var headers: [(String, String)]
  /// The JSON.
  public var body: Body

  /// What the body is.
  var contentType: String { if case .events = body { "application/x-ndjson" } else { "application/json" } }

  /// Makes a response.
  public init(status: HTTPResponseStatus = .ok, headers: [(String, String)] = [], body: Body) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A value that is small enough to be encoded at once.
  public static func json(_ value: some Encodable) -> APIResponse {
    do {
      return APIResponse(body: .whole(ByteBuffer(bytes: try JSONText.encode(value) + [UInt8(ascii: "\n")])))
    } catch {
      return APIProblem(.internalServerError, "cannot be written as JSON: \(error)").response
    }
  }

  /// A value whose JSON is made while it is sent.
  public static func pieces(_ pieces: JSONPieces) -> APIResponse { APIResponse(body: .pieces(pieces)) }
}
