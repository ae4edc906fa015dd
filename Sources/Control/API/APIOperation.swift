import NIOHTTP1

/// What the API's clients can ask for: a method on a path, with what belongs to it. The router checks requests against
/// it, and ``OpenAPIDocument`` is made of it.
public struct APIOperation: Sendable {
  /// A parameter of the query.
  public struct Parameter: Sendable {
    /// What its text has to be, by JSON Schema's names.
    public enum Kind: String, Sendable {
      /// A whole number, 0 or more.
      case count = "integer"
      /// Any text.
      case text = "string"
    }
    /// Its name.
    public var name: String
    /// What its text has to be.
    public var kind: Kind
    /// What it is for, in a line.
    public var summary: String
  }

  /// A request's body. It may be larger than those of other operations.
  public struct Body: Sendable {
    /// What it is made of.
    public enum Content: Sendable {
      /// Lines of text.
      case text
      /// A JSON object of these fields.
      case object([Field])
    }
    /// A field of a JSON object.
    public struct Field: Sendable {
      /// Its name.
      public var name: String
      /// Its type, by JSON Schema's names.
      public var type: String
      /// It has to be there.
      public var isRequired: Bool
      /// What it is for, in a line.
      public var summary: String
    }
    /// What it says, in a line.
    public var summary: String
    /// What it is made of.
    public var content: Content
  }

  /// The HTTP method.
  public var method: HTTPMethod
  /// The path.
  public var path: String
  /// What it does, in a line.
  public var summary: String
  /// What the query may have, each once.
  public var parameters: [Parameter]
  /// The request's body; nil where there is none.
  public var body: Body?

  /// A listing or a report.
  public static func get(_ path: String, _ summary: String, _ parameters: [Parameter] = []) -> APIOperation {
    APIOperation(method: .GET, path: path, summary: summary, parameters: parameters)
  }

  /// A change.
  public static func post(
    _ path: String, _ summary: String, _ parameters: [Parameter] = [], body: Body? = nil
  ) -> APIOperation {
    APIOperation(method: .POST, path: path, summary: summary, parameters: parameters, body: body)
  }
}
