/// A node of the file: what Yams composed, without anchors, tags and duplicate keys, which have been reported.
struct YAMLNode {
  enum Content {
    /// A word. `quoted` tells `"100"`, a string, from `100`, a number.
    case scalar(String, quoted: Bool)
    case sequence([YAMLNode])
    case mapping([YAMLField])
    /// Reported already: whoever meets it says nothing more.
    case refused
  }

  var content: Content
  var mark: Mark

  /// Nothing at all: `key:`, `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let word, quoted: false) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(word)
  }

  /// What the node is, in a message.
  var kind: String {
    switch content {
    case .scalar(let word, _): isNull ? "empty" : quoted(word)
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .refused: "refused"
    }
  }
}

/// A key of a mapping and its value.
struct YAMLField {
  var key: String
  var keyMark: Mark
  var value: YAMLNode
}
