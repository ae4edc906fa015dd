/// What JSON of one kind looks like, as OpenAPI 3.1 has it (JSON Schema, draft 2020-12).
indirect enum JSONSchema: Sendable {
  /// A field of an object.
  struct Property: Sendable {
    var name: String
    var schema: JSONSchema
    var isRequired: Bool
  }

  /// Anything at all.
  case any
  /// A string; one of these, if there are any.
  case string([String] = [])
  /// A whole number, from `minimum` on.
  case integer(minimum: Int? = nil)
  case number
  case boolean
  case array(JSONSchema)
  /// An object of these fields and no other.
  case object([Property])
  /// An object of fields by any name.
  case map(JSONSchema)
  case oneOf([JSONSchema])
  case described(JSONSchema, String)
}

extension JSONSchema: Encodable {
  private enum Keys: String, CodingKey {
    case type, description, minimum, items, properties, required, additionalProperties, oneOf
    case choices = "enum"
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Keys.self)
    switch self {
    case .any: break
    case .string(let choices):
      try object.encode("string", forKey: .type)
      if !choices.isEmpty { try object.encode(choices, forKey: .choices) }
    case .integer(let minimum):
      try object.encode("integer", forKey: .type)
      try object.encodeIfPresent(minimum, forKey: .minimum)
    case .number: try object.encode("number", forKey: .type)
    case .boolean: try object.encode("boolean", forKey: .type)
    case .array(let items):
      try object.encode("array", forKey: .type)
      try object.encode(items, forKey: .items)
    case .object(let properties):
      try object.encode("object", forKey: .type)
      let schemas = properties.map { ($0.name, $0.schema) }
      try object.encode(Dictionary(uniqueKeysWithValues: schemas), forKey: .properties)
      try object.encode(properties.filter(\.isRequired).map(\.name), forKey: .required)
      try object.encode(false, forKey: .additionalProperties)
    case .map(let values):
      try object.encode("object", forKey: .type)
      try object.encode(values, forKey: .additionalProperties)
    case .oneOf(let schemas): try object.encode(schemas, forKey: .oneOf)
    case .described(let schema, let text):
      try schema.encode(to: encoder)
      try object.encode(text, forKey: .description)
    }
  }
}
