import ArgumentParser
import Control
import Foundation
import Synchronization

extension EventKind: ExpressibleByArgument {}

struct MonitorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor", abstract: "Print what changes in the forwarder that is running, as it happens.",
    discussion: """
      Ends with status 0 at SIGINT and SIGTERM, and with 1 when the forwarder stops. [LOST] says that the forwarder had more to \
      tell than was read: the state is to be read again.
      """)

  /// Seconds without a line after which the forwarder is taken for dead: it has something to say every 15.
  private static let patience = 45

  @OptionGroup var options: APIOptions
  @Argument(help: "What to print: \(EventKind.allCases.map(\.rawValue).joined(separator: ", ")); all by default.")
  var types: [EventKind] = []

  func run() throws {
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { Foundation.exit(0) }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    var client = try options.client()
    client.timeout = Self.patience
    let query = types.isEmpty ? "" : "?types=\(types.map(\.rawValue).joined(separator: ","))"
    let printer = EventPrinter(json: options.json)
    try client.get("/v1/events\(query)") { printer.take($0) }
    throw CLIError("the needletail at \(client.server) has stopped")
  }
}

/// Prints events from parts of a stream, which may end in the middle of a line.
private final class EventPrinter: Sendable {
  private let json: Bool
  private let rest = Mutex(Data())

  init(json: Bool) { self.json = json }

  func take(_ part: Data) {
    guard !json else { return Output.write(part) }
    rest.withLock { rest in
      rest += part
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return }
      let lines = rest[...end].split(separator: UInt8(ascii: "\n"))
      let text = lines.map { Self.text(of: Data($0)) }.joined()
      rest = Data(rest[(end + 1)...])
      Output.write(Data(text.utf8))
    }
  }

  /// A line of another version's is printed as it is.
  private static func text(of line: Data) -> String {
    guard let event = try? ReceivedEvent(json: line) else { return String(decoding: line, as: UTF8.self) + "\n" }
    return event.text.map { $0 + "\n" } ?? ""
  }
}
