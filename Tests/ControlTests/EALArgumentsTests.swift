import Testing

@testable import Control

@Suite struct EALArgumentsTests {
  private func words(_ eal: [String], ports: [String], extra: [String] = []) throws -> EALArguments {
    let list = ports.enumerated().map { "  p\($0): {device: \"\($1)\"}" }.joined(separator: "\n")
    let text = "dpdk: {eal: \(eal), mbufs: 4096}\nlcores: {main: 0, workers: [1, 2]}\nports:\n\(list)\n"
    return EALArguments(try ConfigurationLoader.load(text: text, file: "f"), extra: extra)
  }

  @Test func addsLcoresPrefixAndPCI() throws {
    let arguments = try words([], ports: ["0000:3b:00.0", "net_null0"])
    #expect(
      arguments.words == [
        "-l", "0,1,2", "--main-lcore", "0", "--file-prefix", "needletail", "-a", "0000:3b:00.0",
      ])
    #expect(!arguments.mapsLcores)
    #expect(arguments.usesHugepages && arguments.needsHugetlbfs)
  }

  @Test func keepsEALAwayFromPCIWithoutANIC() throws {
    #expect(try words([], ports: ["net_null0"]).words.last == "--no-pci")
  }

  @Test(arguments: [["-l", "0-2"], ["-l0-2"], ["--lcores", "(0-2)@0"], ["--lcores=0@1"], ["-c", "7"]])
  func leavesLcoresToTheUsersWords(_ own: [String]) throws {
    let arguments = try words(own, ports: ["net_null0"])
    #expect(arguments.mapsLcores)
    #expect(!arguments.words.contains("0,1,2"))
  }

  @Test func asksForMemoryWithoutHugePages() throws {
    let arguments = try words(["--no-huge"], ports: ["net_null0"])
    let place = try #require(arguments.words.firstIndex(of: "-m"))
    #expect(try #require(Int(arguments.words[place + 1])) > 4096 * 2304 / (1 << 20))
    #expect(!arguments.usesHugepages)
  }

  @Test func takesWordsOfTheCommandLineToo() throws {
    let arguments = try words(["--in-memory"], ports: ["net_null0"], extra: ["--file-prefix", "x", "-m", "99"])
    #expect(arguments.words.filter { $0 == "--file-prefix" }.count == 1)
    #expect(!arguments.needsHugetlbfs)
  }

  @Test(arguments: ["0000:3b:00.0", "3b:00.1", "0000:3b:00.0,devarg=1"])
  func knowsAPCIAddress(_ device: String) { #expect(device.isPCIAddress) }

  @Test(arguments: ["net_null0", "net_af_xdp0,iface=eth0", "", "0000:3b:00"])
  func knowsWhatIsNone(_ device: String) { #expect(!device.isPCIAddress) }
}
