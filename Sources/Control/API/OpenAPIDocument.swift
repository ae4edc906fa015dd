/// A description of the API in the words of OpenAPI 3.1, made of the router's own operations.
struct OpenAPIDocument: Encodable {
  struct Info: Encodable {
    let title = "Needletail"
    let summary = "State, counters, changes and events of a forwarder that is running"
    let version = Version.text
  }

  struct Parameter: Encodable {
    let `in` = "query"
    var name: String
    var description: String
    var schema: JSONSchema
  }

  struct Media: Encodable {
    var schema: JSONSchema
  }

  struct RequestBody: Encodable {
    let required = true
    var description: String
    var content: [String: Media]
  }

  struct Response: Encodable {
    var description: String
    var content: [String: Media]

    /// An answer other than 200.
    static func problem(_ description: String) -> Response {
      Response(description: description, content: ["application/json": Media(schema: .of(APIProblem.Body.self))])
    }
  }

  struct Operation: Encodable {
    var summary: String
    var parameters: [Parameter]
    var requestBody: RequestBody?
    var responses: [String: Response]
  }

  struct Components: Encodable {
    struct SecurityScheme: Encodable {
      let type = "http"
      let scheme = "bearer"
      let description = "The token of api.token-file: by TCP, where that is set. The Unix socket asks for none"
    }
    let securitySchemes = ["token": SecurityScheme()]
  }

  let openapi = "3.1.0"
  let info = Info()
  let components = Components()
  let security: [[String: [String]]] = [[:], ["token": []]]
  /// By path, then by method.
  let paths: [String: [String: Operation]]

  /// Describes these operations.
  init(_ operations: [APIOperation]) {
    var paths: [String: [String: Operation]] = [:]
    for operation in operations {
      paths[operation.path, default: [:]][operation.method.rawValue.lowercased()] = Operation(operation)
    }
    self.paths = paths
  }
}

extension OpenAPIDocument.Operation {
  init(_ operation: APIOperation) {
    summary = operation.summary
    parameters = operation.parameters.map { parameter in
      OpenAPIDocument.Parameter(
        name: parameter.name, description: parameter.summary,
        schema: parameter.kind == .count ? .integer(minimum: 0) : .string())
    }
    requestBody = operation.body.map { OpenAPIDocument.RequestBody($0) }
    let answer = operation.answer
    responses = [
      "200": .init(
        description: operation.summary,
        content: [answer.isStream ? "application/x-ndjson" : "application/json": .init(schema: answer.schema)]),
      "401": .problem("By TCP: the token is missing or wrong"),
      "4XX": .problem("The request is refused; `error` says why and what to write instead"),
      "503": .problem("As many clients are served as may be at once"),
    ]
    if operation.method == .POST {
      responses["422"] = .problem("Nothing was changed; `errors` has every reason")
    }
  }
}

extension OpenAPIDocument.RequestBody {
  init(_ body: APIOperation.Body) {
    description = body.summary
    switch body.content {
    case .text: content = ["text/plain": .init(schema: .string())]
    case .object(let fields):
      let properties = fields.map { field in
        JSONSchema.Property(
          name: field.name, schema: .described(field.schema, field.summary), isRequired: field.isRequired)
      }
      content = ["application/json": .init(schema: .object(properties))]
    }
  }
}
