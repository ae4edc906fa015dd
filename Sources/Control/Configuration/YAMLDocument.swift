import Yams

/// Composes the text of a file into ``YAMLNode``s. Nothing else knows Yams.
struct YAMLDocument {
  /// Levels that are read. The format has six; what lies deeper is refused before it costs anything.
  static let deepest = 8

  private let diagnostics: DiagnosticCollector
  private let repair: DuplicateKeyRepair

  /// The root of the file's one document; nil, reported, if there is none.
  static func compose(_ text: String, _ diagnostics: DiagnosticCollector) -> YAMLNode? {
    if let mark = AliasGuard.firstAnchor(ifExcessive: text) {
      diagnostics.report(mark, "", Self.anchorsRefused)
      return nil
    }
    var repair = DuplicateKeyRepair(text)
    while true {
      do {
        let parser = try Parser(yaml: repair.text, resolver: .basic, encoding: .utf8)
        guard let root = try parser.singleRoot() else {
          diagnostics.report(Mark(line: 1, column: 1), "", Self.emptyRefused)
          return nil
        }
        // The parser owns the anchors; nodes refer to them weakly.
        return withExtendedLifetime(parser) {
          YAMLDocument(diagnostics: diagnostics, repair: repair).convert(root, depth: 0) { "" }
        }
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        if repair.rename(keys.first ?? "", at: Mark(context.mark)) { continue }
        diagnostics.report(Mark(context.mark), "", "this key stands more than once in its mapping; keep one of them")
        return nil
      } catch {
        reportSyntax(error, repair.text, diagnostics)
        return nil
      }
    }
  }

  private static let usualTags = [Tag.Name.str, .implicit, .map, .seq, .nonSpecific].map(\.rawValue)
  static let anchorsRefused =
    "YAML anchors (&name) and aliases (*name) are not taken here; write the value out in each place"
  static let emptyRefused = "the file is empty; it needs a mapping of sections, such as 'ports:'"

  /// Paths are made where there is something to report, which is rare.
  private func convert(_ node: Node, depth: Int, path: () -> String) -> YAMLNode {
    let mark = Mark(node.mark)
    if let refusal = refusal(of: node, depth: depth) {
      diagnostics.report(mark, path(), refusal)
      return YAMLNode(content: .refused, mark: mark)
    }
    switch node {
    case .scalar(let scalar):
      return YAMLNode(content: .scalar(scalar.string, quoted: scalar.style != .plain), mark: mark)
    case .sequence(let sequence):
      let nodes = sequence.enumerated().map { index, node in convert(node, depth: depth + 1) { "\(path())[\(index)]" } }
      return YAMLNode(content: .sequence(nodes), mark: mark)
    case .mapping(let mapping):
      return YAMLNode(content: .mapping(fields(of: mapping, depth: depth, path: path)), mark: mark)
    case .alias:
      // Composing puts the anchored node in an alias's place.
      return YAMLNode(content: .refused, mark: mark)
    }
  }

  private func fields(of mapping: Node.Mapping, depth: Int, path: () -> String) -> [YAMLField] {
    var fields: [YAMLField] = []
    fields.reserveCapacity(mapping.count)
    var first = FirstMarks(mapping.count)
    for (keyNode, value) in mapping {
      let keyMark = Mark(keyNode.mark)
      guard case .scalar(let scalar) = keyNode, keyNode.anchor == nil else {
        diagnostics.report(keyMark, path(), "a key is a plain word, without anchors, lists or mappings")
        continue
      }
      let key = repair.original(of: scalar.string)
      if let earlier = first[key] {
        diagnostics.report(
          keyMark, path().appending(key: key),
          "the key \(quoted(key)) stands here a second time, the first is on line \(earlier.line); keep one of them")
        continue
      }
      first.add(key, keyMark)
      let field = YAMLField(
        key: key, keyMark: keyMark, value: convert(value, depth: depth + 1) { path().appending(key: key) })
      fields.append(field)
    }
    return fields
  }

  private func refusal(of node: Node, depth: Int) -> String? {
    if node.anchor != nil { return Self.anchorsRefused }
    if depth > Self.deepest { return "nested deeper than anything in a configuration; check the brackets" }
    let tag: String
    switch node {
    case .scalar(let scalar): tag = scalar.tag.rawValue
    case .sequence(let sequence): tag = sequence.tag.rawValue
    case .mapping(let mapping): tag = mapping.tag.rawValue
    case .alias(let alias): tag = alias.tag.rawValue
    }
    return Self.usualTags.contains(tag) ? nil : "YAML tags (\(quoted(tag))) are not taken here; remove it"
  }
}

/// Where keys stand first: of few, as nearly all mappings have, a list takes less than hashing.
private struct FirstMarks {
  private var few: [(key: String, mark: Mark)] = []
  private var many: [String: Mark] = [:]
  private let isFew: Bool

  init(_ count: Int) { isFew = count <= 16 }

  subscript(key: String) -> Mark? { isFew ? few.first { $0.key == key }?.mark : many[key] }

  mutating func add(_ key: String, _ mark: Mark) {
    if isFew { few.append((key, mark)) } else { many[key] = mark }
  }
}

extension Mark {
  /// A place as Yams counts it, from 1.
  init(_ mark: Yams.Mark?) {
    self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
  }
}

extension String {
  /// The path of a field in the mapping at this path. A key may be a megabyte of rubbish: paths keep its beginning.
  func appending(key: String) -> String {
    let shown = String(key.prefix(64))
    return isEmpty ? shown : "\(self).\(shown)"
  }
}
