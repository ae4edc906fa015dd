import Foundation
import NIOCore

/// JSON that is made a piece at a time, so that a listing of a million rows keeps the control thread from its other work
/// for no longer than one piece takes.
public struct JSONPieces {
  /// Rows that one piece holds: a few milliseconds' work.
  static let rowsPerPiece = 256

  private enum Part {
    case text(String)
    case rows(count: Int, encode: (Range<Int>) throws -> Data)
    /// Rows without the array's brackets, at most as many as asked for; nil when there are no more.
    case generated((Int) throws -> Data?)
    case late(() -> String)
  }

  private var parts: [Part] = []
  private var partIndex = 0
  private var rowIndex = 0
  /// Rows have been written in this array.
  private var hasRows = false

  /// Makes empty text.
  public init() {}

  /// An array of rows alone; see ``append(count:row:)``.
  public init(count: Int, row: @escaping (Int) -> some Encodable) { append(count: count, row: row) }

  /// Adds JSON as it stands.
  public mutating func append(text: String) { parts.append(.text(text)) }

  /// Adds an array of rows, each made when its piece is.
  ///
  /// - Parameter row: Makes the row of an index in 0 ..< `count`, on the event loop.
  public mutating func append(count: Int, row: @escaping (Int) -> some Encodable) {
    parts.append(
      .rows(count: count) { range in
        // Without the array's brackets: they go around all the pieces.
        try JSONText.encode(range.map { row($0) }).dropFirst().dropLast()
      })
  }

  /// Adds an array of rows that are made until there are no more.
  ///
  /// - Parameter next: Makes at most so many rows, which may be none as yet, on the event loop; nil when that was all.
  mutating func append(until next: @escaping (Int) -> [some Encodable]?) {
    parts.append(.generated { count in try next(count).map { try JSONText.encode($0).dropFirst().dropLast() } })
  }

  /// Adds JSON that is known when all before it has been made.
  mutating func append(late text: @escaping () -> String) { parts.append(.late(text)) }

  /// Whether everything has been made.
  public var isFinished: Bool { partIndex == parts.count }

  /// Makes the next piece: text as far as it goes and at most ``rowsPerPiece`` rows.
  ///
  /// - Throws: What the rows' encoding throws.
  public mutating func next() throws -> ByteBuffer {
    var piece = ByteBuffer()
    var room = Self.rowsPerPiece
    while partIndex < parts.count {
      switch parts[partIndex] {
      case .text(let text): piece.writeString(text)
      case .late(let text): piece.writeString(text())
      case .generated(let make):
        if rowIndex == 0 { piece.writeString("[") }
        rowIndex += 1
        if let rows = try make(room) {
          if hasRows && !rows.isEmpty { piece.writeString(",") }
          piece.writeBytes(rows)
          hasRows = hasRows || !rows.isEmpty
          return piece
        }
        piece.writeString("]")
        (rowIndex, hasRows) = (0, false)
      case .rows(let count, let encode):
        let end = min(count, rowIndex + room)
        if rowIndex == 0 { piece.writeString("[") } else if rowIndex < end { piece.writeString(",") }
        if rowIndex < end { piece.writeBytes(try encode(rowIndex..<end)) }
        room -= end - rowIndex
        rowIndex = end
        guard rowIndex == count else { return piece }
        piece.writeString("]")
        rowIndex = 0
      }
      partIndex += 1
    }
    piece.writeString("\n")
    return piece
  }
}

/// JSON as the API writes it.
enum JSONText {
  /// Keys are sorted, so that equal values are equal text.
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// A string with its quotation marks.
  static func string(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    if isPlain { return "\"\(text)\"" }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{0}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
