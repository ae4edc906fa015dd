import Testing

@testable import Control

/// What is wrong in `dpdk`, `lcores`, `api`, `srv6` and `vrfs`, and with keys and types in general.
@Suite struct ConfigurationHostTests {
  static let badKeysAndTypes = [
    BadInput("«prots: {}", "prots: unknown key 'prots'; did you mean 'ports'? The known keys are dpdk, lcores"),
    BadInput("«zzz: {}", "unknown key 'zzz'. The known keys are dpdk"),
    BadInput("dpdk: {«hugepages: 1}", "dpdk.hugepages: unknown key 'hugepages'. The known keys are eal, mbufs"),
    BadInput("dpdk: «[a]", "dpdk: is a list; write a mapping with the keys eal, mbufs"),
    BadInput("dpdk: {eal: «--no-pci}", "is '--no-pci'; write a list of EAL words"),
    BadInput("dpdk: {eal: [«[a]]}", "dpdk.eal[0]: is a list; write a list of EAL words"),
    BadInput("dpdk: {eal: [a, «\"\"]}", "dpdk.eal[1]: is empty"),
    BadInput("dpdk: {mbufs: «many}", "dpdk.mbufs: 'many' is no number; write a whole number from 512 to 16777216"),
    BadInput("dpdk: {mbufs: «\"65536\"}", "'65536' is a string, for its quotes"),
    BadInput("dpdk: {mbufs: «0777}", "'0777' is no number"),
    BadInput("dpdk: {mbufs: «511}", "'511' is out of range; write a whole number from 512"),
    BadInput("dpdk: {mbufs: «16777217}", "'16777217' is out of range"),
    BadInput("dpdk: {mbufs: «99999999999999999999}", "is out of range"),
    BadInput("dpdk:\n  mbufs:«\n", "dpdk.mbufs: is empty; write a whole number"),
    BadInput("vrfs: «[red]", "vrfs: is a list; write a mapping of names, such as 'vrfs: {vrf1: {...}}'"),
    BadInput("sids: «{a: 1}", "sids: is a mapping; write a list of entries"),
    BadInput("sids: [«x]", "sids[0]: is 'x'; write a mapping with the keys sid, behavior, vrf"),
    BadInput("srv6: {encap-source: «[a]}", "srv6.encap-source: is a list"),
    BadInput("srv6: {encap-source: «\"fe80::1\"}", "fe80::1 is a link-local address; write a global address"),
    BadInput("srv6: {flow-label: «1}", "'1' is no flow-label that there is. The choices are hash, copy, zero"),
    BadInput("srv6: {hop-limit: «zero}", "'zero' is no number; write a whole number from 2 to 255"),
    BadInput("srv6: {hop-limit: «1}", "'1' is out of range; write a whole number from 2 to 255"),
    BadInput("srv6: {dscp: «64}", "'64' is out of range; write a whole number from 0 to 63"),
    BadInput("srv6: {dscp: «[1]}", "is a list; write copy, or a whole number from 0 to 63"),
    BadInput("vrfs: {red: {table: 1, rp-filter: «3}}", "'3' is out of range; write a whole number from 0 to 2"),
    BadInput("vrfs: {main: {«rp-filter: 1}}", "main's packets are filtered by the ports that receive them"),
    BadInput("srv6: {compat: «Linux}", "'Linux' is no compat that there is; did you mean 'linux'?"),
  ]

  @Test(arguments: badKeysAndTypes) func keysAndTypes(_ input: BadInput) { input.check() }

  static let badLcores = [
    BadInput("lcores: {main: «1024}", "lcores.main: '1024' is out of range; write a whole number from 0 to 1023"),
    BadInput("lcores: {main: «-1}", "'-1' is out of range"),
    BadInput("lcores: {workers: «1}", "lcores.workers: is '1'; write a list of lcores such as [1, 2]"),
    BadInput("lcores: {workers: «[]}", "lcores.workers: is empty; name at least one lcore"),
    BadInput("lcores: {workers: [1, «x]}", "lcores.workers[1]: 'x' is no number"),
    BadInput("lcores: {workers: [1,\n 2, «1]}", "lcore 1 is a worker already (line 1); name each lcore once"),
    BadInput("lcores: {main: 3, workers: [1, «3]}", "lcore 3 is main and a worker"),
    BadInput("lcores: {workers: [«0]}", "lcore 0 is main and a worker"),
    BadInput("lcores: {main: «1}", "lcore 1 is main and the worker where 'workers' names none"),
    BadInput("lcores: {idle-sleep-us: «1000001}", "is out of range; write a whole number from 0 to 1000000"),
    BadInput.withPorts("lcores: {workers: [«{lcore: 1}]}", "'queues' is missing; add it, such as 'queues: ["),
    BadInput.withPorts("lcores: {workers: [«{queues: [core/0]}]}", "'lcore' is missing"),
    BadInput.withPorts("lcores: {workers: [{lcore: 1, queues: «[]}]}", "is empty; name a queue"),
    BadInput.withPorts(
      "lcores: {workers: [{lcore: 1, queues: [«core]}]}", "'core' is no receive queue; write PORT/QUEUE"),
    BadInput.withPorts("lcores: {workers: [{lcore: 1, queues: [«core/-1]}]}", "is no receive queue"),
    BadInput.withPorts(
      "lcores: {workers: [{lcore: 1, queues: [core/0]}, {lcore: 2, queues: [«core/0]}]}",
      "lcores.workers[1].queues[0]: queue 'core/0' is pinned already (line 5)"),
    BadInput.withPorts(
      "lcores: {workers: [{lcore: 1, queues: [«cor/0]}]}", "there is no port 'cor'; did you mean 'core'?"),
    BadInput.withPorts("lcores: {workers: [{lcore: 1, queues: [core/0]}, «2]}", "workers[1]: is '2'; write a mapping"),
    BadInput(
      "ports: {p: {device: a, rx-queues: 2}}\nlcores: {workers: [{lcore: 1, queues: [p/1, «p/2]}]}",
      "port p has rx-queues: 2, so its last queue is 1"),
    BadInput(
      "ports: {p: {device: a}, v: {parent: p, vlan: 5}}\nlcores: {workers: [{lcore: 1, queues: [«v/0]}]}",
      "port v is a VLAN of p and has no queues; write 'p/0'"),
  ]

  @Test(arguments: badLcores) func lcores(_ input: BadInput) { input.check() }

  static let badVRFs = [
    BadInput("vrfs: {main: {«table: 5}}", "vrfs.main.table: main is the main table, whose number is 254"),
    BadInput("vrfs: {«red: {}}", "vrfs.red: 'table' is missing; add it, such as 'table: 100'"),
    BadInput("vrfs: {red: «5}", "vrfs.red: is '5'; write a mapping with the keys table"),
    BadInput("vrfs: {red: {«tabel: 5}}", "unknown key 'tabel'; did you mean 'table'?"),
    BadInput("vrfs: {red: {table: 7, fallback: «blue}}", "'blue' cannot be fallen back to; write main"),
    BadInput("vrfs: {red: {table: «0}}", "table 0 is the kernel's RT_TABLE_UNSPEC"),
    BadInput("vrfs: {red: {table: «254}}", "vrfs.red.table: table 254 is the kernel's RT_TABLE_MAIN"),
    BadInput("vrfs: {a: {table: «253}, b: {table: «255}}", "RT_TABLE_DEFAULT", "RT_TABLE_LOCAL"),
    BadInput("vrfs: {red: {table: «4294967296}}", "is out of range; write a whole number from 0 to 4294967295"),
    BadInput(
      "vrfs:\n  red: {table: 100}\n  blue: {table: «100}",
      "table 100 is already bound to VRF red (line 2); a table belongs to one VRF only"),
    BadInput("vrfs: {«\"a b\": {table: 5}}", "'a b' is no name for a VRF; use 1 to 64 letters"),
    BadInput("vrfs: {«\"\": {table: 5}}", "'' is no name for a VRF"),
    BadInput("vrfs: {«é: {table: 5}}", "'é' is no name for a VRF"),
    BadInput("vrfs: {«\(String(repeating: "x", count: 65)): {table: 5}}", "is no name for a VRF"),
  ]

  @Test(arguments: badVRFs) func vrfs(_ input: BadInput) { input.check() }

  static let badHost = [
    BadInput(
      "api: {socket: «\(String(repeating: "s", count: 108))}", "api.socket: a Unix socket's path has at most 107"),
    BadInput("api: {listen: «8443}", "api.listen: '8443' is none; write an address and a port, such as 127.0.0.1:8443"),
    BadInput(
      "api: {token-file: t, listen: [«localhost:1, «127.0.0.1:0, «\"::1:8443\"]}", "'localhost:1' is none",
      "'127.0.0.1:0' is none", "'::1:8443' is none"),
    BadInput("api: {token-file: t, listen: [127.0.0.1:1, «127.0.0.1:1]}", "127.0.0.1:1 is there already"),
    BadInput(
      "api: {listen: «127.0.0.1:8443}", "everybody could change this node by TCP: add 'token-file', or 'tls' with"),
    BadInput(
      "api: {listen: «127.0.0.1:8443, tls: {certificate: c, key: k}}", "everybody could change this node by TCP"),
    BadInput(
      "api: {listen: «192.0.2.1:8443, token-file: t}", "the token would cross the network readable by all: add 'tls'"),
    BadInput("api: {listen: «\"[::]:8443\", token-file: t}", "or listen at 127.0.0.1 or [::1] only"),
    BadInput(
      "api: {tls: «{certificate: c}}", "api.tls: 'key' is missing; add it, such as 'key: /etc/needletail/key.pem'"),
    BadInput("api: {tls: {«ca: c, certificate: c, key: k}}", "unknown key 'ca'"),
    BadInput("srv6: {encap-source: «10.0.0.1}", "'10.0.0.1' is no IPv6 address"),
    BadInput("srv6: {encap-source: «\"ff02::1\"}", "ff02::1 is a multicast address; write a global address"),
    BadInput("srv6: {encap-source: «\"fe80::1\"}", "fe80::1 is a link-local address"),
    BadInput("srv6: {encap-source: «\"::\"}", ":: is the unspecified address"),
  ]

  @Test(arguments: badHost) func host(_ input: BadInput) { input.check() }

  @Test func longestNamesAndLargestNumbersAreTaken() {
    let name = String(repeating: "x", count: 64)
    #expect(diagnostics("vrfs: {\(name): {table: 4294967295}, a_.:-Z9: {table: 1}}").isEmpty)
    #expect(diagnostics("api: {token-file: t, listen: [127.0.0.2:65535, '[::1]:1']}").isEmpty)
    #expect(diagnostics("api: {listen: '[::]:1', tls: {certificate: c, key: k, client-ca: a}}").isEmpty)
    #expect(diagnostics("api: {token-file: t, listen: 0.0.0.0:1, tls: {certificate: c, key: k}}").isEmpty)
    #expect(diagnostics("dpdk: {mbufs: 512}\nlcores: {main: 1023, workers: [0]}").isEmpty)
  }
}
