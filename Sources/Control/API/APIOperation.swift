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
      /// What its value is.
      var schema: JSONSchema
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

  /// An answer that is no error.
  struct Answer: Sendable {
    /// What its JSON is; of a stream, that of each line.
    var schema: JSONSchema
    /// It is JSON in lines, which come as things happen.
    var isStream = false
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
  let answer: Answer

  /// A report: the JSON of a type.
  static func get<Report: Decodable>(
    _ path: String, _ summary: String, _ parameters: [Parameter] = [], answer: Report.Type
  ) -> APIOperation {
    get(path, summary, parameters, answer: Answer(schema: .of(answer)))
  }

  /// A listing, whole or a page of it.
  static func get<Rows: Listing>(
    _ path: String, _ summary: String, _ parameters: [Parameter] = [], listing: Rows.Type
  ) -> APIOperation {
    let whole = JSONSchema.of([Rows.Row].self)
    return get(
      path, summary, Rows.parameters + parameters,
      answer: Answer(schema: .oneOf([whole, .of(ListingPage<Rows.Row>.self)])))
  }

  /// What is only read.
  static func get(
    _ path: String, _ summary: String, _ parameters: [Parameter] = [], answer: Answer
  ) -> APIOperation {
    APIOperation(method: .GET, path: path, summary: summary, parameters: parameters, answer: answer)
  }

  /// A change.
  static func post<Report: Decodable>(
    _ path: String, _ summary: String, _ parameters: [Parameter] = [], body: Body? = nil,
    answer: Report.Type = ChangeReport.self
  ) -> APIOperation {
    APIOperation(
      method: .POST, path: path, summary: summary, parameters: parameters, body: body,
      answer: Answer(schema: .of(answer)))
  }
}
