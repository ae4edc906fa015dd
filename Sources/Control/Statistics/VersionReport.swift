import DPDK
import Foundation

/// What runs, as `show version` and `/v1/version` have it.
public struct VersionReport: HumanReadable, Codable, Sendable {
  /// Needletail's version.
  public var needletail: String
  /// DPDK's version, such as `22.11.11`.
  public var dpdk: String
  /// The processor's model; absent where the kernel does not name it.
  public var cpu: String?

  /// This process's own.
  public static var current: VersionReport {
    VersionReport(
      needletail: Version.text, dpdk: EAL.version.split(separator: " ").last.map(String.init) ?? "",
      cpu: processorModel(in: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""))
  }

  /// The first `model name` of a `/proc/cpuinfo`.
  static func processorModel(in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }

  /// A line each.
  public var text: String {
    "needletail \(needletail)\nDPDK       \(dpdk)\n" + (cpu.map { "CPU        \($0)\n" } ?? "")
  }
}
