import Yams

extension YAMLDocument {
  /// Reports why `text` is no YAML, as one diagnostic.
  static func reportSyntax(_ error: any Error, _ text: String, _ diagnostics: DiagnosticCollector) {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _):
      let message = tabHint(text, mark.line) ?? "\(explanation(problem))\(opening(context))\(colonHint(problem))"
      diagnostics.report(Mark(mark), "", "not valid YAML: \(message)")
    case YamlError.composer(_, let problem, let mark, _) where problem.contains("alias"):
      diagnostics.report(Mark(mark), "", anchorsRefused)
    case YamlError.composer(_, _, let mark, _):
      diagnostics.report(Mark(mark), "", "a second YAML document starts here; a configuration is one: remove the '---'")
    case YamlError.reader(let problem, let offset, let value, _):
      let mark = offset.map { place(ofCharacter: $0, in: text) }
      let character = value >= 0 ? " (U+\(String(value, radix: 16, uppercase: true)))" : ""
      diagnostics.report(mark, "", "not valid YAML: \(problem)\(character); remove the character")
    default:
      diagnostics.report(Mark(line: 1, column: 1), "", "not readable as YAML: \(quoted("\(error)"))")
    }
  }

  private static func explanation(_ problem: String) -> String {
    problem.hasPrefix("Maximum nesting level") ? "nested too deeply; check the brackets" : problem
  }

  /// What is usually behind a colon that surprises libYAML: an IPv6 address without quotes.
  private static func colonHint(_ problem: String) -> String {
    let isColon = problem.hasPrefix("mapping values are not allowed") || problem.hasSuffix("unexpected ':'")
    return isColon ? "; put quotes around a value that ends in a colon, such as \"fc00::\"" : ""
  }

  /// Where the list, mapping or string began that the parser was in.
  private static func opening(_ context: YamlError.Context?) -> String {
    context.map { ", \($0.text) that starts at \($0.mark.line):\($0.mark.column)" } ?? ""
  }

  /// The usual reason why a line cannot be read: libYAML's own words for it mention no tab.
  private static func tabHint(_ text: String, _ line: Int) -> String? {
    let lines = text.split(separator: "\n", maxSplits: line, omittingEmptySubsequences: false)
    guard line <= lines.count else { return nil }
    let indentation = lines[line - 1].prefix { $0 == " " || $0 == "\t" }
    return indentation.contains("\t") ? "a tab indents this line; indent with spaces" : nil
  }

  private static func place(ofCharacter offset: Int, in text: String) -> Mark {
    let before = text.prefix(offset)
    let lastLine = before.reversed().prefix { !$0.isNewline }
    let line = before.count { $0.isNewline } + 1
    return Mark(line: line, column: lastLine.reduce(1) { $0 + $1.unicodeScalars.count })
  }
}
