import Glibc

/// Nanoseconds of CPU time that this thread has used.
func threadNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// The seconds of CPU time that `work` takes.
func cpuSeconds(_ work: () throws -> Void) rethrows -> Double {
  let start = threadNanoseconds()
  try work()
  return Double(threadNanoseconds() - start) * 1e-9
}

/// Work that is done in pieces; a call does one and returns how many operations it was.
typealias Pieces = () -> Int

/// How long and how often the bench measures.
struct Windows {
  let count: Int
  let seconds: Double

  /// Seconds of CPU time per operation of both sides, who take turns, so that what else the machine does and whatever
  /// speed it has meanwhile meets both alike.
  func alternate(_ ours: Pieces, _ theirs: Pieces) -> (ours: [Double], theirs: [Double]) {
    var runs: (ours: [Double], theirs: [Double]) = ([], [])
    for _ in 0..<count {
      runs.ours.append(window(ours))
      runs.theirs.append(window(theirs))
    }
    return runs
  }

  /// Seconds of CPU time per operation, after a tenth of a window in which the caches become this side's.
  func window(_ pieces: Pieces) -> Double {
    _ = rate(pieces, seconds: seconds / 10)
    return rate(pieces, seconds: seconds)
  }

  private func rate(_ pieces: Pieces, seconds: Double) -> Double {
    let start = threadNanoseconds()
    var operations = 0
    while true {
      operations += pieces()
      let used = Double(threadNanoseconds() - start) * 1e-9
      if used >= seconds { return used / Double(operations) }
    }
  }
}

func median(_ runs: [Double]) -> Double { runs.sorted()[runs.count / 2] }
