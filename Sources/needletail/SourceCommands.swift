import ArgumentParser
import Control

struct SourceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "source",
    abstract: "Say that a source of routes begins, sweeps or is lost: the kernel, or a protocol such as frr.",
    discussion: "What it gives comes by `batch --source`. `show sources` lists them.",
    subcommands: [SourceBegin.self, SourceSweep.self, SourceLost.self])
}

/// Which source besides the users, by its name alone.
struct SourceArgument: ParsableArguments {
  @Argument(help: "A protocol's name such as bgp or frr, or kernel.") var name: String

  /// As a query has it.
  func query() throws(ChangeError) -> String {
    (name == SourceName.kernel.name ? .kernel : try SourceName.protocol(name)).query
  }
}

extension SourceName {
  /// As a query has it; names have no characters that mean something there.
  var query: String { "source=\(source.name)" + (protocolName.map { "&name=\($0)" } ?? "") }
}

struct SourceBegin: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "begin", abstract: "Begin an epoch: what it gave before is stale until it is given again or swept.")
  @OptionGroup var source: SourceArgument
  @Option(help: "Seconds for which its entries stay when it is lost (default: 120).") var hold: Int?
  @Option(help: "Preference of its entries, lower wins (default: 20, the kernel's 15).") var preference: Int?
  @OptionGroup var options: APIOptions

  func run() throws {
    let settings = [("hold", hold), ("preference", preference)].compactMap { name, value in
      value.map { "&\(name)=\($0)" }
    }
    try options.post("/v1/sources/begin?\(source.query())\(settings.joined())")
  }
}

struct SourceSweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Remove what it has not given again; of one that is lost, everything.")
  @OptionGroup var source: SourceArgument
  @OptionGroup var options: APIOptions
  func run() throws { try options.post("/v1/sources/sweep?\(source.query())") }
}

struct SourceLost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lost", abstract: "It is gone: what it gave stays for its hold time, unless it begins anew.")
  @OptionGroup var source: SourceArgument
  @OptionGroup var options: APIOptions
  func run() throws { try options.post("/v1/sources/lost?\(source.query())") }
}

struct ShowSources: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sources", abstract: "Who gives routes, SIDs and neighbours, and what of it is stale or parked.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/sources", as: [SourceRow].self) }
}
