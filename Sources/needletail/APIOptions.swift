import ArgumentParser
import Control
import Foundation

/// Where the forwarder is asked and how its answer is printed.
struct APIOptions: ParsableArguments {
  /// Names the socket where `--socket` does not.
  static let socketVariable = "NEEDLETAIL_SOCKET"
  private static let defaultSocket = Configuration().api.socket
  /// Seconds that a change may take: a million routes take some.
  private static let patienceWithChanges = 300

  @Option(
    help: ArgumentHelp(
      "The API's socket (default: $\(socketVariable), else \(defaultSocket)).", valueName: "path"),
    completion: .file())
  var socket: String?
  @Flag(help: "Print the API's JSON.") var json = false

  var client: APIClient {
    let variable = ProcessInfo.processInfo.environment[Self.socketVariable]
    return APIClient(socket: socket ?? variable ?? Self.defaultSocket)
  }

  /// Asks for a path and prints the answer, as JSON or as `Answer` writes it for people.
  func show<Answer: Decodable & HumanReadable>(_ uri: String, as answer: Answer.Type) throws {
    try print(client.get(uri), as: answer)
  }

  func print<Answer: Decodable & HumanReadable>(_ data: Data, as answer: Answer.Type) throws {
    guard !json else { return FileHandle.standardOutput.write(data) }
    FileHandle.standardOutput.write(Data(try decode(answer, from: data).text.utf8))
  }

  /// Has something done that takes no body; prints the answer as JSON alone.
  func post(_ uri: String) throws {
    let answer = try change(uri, Data(), type: "text/plain")
    if json { FileHandle.standardOutput.write(answer) }
  }

  /// Has lines of ip, which `file` names, applied; prints the report as JSON alone.
  ///
  /// - Parameter source: Who gives them besides the users.
  func apply(batch text: String, file: String, from source: SourceName? = nil) throws {
    let name = file.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let query = source.map { "&\($0.query)" } ?? ""
    let report = try change("/v1/batch?file=\(name)\(query)", Data(text.utf8), type: "text/plain")
    if json { FileHandle.standardOutput.write(report) }
  }

  /// Has the running state made equal to a configuration; prints what was done, or what would be.
  func apply(_ request: ApplyRequest) throws {
    let data = try change("/v1/apply", try JSONEncoder().encode(request), type: "application/json")
    guard !json else { return FileHandle.standardOutput.write(data) }
    let report = try decode(ChangeReport.self, from: data)
    guard !request.isDryRun else { return report.changes.forEach { Swift.print($0) } }
    Swift.print("applied: \(report.added) added, \(report.replaced) replaced, \(report.deleted) deleted")
  }

  private func change(_ uri: String, _ body: Data, type: String) throws(APIClientError) -> Data {
    var client = client
    client.timeout = Self.patienceWithChanges
    return try client.post(uri, body, type: type)
  }

  private func decode<Answer: Decodable>(_ answer: Answer.Type, from data: Data) throws(CLIError) -> Answer {
    do {
      return try JSONDecoder().decode(answer, from: data)
    } catch {
      throw CLIError("the needletail at \(client.socket) answers in another form: is it another version? (\(error))")
    }
  }
}
