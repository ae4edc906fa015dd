import ArgumentParser
import Control
import DPDK
import Foundation

@main
struct Needletail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "needletail",
    abstract: "A multi-tenant SRv6 forwarder on DPDK.",
    version: Version.text,
    subcommands: [
      RunCommand.self, CheckCommand.self, ExplainCommand.self, ShowCommand.self, RouteCommand.self, SIDCommand.self,
      NeighborCommand.self, AddressCommand.self, BatchCommand.self, ApplyCommand.self, SourceCommand.self,
      MonitorCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      if exitCode(for: error).isSuccess { exit(withError: error) }
      report(error)
    }
  }

  /// Prints an error as `needletail: error: ...` on stderr, a line each, and ends the process.
  private static func report(_ error: any Error) -> Never {
    var status: Int32 = 1
    let lines: [String]
    switch error {
    case let error as ConfigurationError: lines = error.diagnostics.map(\.description)
    case let error as CLIError: lines = [error.description]
    case let error as StartError: lines = [error.description]
    case let error as PcapError: lines = [error.description]
    case let error as APIServerError: lines = [error.description]
    case let error as APIClientError: lines = error.description.split(separator: "\n").map(String.init)
    case let error as DPDKError: lines = [error.description]
    case let error as StateFile.Failure: lines = [error.description]
    case let error as ChangeError: lines = error.messages
    case is ExitCode:
      lines = []
      status = exitCode(for: error).rawValue
    default:
      // A command line that cannot be parsed, or a fault that a library reports.
      lines = [message(for: error)]
      status = exitCode(for: error).rawValue
    }
    for line in lines { FileHandle.standardError.write(Data("needletail: error: \(line)\n".utf8)) }
    Foundation.exit(status)
  }
}

/// `-c FILE` and `--batch FILE`.
struct ConfigurationOption: ParsableArguments {
  @Option(name: [.customShort("c"), .customLong("config")], help: "The configuration file.", completion: .file())
  var file = "/etc/needletail/config.yaml"
  @Option(
    help: ArgumentHelp(
      "Lines as ip -batch takes them (route, -6 route, neighbor, sr tunsrc set, sid), applied after the configuration.",
      valueName: "file"), completion: .file())
  var batch: String?

  func load() throws(ConfigurationError) -> Configuration {
    try ConfigurationLoader.load(file: file, batch: batch)
  }
}
