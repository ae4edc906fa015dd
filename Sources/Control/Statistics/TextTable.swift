/// Columns for a terminal: a header, cells padded to the widest, two spaces between.
public struct TextTable {
  /// A column's heading and side.
  public struct Column: Sendable {
    var name: String
    var isNumber: Bool

    /// A column of words, aligned to the left.
    public static func words(_ name: String) -> Column { Column(name: name, isNumber: false) }

    /// A column of numbers, aligned to the right.
    public static func number(_ name: String) -> Column { Column(name: name, isNumber: true) }
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  private var widths: [Int]
  private var hasHeader = false

  /// Makes a table without rows: its text is the header alone.
  public init(_ columns: [Column]) {
    self.columns = columns
    widths = columns.map(\.name.count)
  }

  /// Adds a row; it has a cell for each column.
  public mutating func append(_ cells: [String]) { rows.append(cells) }

  /// The table, a line each row, each ended by a newline.
  public var text: String {
    var table = self
    return table.takeText()
  }

  /// The rows since the last time, with the header before the first. Columns that turn out too narrow are wider from then on.
  public mutating func takeText() -> String {
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    var text = hasHeader ? "" : line(columns.map { $0.name.uppercased() })
    for row in rows { text += line(row) }
    rows.removeAll(keepingCapacity: true)
    hasHeader = true
    return text
  }

  private func line(_ cells: [String]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[index] - cell.count)
      if index > 0 { line += "  " }
      line += columns[index].isNumber ? padding + cell : cell + padding
    }
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }
}

/// Something that `show` and the run's summary print for people.
public protocol HumanReadable {
  /// The text, each line ended by a newline.
  var text: String { get }
}

/// A row of a listing: an object in JSON, a line of a table for people.
public protocol TableRow: Codable, Sendable {
  /// The table's columns.
  static var columns: [TextTable.Column] { get }
  /// The row's cells, one a column.
  var cells: [String] { get }
}

extension Array: HumanReadable where Element: TableRow {
  /// The rows as a table.
  public var text: String {
    var table = TextTable(Element.columns)
    for row in self { table.append(row.cells) }
    return table.text
  }
}
