extension ConfigurationReader {
  /// An lcore number and where it stands.
  private struct Lcore {
    var number: Int
    var mark: Mark
    var path: String
  }

  private static let lcoreNumbers = 0...1023
  private static let workersExpected = "a list of lcores such as [1, 2], or of {lcore: 1, queues: [\"PORT/QUEUE\"]}"

  /// `lcores:`
  mutating func readLcores(_ root: EntryReader) {
    guard let section = section("lcores", of: root, known: ["main", "workers", "idle-sleep-us"]) else { return }
    configuration.lcores.mark = section.mark
    if let pause = section.integer("idle-sleep-us", in: 0...1_000_000) {
      configuration.lcores.idleSleepMicroseconds = pause
    }
    let main = section.integer("main", in: Self.lcoreNumbers)
    if let main { configuration.lcores.main = main }
    let workers = readWorkers(section)
    // A main that is no lcore at all says nothing about who is also main.
    if main != nil || !section.has("main") { checkLcores(workers, section) }
  }

  /// The lcores of `workers`, in the file's order.
  private mutating func readWorkers(_ section: EntryReader) -> [Lcore] {
    guard let nodes = section.list("workers", expected: Self.workersExpected) else {
      let standard = Lcore(number: 1, mark: section.valueMark("main"), path: section.path("main"))
      return section.has("workers") ? [] : [standard]
    }
    if nodes.isEmpty {
      diagnostics.report(
        section.valueMark("workers"), section.path("workers"), "is empty; name at least one lcore, such as [1]")
    }
    let isPinned = nodes.contains { if case .mapping = $0.content { true } else { false } }
    return isPinned ? readPinned(nodes, section) : readSpread(section)
  }

  private mutating func readSpread(_ section: EntryReader) -> [Lcore] {
    let words = section.words("workers", expected: Self.workersExpected) ?? []
    let lcores = words.compactMap { word in
      section.integer(word, in: Self.lcoreNumbers).map { Lcore(number: $0, mark: word.mark, path: word.path) }
    }
    configuration.lcores.workers = .spread(lcores.map(\.number))
    return lcores
  }

  private mutating func readPinned(_ nodes: [YAMLNode], _ section: EntryReader) -> [Lcore] {
    var first: [LcoreSection.QueueName: Mark] = [:]
    var lcores: [Lcore] = []
    var workers: [LcoreSection.PinnedWorker] = []
    for (index, node) in nodes.enumerated() {
      let path = "\(section.path("workers"))[\(index)]"
      guard let entry = EntryReader(node, path: path, known: ["lcore", "queues"], diagnostics) else { continue }
      entry.require("lcore", like: "1")
      entry.require("queues", like: "[\"PORT/0\"]")
      let queues = readQueues(entry, &first)
      guard let number = entry.integer("lcore", in: Self.lcoreNumbers) else { continue }
      lcores.append(Lcore(number: number, mark: entry.valueMark("lcore"), path: entry.path("lcore")))
      workers.append(LcoreSection.PinnedWorker(lcore: number, queues: queues, mark: entry.mark))
    }
    configuration.lcores.workers = .pinned(workers)
    return lcores
  }

  private func readQueues(_ entry: EntryReader, _ first: inout [LcoreSection.QueueName: Mark]) -> [LcoreSection
    .QueueName]
  {
    let words = entry.words("queues", expected: "a list of receive queues, such as [\"core/0\"]") ?? []
    if case .sequence(let nodes) = entry.node("queues")?.content, nodes.isEmpty {
      diagnostics.report(
        entry.valueMark("queues"), entry.path("queues"), "is empty; name a queue for this worker, or remove the worker")
    }
    var queues: [LcoreSection.QueueName] = []
    for word in words {
      guard let queue = queueName(word) else { continue }
      if let mark = first[queue] {
        diagnostics.report(
          word.mark, word.path,
          "queue \(quoted(word.text)) is pinned already (line \(mark.line)); one worker polls a queue, so remove one")
        continue
      }
      first[queue] = word.mark
      queues.append(queue)
    }
    return queues
  }

  /// The receive queue that `PORT/QUEUE` names; nil, reported, if there is none.
  private func queueName(_ word: Word) -> LcoreSection.QueueName? {
    guard let slash = word.text.lastIndex(of: "/"), let queue = Int(word.text[word.text.index(after: slash)...]),
      (0...1023).contains(queue)
    else {
      diagnostics.report(
        word.mark, word.path, "\(quoted(word.text)) is no receive queue; write PORT/QUEUE, the queue from 0 to 1023")
      return nil
    }
    let name = Word(text: String(word.text[..<slash]), mark: word.mark, path: word.path)
    guard ports.resolve(name, diagnostics) else { return nil }
    guard let port = portEntries[name.text] else { return nil }
    if case .vlan(let parent, _) = port.link {
      diagnostics.report(
        word.mark, word.path, "port \(port.name) is a VLAN of \(parent) and has no queues; write '\(parent)/\(queue)'")
      return nil
    }
    if let queues = port.rxQueues, queue >= queues {
      diagnostics.report(
        word.mark, word.path,
        "port \(port.name) has rx-queues: \(queues), so its last queue is \(queues - 1); name that, or raise rx-queues")
      return nil
    }
    return LcoreSection.QueueName(port: port.name, queue: queue)
  }

  private func checkLcores(_ workers: [Lcore], _ section: EntryReader) {
    var first: [Int: Mark] = [:]
    for worker in workers {
      if worker.number == configuration.lcores.main {
        let why = section.has("workers") ? "a worker" : "the worker where 'workers' names none"
        diagnostics.report(
          worker.mark, worker.path,
          "lcore \(worker.number) is main and \(why); main answers the API, so give the worker an lcore of its own")
      }
      if let mark = first[worker.number] {
        diagnostics.report(
          worker.mark, worker.path,
          "lcore \(worker.number) is a worker already (line \(mark.line)); name each lcore once")
      }
      first[worker.number] = first[worker.number] ?? worker.mark
    }
  }
}
