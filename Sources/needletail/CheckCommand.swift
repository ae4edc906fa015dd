import ArgumentParser
import Control

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validate a configuration: every error at once, each with its place.")

  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Print the result as JSON.") var json = false

  private struct Report: Encodable {
    struct Fault: Encodable {
      var file: String
      var line: Int?
      var column: Int?
      var path: String
      var message: String
    }
    var valid: Bool
    var errors: [Fault]
  }

  func run() throws {
    let result: Result<Configuration, ConfigurationError>
    do throws(ConfigurationError) {
      result = .success(try source.load())
    } catch {
      result = .failure(error)
    }
    guard json else { return report(try result.get()) }
    let faults = result.faults.map {
      Report.Fault(file: $0.file, line: $0.mark?.line, column: $0.mark?.column, path: $0.path, message: $0.message)
    }
    print(try Report(valid: faults.isEmpty, errors: faults).jsonText())
    if !faults.isEmpty { throw ExitCode.failure }
  }

  private func report(_ valid: Configuration) {
    print(
      "\(source.file): valid: \(valid.ports.count) ports, \(valid.vrfs.count) VRFs, \(valid.sids.count) SIDs,"
        + " \(valid.routes.count) routes, \(valid.neighbors.count) neighbors")
  }
}

extension Result where Failure == ConfigurationError {
  fileprivate var faults: [Diagnostic] {
    if case .failure(let error) = self { error.diagnostics } else { [] }
  }
}
