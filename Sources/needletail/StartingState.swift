import Control
import Foundation

/// What the forwarder begins with: the configuration file, or what a state file holds.
struct StartingState {
  let configuration: Configuration
  /// The file that messages name.
  let file: String
  /// The configuration's texts, for the state file.
  let base: [StateFile.Record]
  /// What was done since.
  var transactions: [StateFile.Record] = []
  var isResumed = false

  /// Reads the configuration, or the state file at `path` if there is one.
  init(_ source: ConfigurationOption, resuming path: String?) throws {
    if let path, let records = try StateFile.read(path), let text = records.first(where: { $0.kind == .configuration }) {
      let lines = records.first { $0.kind == .configurationLines }
      configuration = try ConfigurationLoader.load(text: text.text, file: path, batch: lines?.text)
      file = path
      base = StateFile.records(configuration: text.text, lines: lines?.text)
      transactions = records.filter { $0.kind == .batch || $0.kind == .entries }
      isResumed = true
      return
    }
    configuration = try source.load()
    file = source.file
    base = StateFile.records(
      configuration: try String(contentsOfFile: source.file, encoding: .utf8),
      lines: try source.batch.map { try String(contentsOfFile: $0, encoding: .utf8) })
  }
}
