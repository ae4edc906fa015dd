"""Sources besides the users: a routing daemon gives routes, dies, comes back and sweeps, and no packet is lost."""

import json
import time

import pytest
import test_live
from test_state_file import Client, kill_at_random

import node as network
import packets
from conftest import wait_for
from live import Live

# The same without what a routing daemon gives.
PLAIN = {**network.CONFIGURATION, "routes": [], "sids": network.CONFIGURATION["sids"][:1]}


def without_traffic(configuration):
    """The configuration on ports that receive nothing."""
    ports = {
        name: {**port, "device": port["device"] + ",no-rx=1"} if "device" in port else port
        for name, port in configuration["ports"].items()
    }
    return {**configuration, "ports": ports}


class Node(test_live.Node):
    """A forwarder, and the commands that change it."""

    def command(self, *words):
        if words[0] not in ("source", "show"):
            return super().command(*words)
        # The options are those of the word behind.
        return self.cli(*words[:2], "--socket", self.folder / "api.sock", *words[2:])


@pytest.fixture
def node(forwarder, cli, tmp_path):
    """A forwarder that runs with few entries of its users'."""
    return Node(forwarder(without_traffic(PLAIN)), cli, tmp_path)


def source(node, name):
    """The row of a source in `show sources`."""
    return next(row for row in node.process.show("sources") if row.get("name", row["source"]) == name)


def given(process, name="bgp"):
    """The routes of a protocol: prefix and action."""
    return {row["prefix"]: row["action"] for row in process.show("routes") if row.get("name") == name}


def test_a_source_begins_gives_gets_lost_and_sweeps(node):
    lines = node.write("route add 10.1.0.0/16 vrf red via 10.254.0.2\nroute add 10.2.0.0/16 vrf red via 10.254.0.2 proto bgp\n")
    assert node.do("source", "begin", "bgp", "--hold", "600", "--preference", "150") == ""
    node.do("batch", "--source", "protocol", "--name", "bgp", lines)
    row = source(node, "bgp")
    assert (row["preference"], row["epoch"], row["routes"], row["stale"], row["hold"]) == (150, 1, 2, 0, 600)
    assert not row["lost"] and "sweep" not in row
    node.do("source", "lost", "bgp")
    row = source(node, "bgp")
    assert row["lost"] and row["stale"] == 2 and 590 < row["sweep"] <= 600
    assert all(row["stale"] for row in node.process.show("routes") if row.get("name") == "bgp")
    text = node.do("show", "routes", "--vrf", "red")
    assert [line.split()[3] for line in text.splitlines() if "stale" in line] == ["bgp", "bgp"], text
    assert "is lost; it has to begin anew" in node.refuse("batch", "--source", "protocol", "--name", "bgp", lines)[0]
    node.do("source", "begin", "bgp")
    node.do("batch", "--source", "protocol", "--name", "bgp", node.write("route add 10.2.0.0/16 vrf red via 10.254.0.2", "again"))
    assert (source(node, "bgp")["epoch"], source(node, "bgp")["stale"]) == (2, 1)
    report = json.loads(node.do("source", "sweep", "bgp", "--json"))
    assert (report["deleted"], given(node.process)) == (1, {"10.2.0.0/16": "via 10.254.0.2 port ce-red"})
    header, *rows = node.do("show", "sources").splitlines()
    assert header.split()[:4] == ["SOURCE", "NAME", "PREFERENCE", "EPOCH"]
    assert [row.split()[:2] for row in rows] == [["static", "10"], ["api", "8"], ["protocol", "bgp"]]


def test_a_file_touches_nothing_of_others(node):
    node.do("batch", "--source", "kernel", node.write("route add 10.1.0.0/16 vrf red via 10.254.0.2\nsid add fc00:9::1 behavior End.DT4 vrf red"))
    assert node.do("apply", "--diff", "-c", node.process.configuration) == ""
    node.do("apply", "-c", node.process.configuration)
    assert source(node, "kernel")["routes"] == 1 and node.sids()["fc00:9::1"] == "End.DT4"
    assert next(row for row in node.process.show("sids") if row["sid"] == "fc00:9::1")["source"] == "kernel"


def test_a_vrf_and_a_port_may_come_later(node):
    lines = "route add 10.1.0.0/16 vrf green via 10.254.0.2 dev ce-red\nroute add 10.3.0.0/16 vrf red dev tomorrow\nroute add 10.4.0.0/16 vrf red via 10.99.0.1\n"
    node.do("batch", "--source", "protocol", "--name", "bgp", node.write(lines))
    assert source(node, "bgp")["parked"] == 3
    shown = {row["prefix"]: row.get("parked") for row in node.process.show("routes") if row.get("name") == "bgp"}
    assert shown == {"10.4.0.0/16": True}
    whole = json.loads(node.process.configuration.read_text())
    whole["vrfs"]["green"] = {"table": 300}
    node.do("apply", "-c", node.write(json.dumps(whole), "green.yaml"))
    assert source(node, "bgp")["parked"] == 2 and given(node.process)["10.1.0.0/16"] == "via 10.254.0.2 port ce-red"
    node.do("apply", "-c", node.process.configuration)
    assert source(node, "bgp")["parked"] == 3 and "10.1.0.0/16" not in given(node.process)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["batch", "--source", "static", "x"], "the sources that do are kernel and protocol"),
        (["batch", "--source", "protocol", "x"], "add 'name'"),
        (["batch", "--source", "kernel", "--name", "y", "x"], "has no name"),
        (["source", "begin", "static"], "a source itself"),
        (["source", "begin", "bgp", "--hold", "90000"], "hold is 90000; write 0 to 86400"),
        (["source", "begin", "bgp", "--preference", "1"], "preference is 1; write 3 to 249"),
        (["source", "sweep", "ospf"], "there is no source protocol ospf; there are: none"),
        (["source", "lost", "kernel"], "there is no source kernel"),
    ],
)
def test_what_is_refused_says_why(node, words, message):
    words = [node.write("route add 10.1.0.0/16 vrf red via 10.254.0.2") if word == "x" else word for word in words]
    assert message in node.refuse(*words)[0]


def test_no_packet_is_lost_while_a_daemon_restarts(forwarder, tmp_path):
    frames = [
        packets.ethernet(
            network.CORE_MAC, network.PEER_MAC, 0x86DD,
            packets.ipv6(
                network.SOURCE, network.DT4, 4,
                packets.ipv4("10.250.0.1", f"172.16.{number}.9", 17, packets.udp(1, 2, b"x" * 20)),
            ),
        )
        for number in range(50)
    ]
    packets.write_pcap(tmp_path / "in.pcap", frames)
    ports = without_traffic(PLAIN)["ports"]
    ports["core"] = {**ports["core"], "device": f"net_pcap0,rx_pcap={tmp_path}/in.pcap,infinite_rx=1"}
    process = forwarder({**PLAIN, "ports": ports})
    live = Live(tmp_path / "api.sock")

    def do(what, **settings):
        query = "&".join(f"{key}={value}" for key, value in {"source": "protocol", "name": "bgp", **settings}.items())
        status, answer = live.ask("POST", f"/v1/sources/{what}?{query}")
        assert status == 200, answer
        return answer

    def give(lines):
        status, answer = live.ask("POST", "/v1/batch?source=protocol&name=bgp", "\n".join(lines).encode())
        assert status == 200, answer
        return answer

    kept = [f"route add 172.16.{number}.0/24 vrf red via 10.254.0.2" for number in range(50)]
    gone = [f"route add 172.17.{number}.0/24 vrf red via 10.254.0.2" for number in range(50)]
    do("begin", hold=1)
    give([*kept, *gone, "route add 172.16.0.0/12 vrf red via 10.254.0.2"])
    # What a worker had in its hands is counted by then.
    time.sleep(0.2)
    before = process.show("drops")
    for round_ in range(3):
        do("lost")
        time.sleep(0.3)
        do("begin")
        for first in range(0, 50, 10):
            give(kept[first : first + 10])
        give([f"sid add fc00:0:1:{round_}:: behavior End.DT4 vrf red"])
        assert do("sweep")["deleted"] == (51 if round_ == 0 else 1)
    after = process.show("drops")
    assert after["received"] > before["received"] + 10_000
    assert after["drops"] == before["drops"]
    # Nobody comes back: what another source has takes over, packet by packet.
    live.batch(["route add 172.16.0.0/12 vrf red via 10.254.0.2"])
    do("lost")
    wait_for(lambda: not given(process))
    assert process.show("drops")["drops"] == before["drops"]
    summary = process.summary()
    assert summary["received"] == summary["transmitted"] + summary["punted"] + sum(summary["drops"].values())


class Daemon(Client):
    """Gives routes as a protocol, begins and sweeps; each time the forwarder is back, it begins anew."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.fresh = None

    def transaction(self):
        chance = self.random.random()
        if self.fresh is None or chance < 0.1:
            return ["begin"], self.known
        if chance < 0.3:
            return ["sweep"], {prefix: kind for prefix, kind in self.known.items() if prefix in self.fresh}
        return super().transaction()

    def send(self, live, lines):
        if lines[0] in ("begin", "sweep"):
            status, answer = live.ask("POST", f"/v1/sources/{lines[0]}?source=protocol&name=bgp")
        else:
            status, answer = live.ask("POST", "/v1/batch?source=protocol&name=bgp", "\n".join(lines).encode())
        assert status == 200, answer
        if lines == ["begin"]:
            self.fresh = set()
        elif lines == ["sweep"]:
            return
        for line in lines:
            words = line.split()
            if words[:2] == ["route", "replace"]:
                self.fresh.add(words[3])
            elif words[:2] == ["route", "del"]:
                self.fresh.discard(words[2])


def test_killed_at_any_instant_with_a_daemon(forwarder, tmp_path):
    def stale(process):
        rows = [row for row in process.show("routes") if row.get("name") == "bgp"]
        assert all(row["stale"] for row in rows)
        return {row["prefix"]: row["action"] for row in rows}

    kill_at_random(forwarder, tmp_path, Daemon, stale)


def test_what_a_daemon_gave_is_resumed_and_swept(forwarder, tmp_path):
    state = ["--state", tmp_path / "state"]
    process = forwarder(without_traffic(PLAIN), more=state)
    live = Live(tmp_path / "api.sock")
    assert live.ask("POST", "/v1/sources/begin?source=protocol&name=bgp&hold=2&preference=30")[0] == 200
    lines = b"route add 10.1.0.0/16 vrf red via 10.254.0.2\nsid add fc00:9::1 behavior End.DT4 vrf red\n"
    assert live.ask("POST", "/v1/batch?source=protocol&name=bgp", lines)[0] == 200
    live.batch(["route add blackhole 172.16.0.0/16 vrf red"])
    # The file begins anew with a configuration, and has what others gave all the same.
    live.configure(process.configuration.read_text(), batch="route add blackhole 172.17.0.0/16 vrf red")
    live.batch(["route add blackhole 172.18.0.0/16 vrf red"])
    process.kill()
    # Twice: what is resumed is written down compacted.
    for _ in range(2):
        process = forwarder(without_traffic(PLAIN), more=[*state, "--resume"])
        rows = {row["prefix"]: row for row in process.show("routes")}
        assert rows["10.1.0.0/16"]["stale"] and rows["10.1.0.0/16"]["preference"] == 30
        assert (rows["172.17.0.0/16"]["source"], rows["172.18.0.0/16"]["source"]) == ("static", "api")
        assert "172.16.0.0/16" not in rows
        row = next(row for row in process.show("sources") if row.get("name") == "bgp")
        assert row["lost"] and row["hold"] == 2 and row["sids"] == 1
        if _ == 0:
            process.kill()
    wait_for(lambda: not given(process))
    assert "fc00:9::1" not in {row["sid"] for row in process.show("sids")}
    process.kill()
    process = forwarder(without_traffic(PLAIN), more=[*state, "--resume"])
    assert given(process) == {}
