import DPDK
import TestSupport

/// How much is measured.
struct Settings {
  let quick: Bool
  let seed: UInt64
  /// 1, or more to try the bench itself on that many times fewer routes.
  let divisor: Int

  var windows: Windows {
    divisor > 1
      ? Windows(count: 3, seconds: 0.002) : quick ? Windows(count: 5, seconds: 0.1) : Windows(count: 15, seconds: 0.2)
  }

  /// Runs of what takes seconds each.
  var longRuns: Int { quick ? 3 : 7 }

  /// A number of routes, tables or changes, by the divisor.
  func scaled(_ count: Int) -> Int { max(16, count / divisor) }

  /// A generator of its own for each workload, so that one can change without the others.
  func random(_ workload: UInt64) -> SeededRandom { SeededRandom(seed: seed &* 1000 &+ workload) }

  /// Seconds per operation as ticks of the time stamp counter.
  func ticks(_ seconds: [Double]) -> [Double] {
    let frequency = Double(EAL.cyclesPerSecond)
    return seconds.map { $0 * frequency }
  }
}
