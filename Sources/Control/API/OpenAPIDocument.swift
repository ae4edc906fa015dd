/// A description of the API in the words of OpenAPI 3.1, made of the router's own operations.
struct OpenAPIDocument: Encodable {
  struct Info: Encodable {
    let title = "Needletail"
    let summary = "State, counters and changes of a forwarder that is running"
    let version = Version.text
  }

  struct Schema: Encodable {
    var type: String?
    var minimum: Int?
    var description: String?
    var properties: [String: Schema]?
    var required: [String]?
    var additionalProperties: Bool?
  }

  struct Parameter: Encodable {
    let `in` = "query"
    var name: String
    var description: String
    var schema: Schema
  }

  struct Media: Encodable {
    var schema: Schema
  }

  struct RequestBody: Encodable {
    let required = true
    var description: String
    var content: [String: Media]
  }

  struct Response: Encodable {
    var description: String
    let content = ["application/json": Media(schema: Schema())]
  }

  struct Operation: Encodable {
    var summary: String
    var parameters: [Parameter]
    var requestBody: RequestBody?
    var responses: [String: Response]
  }

  let openapi = "3.1.0"
  let info = Info()
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
      let schema = OpenAPIDocument.Schema(
        type: parameter.kind.rawValue, minimum: parameter.kind == .count ? 0 : nil)
      return OpenAPIDocument.Parameter(name: parameter.name, description: parameter.summary, schema: schema)
    }
    requestBody = operation.body.map { OpenAPIDocument.RequestBody($0) }
    responses = [
      "200": OpenAPIDocument.Response(description: operation.summary),
      "4XX": OpenAPIDocument.Response(
        description: "The request is refused; `error` says why and what to write instead"),
    ]
    if operation.method == .POST {
      responses["422"] = OpenAPIDocument.Response(description: "Nothing was changed; `errors` has every reason")
    }
    if operation.body != nil {
      responses["503"] = OpenAPIDocument.Response(description: "As many large bodies arrive as may at once")
    }
  }
}

extension OpenAPIDocument.RequestBody {
  init(_ body: APIOperation.Body) {
    description = body.summary
    switch body.content {
    case .text: content = ["text/plain": .init(schema: .init(type: "string"))]
    case .object(let fields):
      let properties = fields.map { ($0.name, OpenAPIDocument.Schema(type: $0.type, description: $0.summary)) }
      let schema = OpenAPIDocument.Schema(
        type: "object", properties: Dictionary(uniqueKeysWithValues: properties),
        required: fields.filter(\.isRequired).map(\.name), additionalProperties: false)
      content = ["application/json": .init(schema: schema)]
    }
  }
}
