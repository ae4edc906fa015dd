import NIOCore

/// A JSON object that is written field by field: what is made by the hundred thousand has no time for `JSONEncoder`.
struct JSONObject {
  private(set) var bytes: ByteBuffer

  /// An object without fields yet.
  init() { bytes = ByteBuffer(string: "{") }

  /// The object of an event, as a line.
  static func line(_ event: some Event) -> ByteBuffer {
    var object = JSONObject()
    event.write(to: &object)
    object.bytes.writeString("}\n")
    return object.bytes
  }

  mutating func add(_ name: StaticString, _ text: String) {
    begin(name)
    bytes.writeString(JSONText.string(text))
  }

  mutating func add(_ name: StaticString, _ number: some BinaryInteger) {
    begin(name)
    bytes.writeString("\(number)")
  }

  /// Names need no escapes.
  private mutating func begin(_ name: StaticString) {
    bytes.writeString(bytes.readableBytes == 1 ? "\"" : ",\"")
    bytes.writeStaticString(name)
    bytes.writeString("\":")
  }
}
