extension IPWordReader {
  /// Other words for keys of the configuration file.
  private static let otherNames = ["segs": "segments", "flavor": "flavors"]
  /// Keys whose values are lists, written with commas.
  private static let listKeys: Set<String> = ["segments", "flavors"]

  /// What follows `sid`: an address, and the keys of the configuration file with their values.
  mutating func sid() throws(IPCommandError) -> IPSIDCommand {
    let verb = try verb()
    _ = take("to")
    let sid = try argument("the SID")
    var fields = [field("sid", sid, sid)]
    while let keyword = take() {
      let key = Self.otherNames[keyword.text] ?? keyword.text
      guard key != "sid", ConfigurationReader.sidKeys.contains(key) else {
        let known = ConfigurationReader.sidKeys.dropFirst()
        let hint = Spelling.nearest(to: keyword.text, in: known).map { "; did you mean '\($0)'?" } ?? "."
        throw IPCommandError(
          keyword, "\(quoted(keyword.text)) is no word of a SID\(hint) The words are \(known.joined(separator: ", "))")
      }
      guard !fields.contains(where: { $0.key == key }) else {
        throw IPCommandError(keyword, "\(quoted(keyword.text)) is there already; remove one of them")
      }
      fields.append(field(key, keyword, try argument("its value")))
    }
    return IPSIDCommand(verb: verb, node: YAMLNode(content: .mapping(fields), mark: sid.mark))
  }

  private func field(_ key: String, _ keyword: Word, _ value: Word) -> YAMLField {
    let content: YAMLNode.Content
    if Self.listKeys.contains(key) {
      let parts = value.text.split(separator: ",", omittingEmptySubsequences: false)
      content = .sequence(
        parts.map { YAMLNode(content: .scalar(String($0), quoted: value.quoted), mark: value.mark) })
    } else {
      content = .scalar(value.text, quoted: value.quoted)
    }
    return YAMLField(key: key, keyMark: keyword.mark, value: YAMLNode(content: content, mark: value.mark))
  }
}
