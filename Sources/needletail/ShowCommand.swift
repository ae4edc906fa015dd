import ArgumentParser
import Control
import Foundation

/// `needletail show ...`: the running forwarder's state, by its API.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the state and counters of the forwarder that is running.",
    subcommands: [
      ShowPorts.self, ShowLcores.self, ShowVRFs.self, ShowSIDs.self, ShowRoutes.self, ShowNeighbors.self,
      ShowSources.self, ShowDrops.self, ShowMemory.self, ShowBehaviors.self, ShowVersion.self, ShowAll.self,
    ])
}

struct ShowPorts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ports", abstract: "Interfaces: link, settings, frames received and transmitted.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/ports", as: PortListing.self) }
}

struct ShowLcores: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lcores", abstract: "Workers: their receive queues, polls and cycles per packet.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/lcores", as: [LcoreRow].self) }
}

struct ShowVRFs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vrfs", abstract: "The main table and the VRFs: packets received, routes, SIDs, ports.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/vrfs", as: [VRFRow].self) }
}

struct ShowSIDs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sids", abstract: "Local SIDs: behaviour, parameters, packets and bytes.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/sids", rows: SIDRow.self) }
}

struct ShowRoutes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "routes", abstract: "Routes of every table, or of one VRF's.")
  @OptionGroup var options: ShowOptions
  @Option(help: "Only this VRF's routes; main is the main table.") var vrf: String?

  func run() throws {
    let query = vrf.map { "?vrf=\($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
    try options.show("/v1/routes" + (query ?? ""), rows: ListedRoute.self)
  }
}

struct ShowNeighbors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbors", abstract: "Neighbours and their Ethernet addresses.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/neighbors", rows: NeighborRow.self) }
}

struct ShowDrops: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drops", abstract: "Where every received packet went: transmitted, punted, or dropped and why.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/drops", as: DropReport.self) }
}

struct ShowMemory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory", abstract: "Memory of the tables and of the pools of packet buffers.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/memory", as: MemoryReport.self) }
}

struct ShowBehaviors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "behaviors",
    abstract: "What each behaviour takes and does, as the README's table; no forwarder need run.")
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = json ? try encoder.encode(BehaviorListing.all) + Data("\n".utf8) : Data(BehaviorListing.markdown.utf8)
    Output.write(text)
  }
}

struct ShowVersion: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Versions of the forwarder that is running; without one, this command's own.")
  @OptionGroup var options: ShowOptions

  func run() throws {
    let data: Data
    do throws(APIClientError) {
      data = try options.api.client().get("/v1/version")
    } catch .notRunning {
      data = try JSONEncoder().encode(VersionReport.current) + Data("\n".utf8)
    }
    try options.print(data, as: VersionReport.self)
  }
}

struct ShowAll: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every counter at once: totals, drops, ports, lcores, VRFs, SIDs.")
  @OptionGroup var options: ShowOptions
  func run() throws { try options.show("/v1/all", as: Summary.self) }
}
