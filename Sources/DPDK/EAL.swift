import CDPDKShim
import Glibc

/// DPDK's Environment Abstraction Layer. It can be started once in a process and not again; the owner cleans it up.
public struct EAL: ~Copyable {
  /// Starts EAL with its own words, the program's name excluded. The calling thread becomes the main lcore.
  public init(arguments: [String]) throws(DPDKError) {
    // EAL keeps these strings for as long as the process lives.
    var words: [UnsafeMutablePointer<CChar>?] = (["needletail"] + arguments).map { strdup($0) }
    let result = ntl_eal_init(Int32(words.count), &words)
    guard result == 0 else { throw DPDKError("starting EAL with '\(arguments.joined(separator: " "))'", code: result) }
  }

  deinit { _ = ntl_eal_cleanup() }

  /// DPDK's version, such as `DPDK 22.11.11`.
  public static var version: String { String(cString: ntl_eal_version()) }

  /// Ticks of the time stamp counter in a second.
  public static var cyclesPerSecond: UInt64 { ntl_cycles_per_second() }

  /// Whether packet memory is on huge pages.
  public static var hasHugepages: Bool { ntl_eal_has_hugepages() }
}

/// An lcore that EAL was started with, other than main.
public struct Lcore: Hashable, Sendable {
  /// The lcore's number.
  public let number: UInt32

  /// The enabled lcores that are not main, ascending.
  public static var workers: [Lcore] {
    var found: [Lcore] = []
    var number = ntl_lcore_next(.max)
    while number != .max {
      found.append(Lcore(number: number))
      number = ntl_lcore_next(number)
    }
    return found
  }

  /// The NUMA node.
  public var socket: Int { Int(ntl_lcore_socket(number)) }

  /// Runs a function on the lcore.
  public func launch(
    _ function: @convention(c) (UnsafeMutableRawPointer?) -> Int32, _ argument: UnsafeMutableRawPointer
  ) throws(DPDKError) {
    let result = ntl_lcore_launch(number, function, argument)
    guard result == 0 else { throw DPDKError("starting a worker on lcore \(number)", code: result) }
  }

  /// Waits until the function has returned.
  public func wait() { ntl_lcore_wait(number) }
}
