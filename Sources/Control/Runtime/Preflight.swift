import Foundation

/// What can be found wrong with the machine before EAL is started, when messages can still say how to mend it.
struct Preflight {
  let configuration: Configuration
  let file: String
  let arguments: EALArguments

  func run() throws(StartError) {
    if !arguments.mapsLcores { try checkLcores() }
    if arguments.usesHugepages { try checkHugepages() }
  }

  private func checkLcores() throws(StartError) {
    let online = Preflight.onlineCPUs
    for lcore in arguments.lcores where !online.contains(lcore) {
      let have = online.map(String.init).joined(separator: ", ")
      throw StartError(
        "lcores: lcore \(lcore) does not exist: this machine has CPUs \(have); name one of those, or map lcores to"
          + " CPUs with --lcores in dpdk.eal", at: mark(of: lcore), in: file)
    }
  }

  private func mark(of lcore: Int) -> Mark? {
    guard case .pinned(let workers) = configuration.lcores.workers else { return configuration.lcores.mark }
    return workers.first { $0.lcore == lcore }?.mark ?? configuration.lcores.mark
  }

  private func checkHugepages() throws(StartError) {
    if arguments.needsHugetlbfs, !Preflight.hasHugetlbfs {
      throw StartError(
        "dpdk: no hugetlbfs is mounted: `mkdir -p /dev/hugepages && mount -t hugetlbfs none /dev/hugepages`, or add"
          + " \"--in-memory\" (no memif, no other DPDK process beside) or \"--no-huge\" to dpdk.eal", in: file)
    }
    let free = Preflight.freeHugepageBytes
    let wanted = arguments.megabytes << 20
    guard free < wanted else { return }
    let pages = (wanted + (2 << 20) - 1) / (2 << 20)
    throw StartError(
      "dpdk: \(configuration.dpdk.mbufs) packet buffers need about \(wanted >> 20) MiB of huge pages and"
        + " \(free >> 20) MiB are free: reserve them with `echo \(pages) > /proc/sys/vm/nr_hugepages`, lower"
        + " dpdk.mbufs, or do without by adding \"--no-huge\" to dpdk.eal", at: configuration.dpdk.mbufsMark, in: file)
  }

  /// The numbers of the CPUs that are online.
  static var onlineCPUs: [Int] {
    let text = (try? String(contentsOfFile: "/sys/devices/system/cpu/online", encoding: .utf8)) ?? ""
    return text.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ",").flatMap { range -> [Int] in
      let ends = range.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last else { return [] }
      return Array(first...last)
    }
  }

  /// Whether a hugetlbfs is mounted.
  static var hasHugetlbfs: Bool {
    let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
    return mounts.split(separator: "\n").contains { $0.split(separator: " ").dropFirst(2).first == "hugetlbfs" }
  }

  /// Bytes on huge pages of every size that no process has taken.
  static var freeHugepageBytes: Int {
    let root = "/sys/kernel/mm/hugepages"
    let sizes = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return sizes.reduce(0) { sum, directory in
      let kilobytes = Int(directory.filter(\.isNumber)) ?? 0
      let text = try? String(contentsOfFile: "\(root)/\(directory)/free_hugepages", encoding: .utf8)
      return sum + (text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0) * kilobytes * 1024
    }
  }
}
