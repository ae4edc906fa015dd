/// A word of the file, with its place.
struct Word {
  var text: String
  var quoted = false
  var mark: Mark
  var path: String
}

/// One mapping of the file, read field by field. Every getter reports what it refuses and gives nil.
struct EntryReader {
  let path: String
  let mark: Mark
  let diagnostics: DiagnosticCollector
  /// A few: looking through them takes less than hashing.
  private var fields: [YAMLField] = []
  /// Known keys that a misspelt one was taken for: their absence is no second error.
  private(set) var misspelt: Set<String> = []

  /// Nil, reported, if `node` is no mapping. Keys other than `known` are reported and left out.
  ///
  /// `mark` is where the entry stands, if that is not where the mapping begins.
  init?(_ node: YAMLNode, mark: Mark? = nil, path: String, known: [String], _ diagnostics: DiagnosticCollector) {
    self.path = path
    self.mark = mark ?? node.mark
    self.diagnostics = diagnostics
    guard case .mapping(let all) = node.content else {
      if case .refused = node.content { return nil }
      let keys = known.joined(separator: ", ")
      diagnostics.report(node.mark, path, "is \(node.kind); write a mapping with the keys \(keys)")
      return nil
    }
    for field in all {
      if known.contains(field.key) {
        fields.append(field)
      } else {
        reportUnknown(field, known)
      }
    }
  }

  private mutating func reportUnknown(_ field: YAMLField, _ known: [String]) {
    let nearest = Spelling.nearest(to: field.key, in: known)
    if let nearest { misspelt.insert(nearest) }
    let hint = nearest.map { "; did you mean '\($0)'?" } ?? "."
    diagnostics.report(
      field.keyMark, path.appending(key: field.key),
      "unknown key \(quoted(field.key))\(hint) The known keys are \(known.joined(separator: ", "))")
  }

  private func field(_ key: String) -> YAMLField? { fields.first { $0.key == key } }

  /// The key stands in the file, whatever its value.
  func has(_ key: String) -> Bool { fields.contains { $0.key == key } }

  func keyMark(_ key: String) -> Mark { field(key)?.keyMark ?? mark }

  func valueMark(_ key: String) -> Mark { field(key)?.value.mark ?? mark }

  func path(_ key: String) -> String { path.appending(key: key) }

  func node(_ key: String) -> YAMLNode? { field(key)?.value }

  /// Says that `key`, which stands in the file, does not belong in it.
  func refuse(_ key: String, _ why: @autoclosure () -> String) {
    guard has(key) else { return }
    diagnostics.report(keyMark(key), path(key), why())
  }

  /// Says that a key is missing, unless a misspelt key explains it.
  func require(_ key: String, like example: String) {
    guard !has(key), !misspelt.contains(key) else { return }
    diagnostics.report(mark, path, "'\(key)' is missing; add it, such as '\(key): \(example)'")
  }

  /// A single word; `expected` says what to write, such as `a VRF's name`.
  func word(_ key: String, expected: @autoclosure () -> String) -> Word? {
    guard let node = field(key)?.value else { return nil }
    return word(node, path(key), expected: expected())
  }

  private func word(_ node: YAMLNode, _ path: String, expected: @autoclosure () -> String) -> Word? {
    if case .refused = node.content { return nil }
    guard case .scalar(let text, let quoted) = node.content, !node.isNull, !text.isEmpty else {
      diagnostics.report(node.mark, path, "is \(emptyOrKind(node)); write \(expected())")
      return nil
    }
    return Word(text: text, quoted: quoted, mark: node.mark, path: path)
  }

  private func emptyOrKind(_ node: YAMLNode) -> String {
    if case .scalar("", _) = node.content { return "empty" }
    return node.kind
  }

  /// A list of nodes.
  func list(_ key: String, expected: String) -> [YAMLNode]? {
    guard let node = field(key)?.value else { return nil }
    if case .sequence(let nodes) = node.content { return nodes }
    if case .refused = node.content { return nil }
    diagnostics.report(node.mark, path(key), "is \(node.kind); write \(expected)")
    return nil
  }

  /// A list of words; those that are none are reported and left out.
  func words(_ key: String, expected: String) -> [Word]? {
    list(key, expected: expected)?.enumerated().compactMap { index, node in
      word(node, "\(path(key))[\(index)]", expected: "\(expected), each item one word")
    }
  }
}
