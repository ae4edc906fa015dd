import Control
import Foundation

/// What the forwarder begins with: the configuration file, or what a state file holds.
struct StartingState {
  let configuration: Configuration
  /// The file that messages name.
  let file: String
  /// What a state file held; nil where the configuration file was read.
  let resumed: [StateFile.Record]?

  /// Reads the configuration, or the state file at `path` if there is one.
  init(_ source: ConfigurationOption, resuming path: String?) throws {
    if let path, let records = try StateFile.read(path), let text = records.first(where: { $0.kind == .configuration })
    {
      let lines = records.first { $0.kind == .configurationLines }
      configuration = try ConfigurationLoader.load(text: text.text, file: path, batch: lines?.text)
      file = path
      resumed = records
      return
    }
    configuration = try source.load()
    file = source.file
    resumed = nil
  }

  /// The texts of the configuration file and its batch.
  static func texts(_ source: ConfigurationOption) throws -> [StateFile.Record] {
    StateFile.records(
      configuration: try String(contentsOfFile: source.file, encoding: .utf8),
      lines: try source.batch.map { try String(contentsOfFile: $0, encoding: .utf8) })
  }
}
