import ArgumentParser
import Control
import Foundation

/// How `show` asks and prints.
struct ShowOptions: ParsableArguments {
  /// Rows that are asked for at once.
  private static let pageRows = 4096

  @OptionGroup var api: APIOptions
  @Flag(help: "Print to the terminal even what is longer than it.") var noPager = false

  /// Asks for a path and prints the answer, as JSON or as `Answer` writes it for people.
  func show<Answer: Decodable & HumanReadable>(_ uri: String, as answer: Answer.Type) throws {
    guard !api.json else { return try printJSON(uri) }
    try print(api.client().get(uri), as: answer)
  }

  /// Prints an answer.
  func print<Answer: Decodable & HumanReadable>(_ data: Data, as answer: Answer.Type) throws {
    guard !api.json else { return Output.write(data) }
    var output = Output(pages: !noPager)
    output.write(try api.decode(answer, from: data).text)
    output.finish()
  }

  /// Prints a listing page by page, so that its first rows are there at once and no more than a page is held.
  func show<Row: TableRow>(_ uri: String, rows: Row.Type) throws {
    guard !api.json else { return try printJSON(uri) }
    let client = try api.client()
    var (table, output) = (TextTable(Row.columns), Output(pages: !noPager))
    var after: String?
    repeat {
      let place = after.flatMap { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) }
      let query = "limit=\(Self.pageRows)" + (place.map { "&after=\($0)" } ?? "")
      let page = try api.decode(
        ListingPage<Row>.self, from: client.get("\(uri)\(uri.contains("?") ? "&" : "?")\(query)"))
      for row in page.items { table.append(row.cells) }
      output.write(table.takeText())
      after = page.next
    } while after != nil
    output.finish()
  }

  private func printJSON(_ uri: String) throws {
    try api.client().get(uri) { Output.write($0) }
  }
}
