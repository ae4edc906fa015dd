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
    usage: "needletail run [-c FILE] [--batch FILE] [--state FILE [--resume]] [--json] [-- EAL-ARGS...]")

  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Print the summary at the end as JSON.") var json = false
  @Option(help: "Keep the running state, with every change, in this file.") var state: String?
  @Flag(help: "Begin with what the state file holds, if there is one, instead of the configuration file.")
  var resume = false
  @Argument(parsing: .postTerminator, help: "Words for DPDK's EAL, after those of the configuration.")
  var eal: [String] = []

  func validate() throws {
    if resume && state == nil { throw ValidationError("--resume needs --state, the file to resume from") }
  }

  func run() throws {
    LoggingSystem.bootstrap(StreamLogHandler.standardError)
    let log = Logger(label: "needletail")
    let start = try StartingState(source, resuming: resume ? state : nil)
    if let state, start.isResumed { log.info("resuming from \(state)") }
    let eal = try Forwarder.startEAL(start.configuration, file: start.file, arguments: eal)
    try forward(start, log: log)
    _ = consume eal
  }

  /// Everything that DPDK lent is given back when this returns.
  private func forward(_ start: StartingState, log: Logger) throws {
    let forwarder = try Forwarder(start.configuration, file: start.file, log: log)
    try forwarder.live.restore(start.transactions)
    if let state { try forwarder.live.keep(in: state, base: start.base) }
    try ControlLoop.run(forwarder)
    print(try forwarder.summary(json: json))
    forwarder.close()
  }
}
