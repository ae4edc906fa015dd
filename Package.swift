// swift-tools-version:6.1
import Foundation
import PackageDescription

// NEEDLETAIL_CPU=native builds for this machine alone; the default runs on any x86-64-v3 (AVX2, Haswell/Zen on).
#if arch(x86_64)
  let baseline = "x86-64-v3"
#else
  let baseline = "armv8-a+crc"
#endif
let cpu = ProcessInfo.processInfo.environment["NEEDLETAIL_CPU"] ?? baseline

// Debian's libdpdk.pc has a multi-line Description that SwiftPM's own pkg-config parser rejects, so its words are asked
// for here; where DPDK is not installed yet, its usual places let the manifest load and the compiler name what is missing.
func pkgConfig(_ option: String) -> [String]? {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["pkg-config", option, "libdpdk"]
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return nil }
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { return nil }
  return text.split(whereSeparator: \.isWhitespace).map(String.init)
}

let includes =
  pkgConfig("--cflags-only-I")?.filter { $0.hasPrefix("-I") }
  ?? ["-I/usr/include/dpdk", "-I/usr/include/x86_64-linux-gnu/dpdk"]
let compilerWords = includes + ["-include", "rte_config.h", "-march=\(cpu)"]

let cSettings: [CSetting] = [.unsafeFlags(compilerWords + ["-Werror", "-Wall"])]
// Processors of the Skylake family decode a jump across a 32-byte boundary anew each time (Intel's erratum SKX102).
#if arch(x86_64)
  let codeLayout = ["-Xllvm", "-x86-branches-within-32B-boundaries"]
#else
  let codeLayout: [String] = []
#endif
let swiftSettings: [SwiftSetting] = [
  .unsafeFlags(compilerWords.flatMap { ["-Xcc", $0] } + codeLayout),
  .unsafeFlags(["-warnings-as-errors"]),
]
let dpdkLibraries = [
  "rte_eal", "rte_ethdev", "rte_mbuf", "rte_mempool", "rte_ring", "rte_rcu", "rte_net_ring", "rte_kvargs",
].map { LinkerSetting.linkedLibrary($0) }

// What only tools/bench builds, so that nothing else needs the libraries it links or waits for it.
let benches: [Target] =
  ProcessInfo.processInfo.environment["NEEDLETAIL_BENCHES"] == nil
  ? []
  : [
    .target(
      name: "CPeers", path: "tools/tables-bench/peers", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("rte_fib"), .linkedLibrary("rte_rib")]),
    .executableTarget(
      name: "tables-bench",
      dependencies: [
        "CDPDKShim", "CPeers", "DPDK", "Tables", "TestSupport", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "tools/tables-bench", exclude: ["peers"], swiftSettings: swiftSettings),
  ]

let package = Package(
  name: "needletail",
  products: [.executable(name: "needletail", targets: ["needletail"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "CDPDKShim", path: "CDPDKShim", cSettings: cSettings, linkerSettings: dpdkLibraries),
    .target(name: "Wire", swiftSettings: swiftSettings),
    .target(name: "CIntrinsics", cSettings: cSettings),
    .target(name: "CLinux", cSettings: [.unsafeFlags(["-Werror", "-Wall"])]),
    .target(
      name: "Tables", dependencies: ["CIntrinsics", "Wire"],
      // Route changes come by the million; debug builds check that accesses are exclusive.
      swiftSettings: swiftSettings + [
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
      ]),
    .target(name: "SRv6", dependencies: ["Wire"], swiftSettings: swiftSettings),
    .target(name: "DPDK", dependencies: ["CDPDKShim"], swiftSettings: swiftSettings),
    .target(
      name: "Dataplane", dependencies: ["CDPDKShim", "CIntrinsics", "SRv6", "Tables", "Wire"],
      swiftSettings: swiftSettings),
    .target(
      name: "Control",
      dependencies: [
        "CDPDKShim", "CLinux", "DPDK", "Dataplane", "SRv6", "Tables", "Wire", "Yams",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], swiftSettings: swiftSettings),
    .executableTarget(
      name: "needletail",
      dependencies: ["Control", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: swiftSettings),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .target(
      name: "Reference", dependencies: ["TestSupport"], path: "Tests/Reference",
      swiftSettings: swiftSettings + [.unsafeFlags(["-O"])]),
    .testTarget(name: "WireTests", dependencies: ["TestSupport", "Wire"], swiftSettings: swiftSettings),
    .testTarget(name: "SRv6Tests", dependencies: ["SRv6", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(name: "TablesTests", dependencies: ["Tables", "TestSupport", "Wire"], swiftSettings: swiftSettings),
    .testTarget(name: "ControlTests", dependencies: ["Control", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "DataplaneTests",
      dependencies: [
        "CDPDKShim", "Control", "DPDK", "Dataplane", "Reference", "SRv6", "Tables", "TestSupport", "Wire",
      ],
      swiftSettings: swiftSettings),
  ] + benches
)

// NEEDLETAIL_TABLES_ONLY=1 leaves the lookup tables and their tests, which a sanitizer's build has done soon.
if ProcessInfo.processInfo.environment["NEEDLETAIL_TABLES_ONLY"] == "1" {
  package.products = []
  package.dependencies = []
  package.targets.removeAll { !["CIntrinsics", "Wire", "Tables", "TestSupport", "TablesTests"].contains($0.name) }
}
