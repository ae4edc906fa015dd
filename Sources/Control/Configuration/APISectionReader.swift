extension ConfigurationReader {
  /// `api:`
  mutating func readAPI(_ root: EntryReader) {
    guard let section = section("api", of: root, known: ["socket", "listen", "token-file", "tls"]) else { return }
    readSocket(section)
    configuration.api.tokenFile = section.word("token-file", expected: "the path of a file that holds a token")?.text
    if let node = section.node("tls") { configuration.api.tls = readTLS(node, section) }
    readListen(section)
  }

  private mutating func readSocket(_ section: EntryReader) {
    guard let socket = section.word("socket", expected: "the path of a Unix socket") else { return }
    // sockaddr_un.sun_path has 108 bytes, one of them for the terminating zero.
    guard socket.text.utf8.count <= 107, !socket.text.utf8.contains(0) else {
      diagnostics.report(socket.mark, socket.path, "a Unix socket's path has at most 107 bytes; choose a shorter one")
      return
    }
    configuration.api.socket = socket.text
    configuration.api.socketMark = socket.mark
  }

  private func readTLS(_ node: YAMLNode, _ section: EntryReader) -> TLSSection? {
    let keys = ["certificate", "key", "client-ca"]
    guard let entry = EntryReader(node, path: section.path("tls"), known: keys, diagnostics) else { return nil }
    for key in ["certificate", "key"] { entry.require(key, like: "/etc/needletail/\(key).pem") }
    let files = keys.map { entry.word($0, expected: "the path of a PEM file")?.text }
    guard let certificate = files[0], let key = files[1] else { return nil }
    return TLSSection(certificate: certificate, key: key, clientCA: files[2])
  }

  private mutating func readListen(_ section: EntryReader) {
    guard let node = section.node("listen") else { return }
    let expected = "an address and a port, such as 127.0.0.1:8443 or \"[2001:db8::1]:8443\""
    var words: [Word] = []
    if case .sequence = node.content {
      words = section.words("listen", expected: "a list of addresses with ports") ?? []
    } else if let word = section.word("listen", expected: expected) {
      words = [word]
    }
    for word in words {
      guard let address = ListenAddress(parsing: word.text) else {
        diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is none; write \(expected)")
        continue
      }
      if let why = refusal(of: address, section) {
        diagnostics.report(word.mark, word.path, why)
      } else if configuration.api.listen.contains(address) {
        diagnostics.report(word.mark, word.path, "\(address) is there already; remove one of them")
      } else {
        configuration.api.listen.append(address)
      }
    }
  }

  /// Why nobody may listen there; nil if that is well secured.
  private func refusal(of address: ListenAddress, _ section: EntryReader) -> String? {
    // What is wrong with `tls` has been said.
    if section.has("tls") && configuration.api.tls == nil { return nil }
    let api = configuration.api
    if !section.has("token-file") && api.tls?.clientCA == nil {
      return "everybody could change this node by TCP: add 'token-file', or 'tls' with 'client-ca'"
    }
    guard api.tls == nil, !address.isLoopback else { return nil }
    return "the token would cross the network readable by all: add 'tls' with 'certificate' and 'key', or listen at"
      + " 127.0.0.1 or [::1] only"
  }
}
