// Schemas of types, found out by having the types decode themselves from nothing and looking at what they ask for.

extension JSONSchema {
  /// What a value of a type is as JSON.
  static func of<Value: Decodable>(_ type: Value.Type) -> JSONSchema { (try? read(type))?.schema ?? .any }

  /// Some value of a type, and its schema.
  fileprivate static func read<Value: Decodable>(_ type: Value.Type) throws -> (value: Value, schema: JSONSchema) {
    if let known = try known(type), let value = known.value as? Value { return (value, known.schema) }
    let fields = SchemaFields()
    let value = try Value(from: SchemaReader(fields: fields))
    return (value, .object(fields.properties))
  }

  private static func known(_ type: any Any.Type) throws -> (value: Any, schema: JSONSchema)? {
    switch type {
    case is String.Type: ("", .string())
    case is Bool.Type: (false, .boolean)
    case is Double.Type: (0.0, .number)
    case let type as any FixedWidthInteger.Type: (zero(type), .integer(minimum: type.isSigned ? nil : 0))
    case let type as any SchemaSource.Type: try type.sample()
    default: nil
    }
  }

  private static func zero<Number: FixedWidthInteger>(_: Number.Type) -> Any { Number.zero }
}

/// A type that knows its schema.
protocol SchemaSource {
  static func sample() throws -> (value: Any, schema: JSONSchema)
}

extension SchemaSource where Self: CaseIterable & RawRepresentable<String> {
  static func sample() throws -> (value: Any, schema: JSONSchema) {
    (allCases[allCases.startIndex], .string(allCases.map(\.rawValue)))
  }
}

extension Array: SchemaSource where Element: Decodable {
  static func sample() throws -> (value: Any, schema: JSONSchema) {
    ([Element](), .array(try JSONSchema.read(Element.self).schema))
  }
}

extension Dictionary: SchemaSource where Key == String, Value: Decodable {
  static func sample() throws -> (value: Any, schema: JSONSchema) {
    ([String: Value](), .map(try JSONSchema.read(Value.self).schema))
  }
}

extension EventKind: SchemaSource {}
extension EventChange: SchemaSource {}
extension StreamMark: SchemaSource {}
extension LostEvent.Name: SchemaSource {}
extension PortRow.Link: SchemaSource {}

/// The fields that a type has asked for.
private final class SchemaFields {
  var properties: [JSONSchema.Property] = []
  /// Those that it can do without.
  var optional: Set<String> = []
}

private struct SchemaReader: Decoder {
  let fields: SchemaFields
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  private struct Unknown: Error {}

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(SchemaContainer<Key>(fields: fields))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unknown() }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unknown() }
}

private struct SchemaContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let fields: SchemaFields
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  private struct Unknown: Error {}

  /// Only what may be absent is asked about.
  func contains(_ key: Key) -> Bool {
    fields.optional.insert(key.stringValue)
    return true
  }

  func decodeNil(forKey key: Key) throws -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let (value, schema) = try JSONSchema.read(type)
    let name = key.stringValue
    fields.properties.append(.init(name: name, schema: schema, isRequired: !fields.optional.contains(name)))
    return value
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { throw Unknown() }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Unknown() }

  func superDecoder() throws -> any Decoder { throw Unknown() }

  func superDecoder(forKey key: Key) throws -> any Decoder { throw Unknown() }
}
