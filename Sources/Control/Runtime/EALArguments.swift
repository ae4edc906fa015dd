import DPDK
import Foundation

/// The words that EAL is started with: the configuration's and the command line's, then what they leave open.
struct EALArguments {
  private(set) var words: [String]
  /// The user's own words say which lcore is which CPU.
  let mapsLcores: Bool
  private let configuration: Configuration

  init(_ configuration: Configuration, extra: [String]) {
    self.configuration = configuration
    words = configuration.dpdk.eal + extra
    mapsLcores = EALArguments.has(["-l", "-c", "--lcores", "-s", "-S"], in: words)
    if !mapsLcores {
      words += ["-l", lcores.map(String.init).joined(separator: ","), "--main-lcore", "\(configuration.lcores.main)"]
    }
    if !has("--file-prefix"), !has("--in-memory") { words += ["--file-prefix", "needletail"] }
    if !has("--no-pci"), !has("-a", "--allow", "-b", "--block") {
      let devices = configuration.pciDevices
      words += devices.isEmpty ? ["--no-pci"] : devices.flatMap { ["-a", $0] }
    }
    if !usesHugepages, !has("-m", "--socket-mem") { words += ["-m", "\(megabytes)"] }
  }

  /// The lcores of the configuration, main first.
  var lcores: [Int] {
    switch configuration.lcores.workers {
    case .spread(let workers): [configuration.lcores.main] + workers
    case .pinned(let workers): [configuration.lcores.main] + workers.map(\.lcore)
    }
  }

  var usesHugepages: Bool { !has("--no-huge") }

  /// EAL keeps its huge pages as files unless it is told not to.
  var needsHugetlbfs: Bool { usesHugepages && !has("--in-memory") }

  /// Mebibytes of memory that the packet buffers of one pool and the devices' rings want, with room to spare.
  var megabytes: Int {
    // The pool spreads buffers over memory channels, which costs up to a cache line each.
    configuration.dpdk.mbufs * (Mempool.bytesPerBuffer + 64) / (1 << 20) + 64
  }

  private func has(_ options: String...) -> Bool { EALArguments.has(options, in: words) }

  private static func has(_ options: [String], in words: [String]) -> Bool {
    words.contains { word in
      options.contains { option in
        // Short options may have their value attached (-l0-1), long ones after an equals sign.
        word == option || word.hasPrefix(option + "=")
          || (option.count == 2 && word.hasPrefix(option) && !word.hasPrefix("--"))
      }
    }
  }
}

extension Configuration {
  /// The devices that are PCI addresses.
  var pciDevices: [String] {
    ports.compactMap { port in
      guard case .device(let device) = port.link, device.isPCIAddress else { return nil }
      return device
    }
  }
}

extension String {
  /// `0000:3b:00.0` or `3b:00.0`, with or without device arguments.
  var isPCIAddress: Bool {
    let address = split(separator: ",").first ?? ""
    return address.wholeMatch(of: #/([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]/#) != nil
  }
}
