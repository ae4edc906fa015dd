import ArgumentParser
import Control
import Foundation

/// Where the forwarder is asked and how its answer is printed.
struct APIOptions: ParsableArguments {
  /// Names the socket where `--socket` does not.
  static let socketVariable = "NEEDLETAIL_SOCKET"
  /// Names the server where neither `--server` nor `--socket` does.
  static let serverVariable = "NEEDLETAIL_SERVER"
  private static let defaultSocket = Configuration().api.socket
  /// Seconds that a change may take: a million routes take some.
  private static let patienceWithChanges = 300

  @Option(
    help: ArgumentHelp(
      "The API's socket (default: $\(socketVariable), else \(defaultSocket)).", valueName: "path"),
    completion: .file())
  var socket: String?
  @Option(
    help: ArgumentHelp(
      "The API by TCP, instead of its socket (default: $\(serverVariable)).", valueName: "https://host:port"))
  var server: String?
  @Option(help: ArgumentHelp("The token that the server asks for.", valueName: "path"), completion: .file())
  var tokenFile: String?
  @Option(
    help: ArgumentHelp("Authorities of the server's certificate (default: the system's).", valueName: "pem"),
    completion: .file())
  var ca: String?
  @Option(help: ArgumentHelp("This client's certificate.", valueName: "pem"), completion: .file()) var cert: String?
  @Option(help: ArgumentHelp("Its private key.", valueName: "pem"), completion: .file()) var key: String?
  @Flag(help: "Print the API's JSON.") var json = false

  func validate() throws {
    if socket != nil && server != nil { throw ValidationError("--socket and --server name two places: give one") }
    if (cert == nil) != (key == nil) { throw ValidationError("--cert and --key belong together: give both") }
  }

  /// A client of the server that is named.
  func client() throws(APIClientError) -> APIClient {
    let environment = ProcessInfo.processInfo.environment
    if let server = server ?? (socket == nil ? environment[Self.serverVariable] : nil) {
      var credentials = APIAddress.Credentials()
      (credentials.tokenFile, credentials.authorities) = (tokenFile, ca)
      (credentials.certificate, credentials.key) = (cert, key)
      return APIClient(try APIAddress(url: server, credentials))
    }
    return APIClient(socket: socket ?? environment[Self.socketVariable] ?? Self.defaultSocket)
  }

  /// Has something done that takes no body; prints the answer as JSON alone.
  func post(_ uri: String) throws {
    let answer = try change(uri, Data(), type: "text/plain")
    if json { Output.write(answer) }
  }

  /// Has lines of ip, which `file` names, applied; prints the report as JSON alone.
  ///
  /// - Parameter source: Who gives them besides the users.
  func apply(batch text: String, file: String, from source: SourceName? = nil) throws {
    let name = file.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let query = source.map { "&\($0.query)" } ?? ""
    let report = try change("/v1/batch?file=\(name)\(query)", Data(text.utf8), type: "text/plain")
    if json { Output.write(report) }
  }

  /// Has the running state made equal to a configuration; prints what was done, or what would be.
  func apply(_ request: ApplyRequest) throws {
    let data = try change("/v1/apply", try JSONEncoder().encode(request), type: "application/json")
    guard !json else { return Output.write(data) }
    let report = try decode(ChangeReport.self, from: data)
    guard !request.isDryRun else { return report.changes.forEach { Swift.print($0) } }
    Swift.print("applied: \(report.added) added, \(report.replaced) replaced, \(report.deleted) deleted")
  }

  private func change(_ uri: String, _ body: Data, type: String) throws(APIClientError) -> Data {
    var client = try client()
    client.timeout = Self.patienceWithChanges
    return try client.post(uri, body, type: type)
  }

  func decode<Answer: Decodable>(_ answer: Answer.Type, from data: Data) throws -> Answer {
    do {
      return try JSONDecoder().decode(answer, from: data)
    } catch {
      throw CLIError(
        "the needletail at \(try client().server) answers in another form: is it another version? (\(error))")
    }
  }
}
