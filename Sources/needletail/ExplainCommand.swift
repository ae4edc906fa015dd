import ArgumentParser
import Control
import DPDK
import Foundation

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Run packets from capture files through the worker's code, offline, and say what becomes of each.",
    discussion: """
      Every port is replaced by one of memory: no NIC, no huge pages and no root are needed. A port without a \
      configured mac takes frames for any unicast address.
      """)

  /// `PORT=FILE`.
  struct Input: ExpressibleByArgument {
    var port: String
    var file: String

    init?(argument: String) {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { return nil }
      (port, file) = (parts[0], parts[1])
    }
  }

  @OptionGroup var source: ConfigurationOption
  @Option(
    name: .customLong("rx"),
    help: ArgumentHelp("Packets that a port receives; may be given for several.", valueName: "port=file.pcap"))
  var inputs: [Input]
  @Flag(help: "Print one JSON object a packet.") var json = false

  func run() throws {
    let loaded = try source.load()
    let eal: EAL
    do throws(DPDKError) {
      eal = try Explainer.startEAL()
    } catch {
      throw CLIError("\(error)")
    }
    try explain(loaded)
    _ = consume eal
  }

  private func explain(_ loaded: Configuration) throws {
    let explainer = try Explainer(loaded, file: source.file)
    for input in inputs where !explainer.canReceive(input.port) {
      let names = loaded.ports.map(\.name).joined(separator: ", ")
      throw CLIError(
        "--rx \(input.port)=\(input.file): no port of \(source.file) receives as '\(input.port)' (\(names))")
    }
    for input in inputs {
      var reader = try PcapReader(file: input.file)
      while let packet = try reader.next() {
        let explanation = try explainer.explain(packet.bytes, port: input.port)
        print(json ? try explanation.jsonText() : explanation.text)
      }
    }
  }
}
