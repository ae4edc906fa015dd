import ArgumentParser
import Control

/// A command whose words are those of one line of a batch.
protocol LineCommand: ParsableCommand {
  /// The word that the line begins with.
  static var object: String { get }
  var options: APIOptions { get }
  var words: [String] { get }
}

extension LineCommand {
  func run() throws {
    // Captured like every other word, it is not the parser's.
    if ["--help", "-h"].contains(words.first) { throw CleanExit.helpRequest(self) }
    for word in words where !Self.isPlain(word) {
      throw CLIError(
        "\(word.debugDescription) cannot stand in a line: a word has neither blanks nor quotes, '#' or '\\'")
    }
    // -4 and -6 stand before the object in a line.
    let family = words.prefix { $0.hasPrefix("-") }
    let line = family + [Self.object] + words.dropFirst(family.count)
    try options.apply(batch: line.joined(separator: " "), file: "arguments")
  }

  /// What has a meaning in a line, or would begin another one.
  private static func isPlain(_ word: String) -> Bool {
    !word.isEmpty
      && !word.unicodeScalars.contains { $0.properties.isWhitespace || "'\"#\\".unicodeScalars.contains($0) }
  }

  /// The command's own description.
  static func description(_ abstract: String, aliases: [String] = [], examples: String) -> CommandConfiguration {
    CommandConfiguration(
      commandName: object, abstract: abstract,
      usage:
        "needletail \(object) [--socket <path> | --server <url>] [--json] add|replace|change|append|del <words>...",
      discussion: "\(examples)\n\nOptions stand before the words. Nothing is printed when the change is made.",
      aliases: aliases)
  }
}

struct RouteCommand: LineCommand {
  static let object = "route"
  static let configuration = description(
    "Change a route of the forwarder that is running, in the words of `ip route`.",
    examples: "needletail route add 10.2.0.0/16 vrf red encap seg6 mode encap segs fc00:0:2:d4::")
  @OptionGroup var options: APIOptions
  @Argument(parsing: .captureForPassthrough, help: "What stands behind `ip route`.") var words: [String]
}

struct SIDCommand: LineCommand {
  static let object = "sid"
  static let configuration = description(
    "Change a local SID of the forwarder that is running.",
    examples: "needletail sid add fc00:0:1:d4:: behavior End.DT4 vrf red")
  @OptionGroup var options: APIOptions
  @Argument(parsing: .captureForPassthrough, help: "A verb, the SID, and the keys of the configuration's sids.")
  var words: [String]
}

struct NeighborCommand: LineCommand {
  static let object = "neighbor"
  static let configuration = description(
    "Change a static neighbour of the forwarder that is running, in the words of `ip neighbor`.",
    aliases: ["neigh", "neighbour"],
    examples: "needletail neighbor add 10.1.0.2 lladdr 02:00:00:00:01:02 dev ce-red")
  @OptionGroup var options: APIOptions
  @Argument(parsing: .captureForPassthrough, help: "What stands behind `ip neighbor`.") var words: [String]
}

struct AddressCommand: LineCommand {
  static let object = "address"
  static let configuration = description(
    "Change an address of a port of the forwarder that is running, in the words of `ip address`.",
    aliases: ["addr"], examples: "needletail address add 10.1.0.1/24 dev ce-red")
  @OptionGroup var options: APIOptions
  @Argument(parsing: .captureForPassthrough, help: "What stands behind `ip address`.") var words: [String]
}

struct BatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Apply lines as ip -batch takes them to the forwarder that is running.",
    discussion: "All of them or, if one is refused, none: in one transaction, in which the order of lines is kept.")
  @Option(help: "Who gives the lines: kernel or protocol. Without it they are the user's.") var source: String?
  @Option(help: "The protocol's name, such as bgp or frr.") var name: String?
  @OptionGroup var options: APIOptions
  @Argument(
    help: "A file of lines (address, route, neighbor, sr tunsrc set, sid), or - for the standard input.",
    completion: .file())
  var file: String

  func validate() throws {
    if name != nil && source == nil { throw ValidationError("--name is that of a protocol: add --source protocol") }
  }

  func run() throws {
    let giver = try source.map { source throws(ChangeError) in try SourceName(source: source, name: name) }
    let isInput = file == "-"
    let text = try ConfigurationLoader.text(of: isInput ? "/dev/stdin" : file)
    try options.apply(batch: text, file: isInput ? "stdin" : file, from: giver)
  }
}

struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Make the state of the forwarder that is running equal to a configuration file, or change nothing.")
  @OptionGroup var source: ConfigurationOption
  @Flag(help: "Only say what would change: a line each, + new, ~ replaced, - gone.") var diff = false
  @OptionGroup var options: APIOptions

  func run() throws {
    var request = ApplyRequest(configuration: try ConfigurationLoader.text(of: source.file))
    request.file = source.file
    request.batch = try source.batch.map { path throws(ConfigurationError) in try ConfigurationLoader.text(of: path) }
    request.isDryRun = diff
    try options.apply(request)
  }
}
