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
    if let state, start.resumed != nil { log.info("resuming from \(state)") }
    let eal = try Forwarder.startEAL(start.configuration, file: start.file, arguments: eal)
    try forward(start, log: log)
    _ = consume eal
  }

  /// What SIGHUP does.
  private func applyFile(to forwarder: Forwarder) throws(ChangeError) -> ChangeReport {
    let texts: [StateFile.Record]
    do {
      texts = try StartingState.texts(source)
    } catch {
      throw ChangeError(messages: ["\(error)"])
    }
    return try forwarder.live.apply(
      configuration: texts[0].text, file: source.file, batch: texts.dropFirst().first?.text, dryRun: false)
  }

  /// Everything that DPDK lent is given back when this returns.
  private func forward(_ start: StartingState, log: Logger) throws {
    let forwarder = try Forwarder(start.configuration, file: start.file, log: log)
    if let records = start.resumed { try forwarder.live.restore(records) }
    if let state { try forwarder.live.keep(in: state, base: start.resumed ?? StartingState.texts(source)) }
    try ControlLoop.run(forwarder, log: log) { () throws(ChangeError) in try applyFile(to: forwarder) }
    print(try forwarder.summary(json: json))
    forwarder.close()
  }
}
