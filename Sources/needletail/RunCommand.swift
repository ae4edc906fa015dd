import ArgumentParser
import CDPDKShim
import Control
import DPDK
import Foundation
import Logging

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Forward, in the foreground, until SIGINT or SIGTERM.",
    usage: "needletail run [-c FILE] [--batch FILE] [--json] [-- EAL-ARGS...]")

  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Print the summary at the end as JSON.") var json = false
  @Argument(parsing: .postTerminator, help: "Words for DPDK's EAL, after those of the configuration.")
  var eal: [String] = []

  func run() throws {
    LoggingSystem.bootstrap(StreamLogHandler.standardError)
    let log = Logger(label: "needletail")
    let loaded = try source.load()
    let eal = try Forwarder.startEAL(loaded, file: source.file, arguments: eal)
    try forward(loaded, log: log)
    _ = consume eal
  }

  /// Everything that DPDK lent is given back when this returns.
  private func forward(_ loaded: Configuration, log: Logger) throws {
    let forwarder = try Forwarder(loaded, file: source.file, log: log)
    try ControlLoop.run(forwarder)
    print(try forwarder.summary(json: json))
    forwarder.close()
  }
}
