"""Changes while it runs: verbs, batches, `apply`, and that a refused change changes nothing."""

import copy
import json
import random
import socket

import pytest

from live import Live
from node import BLUE_DT4, CONFIGURATION, DT4, RED_PEER

PORTS = copy.deepcopy({key: CONFIGURATION[key] for key in ("ports", "vrfs")})
for _port in PORTS["ports"].values():
    if "device" in _port:
        _port["device"] += ",no-rx=1"
# What `apply` may change; what it may not comes from the file that the process was started with.
CHANGEABLE = ("sids", "routes", "neighbors")


@pytest.fixture
def node(forwarder, cli, tmp_path):
    """A forwarder that runs with ports and VRFs alone."""
    return Node(forwarder(PORTS), cli, tmp_path)


class Node:
    """A forwarder, and the commands that change it."""

    def __init__(self, process, cli, folder):
        self.process = process
        self.cli = cli
        self.folder = folder
        self.started = json.loads(process.configuration.read_text())

    def command(self, *words):
        """A command of the API's, run to its end; the options stand before the words."""
        return self.cli(words[0], "--socket", self.folder / "api.sock", *words[1:], seconds=120)

    def do(self, *words):
        """A command that succeeds: what it prints."""
        result = self.command(*words)
        assert (result.returncode, result.stderr) == (0, ""), (words, result.stderr)
        return result.stdout

    def refuse(self, *words):
        """A command that fails and changes nothing: its messages."""
        before = self.state()
        result = self.command(*words)
        assert result.returncode != 0 and result.stdout == "", result.stdout
        lines = result.stderr.splitlines()
        assert lines and all(line.startswith("needletail: error: ") for line in lines), result.stderr
        assert self.state() == before
        return [line.removeprefix("needletail: error: ") for line in lines]

    def write(self, text, name="new"):
        """A file of that text."""
        path = self.folder / name
        path.write_text(text)
        return path

    def file(self, **sections):
        """A configuration file of the same ports, with these sections; each has a name of its own."""
        name = f"new-{len(list(self.folder.glob('new-*')))}.yaml"
        return self.write(json.dumps({**self.started, **sections}, indent=1), name)

    def state(self):
        """Routes, SIDs and static neighbours as they are now, in an order of their own, without counters."""
        counters = ("packets", "bytes", "errors")
        shown = {what: self.process.show(what) for what in ("routes", "sids", "neighbors")}
        shown["neighbors"] = [row for row in shown["neighbors"] if row["state"] == "permanent"]
        return {
            what: sorted(json.dumps({k: v for k, v in row.items() if k not in counters}) for row in rows)
            for what, rows in shown.items()
        }

    def routes(self, prefix):
        """What becomes of packets to a prefix, by VRF."""
        return {row["vrf"]: row["action"] for row in self.process.show("routes") if row["prefix"] == prefix and row["best"]}

    def sids(self):
        """The behaviours of the SIDs."""
        return {row["sid"]: row["behavior"] for row in self.process.show("sids")}

    def ask(self, method, path, body=None):
        """A request as curl would make it: the status and the JSON."""
        connection = Live(self.folder / "api.sock")
        try:
            return connection.ask(method, path, body)
        finally:
            connection.close()


def test_verbs(node):
    empty = node.state()
    assert node.do("route", "add", "10.0.0.0/8", "vrf", "red", "via", "10.254.0.2", "dev", "ce-red") == ""
    assert node.routes("10.0.0.0/8") == {"red": "via 10.254.0.2 port ce-red"}
    node.do("route", "replace", "10.0.0.0/8", "vrf", "red", "via", "10.254.0.9")
    assert node.routes("10.0.0.0/8") == {"red": "via 10.254.0.9 port ce-red"}
    node.do("route", "change", "blackhole", "10.0.0.0/8", "table", "100")
    assert node.routes("10.0.0.0/8") == {"red": "blackhole"}
    node.do("route", "-6", "add", "default", "via", "fe80::1", "dev", "core")
    assert node.routes("::/0")["main"] == "via fe80::1 port core"
    node.do("sid", "add", DT4, "behavior", "End.DT4", "vrf", "red")
    node.do("sid", "replace", DT4, "behavior", "End.DT46", "vrf", "blue")
    node.do("route", "add", BLUE_DT4, "encap", "seg6local", "action", "End.DT4", "vrftable", "200", "dev", "blue")
    assert node.sids() == {DT4: "End.DT46", BLUE_DT4: "End.DT4"}
    for command in ("neighbor", "neigh", "neighbour"):
        node.do(command, "replace", "10.254.0.2", "lladdr", RED_PEER, "dev", "ce-red")
    assert any(row["mac"] == RED_PEER and row["state"] == "permanent" for row in node.process.show("neighbors"))
    node.do("neighbor", "del", "10.254.0.2", "dev", "ce-red")
    for words in (["route", "del", "10.0.0.0/8", "vrf", "red"], ["route", "-6", "del", "default"], ["sid", "del", DT4]):
        node.do(*words)
        node.refuse(*words)
    node.do("route", "del", BLUE_DT4)
    assert node.state() == empty


def test_a_verb_says_as_json_what_it_did(node):
    words = ["sid", "--json", "add", DT4, "behavior", "End.DT4", "vrf", "red"]
    report = json.loads(node.do(*words))
    assert (report["added"], report["replaced"], report["deleted"], report["changes"]) == (1, 0, 0, [])
    words[2] = "replace"
    words[-1] = "blue"
    again = json.loads(node.do(*words))
    assert (again["added"], again["replaced"], again["deleted"]) == (0, 1, 0)
    assert again["revision"] > report["revision"]


def test_a_refused_verb_names_the_word(node):
    assert node.refuse("route", "add", "10.0.0.0/8", "dev", "nowhere")[0].startswith(
        "arguments:1:26: there is no port 'nowhere'"
    )
    assert node.refuse("sid", "add", DT4, "behavior", "End.DT4", "vrf", "green")[0].startswith(
        f"arguments:1:{len(f'sid add {DT4} behavior End.DT4 vrf ') + 1}: vrf: there is no VRF 'green'"
    )
    assert "cannot stand in a line" in node.refuse("route", "add", "10.0.0.0/8\nroute add default", "dev", "core")[0]


def test_strict_mode(node):
    assert "no VRF has table 101" in node.refuse(
        "route", "add", DT4, "encap", "seg6local", "action", "End.DT4", "vrftable", "101"
    )[0]
    green = {**PORTS["vrfs"], "green": {"table": 100}}
    assert "table 100 is already bound to VRF red" in node.refuse("apply", "-c", node.file(vrfs=green))[0]
    blue = {"blue": PORTS["vrfs"]["blue"]}
    # Ports of red are still there.
    assert "there is no VRF 'red'" in node.refuse("apply", "-c", node.file(vrfs=blue))[0]


def test_a_batch_is_all_or_nothing(node):
    good = [f"route add 10.{n >> 8 & 255}.{n & 255}.0/24 vrf red via 10.254.0.2" for n in range(65536)]
    good += [f"sid add fc00:9::{n:x} behavior End.DT4 vrf blue" for n in range(34464)]
    bad = [*good]
    bad[77_000] = "sid add fc00:9::1:1 behavior End.DT4 vrf bleu"
    path = node.write("\n".join(bad), "bad")
    assert node.refuse("batch", path) == [
        f"{path}:77001:{bad[77_000].index('bleu') + 1}: vrf: there is no VRF 'bleu'; did you mean 'blue'?"
    ]
    random.Random(5).shuffle(good)
    report = json.loads(node.do("batch", "--json", node.write("\n".join(good), "good")))
    assert (report["added"], report["replaced"], report["deleted"]) == (100_000, 0, 0)
    status, page = node.ask("GET", "/v1/sids?limit=1")
    assert (status, page["total"]) == (200, 34464)
    back = [line.replace("add", "del", 1) for line in good]
    report = json.loads(node.do("batch", "--json", node.write("\n".join(back), "back")))
    assert (report["added"], report["replaced"], report["deleted"]) == (0, 0, 100_000)


def test_a_change_that_undoes_itself(node):
    before = node.state()
    line = f"sid add {DT4} behavior End.DT4 vrf red\n"
    node.do("batch", node.write(line + line.replace("add", "del", 1)))
    assert node.state() == before


def test_every_refused_line_is_named(node):
    path = node.write("route add 10.0.0.0/8 dev nowhere\n# fine\n\nfrobnicate\n", "lines")
    places = [message.removeprefix(f"{path}:").split(": ")[0] for message in node.refuse("batch", path)]
    assert places == ["1:26", "4:1"]


def test_apply_and_its_difference(node):
    whole = node.file(**{key: CONFIGURATION[key] for key in CHANGEABLE})
    added = sum(len(CONFIGURATION[key]) for key in CHANGEABLE)
    before = node.state()
    lines = node.do("apply", "--diff", "-c", whole).splitlines()
    assert len(lines) == added and all(line.startswith("+ ") for line in lines), lines
    assert node.state() == before
    assert node.do("apply", "-c", whole) == f"applied: {added} added, 0 replaced, 0 deleted\n"
    after = node.state()
    assert node.do("apply", "-c", whole) == "applied: 0 added, 0 replaced, 0 deleted\n"
    assert node.do("apply", "--diff", "-c", whole) == ""
    # Less one SID, with another gateway, and with a route by a batch.
    sids = CONFIGURATION["sids"][1:]
    routes = copy.deepcopy(CONFIGURATION["routes"])
    routes[0]["via"] = "10.254.0.7"
    changed = node.file(sids=sids, routes=routes, neighbors=CONFIGURATION["neighbors"])
    batch = node.write("route add 10.99.0.0/16 vrf blue via 10.254.0.2", "lines")
    words = ["apply", "-c", changed, "--batch", batch]
    lines = node.do(*words, "--diff").splitlines()
    assert sorted(line[:2] for line in lines) == ["+ ", "- ", "~ "], lines
    assert f"- sid {DT4}" in [line[: len(f"- sid {DT4}")] for line in lines]
    assert node.do(*words) == "applied: 1 added, 1 replaced, 1 deleted\n"
    assert node.routes("10.0.0.0/8")["red"] == "via 10.254.0.7 port ce-red" and DT4 not in node.sids()
    # What verbs have added goes as well.
    node.do("sid", "add", DT4, "behavior", "End", "flavors", "psp")
    report = json.loads(node.do("apply", "--json", "-c", whole))
    assert (report["added"], report["replaced"], report["deleted"]) == (0, 2, 1)
    assert node.state() == after


def test_order_in_a_configuration_never_matters(node):
    whole = {key: list(CONFIGURATION[key]) for key in CHANGEABLE}
    node.do("apply", "-c", node.file(**whole))
    state = node.state()
    order = random.Random(7)
    for _ in range(5):
        sections = list(whole)
        order.shuffle(sections)
        for section in sections:
            order.shuffle(whole[section])
        shuffled = node.file(**{section: whole[section] for section in sections})
        assert node.do("apply", "--diff", "-c", shuffled) == ""
        node.do("apply", "-c", node.file())
        node.do("apply", "-c", shuffled)
        assert node.state() == state


def test_a_vrf_comes_with_what_names_it_and_goes_with_it(node):
    before = node.state()
    green = {**PORTS["vrfs"], "green": {"table": 300}}
    sids = [{"sid": DT4, "behavior": "End.DT4", "vrf": "green"}]
    routes = [{"vrf": "green", "prefix": "10.0.0.0/8", "type": "blackhole"}]
    assert node.do("apply", "-c", node.file(vrfs=green, sids=sids, routes=routes)) == "applied: 3 added, 0 replaced, 0 deleted\n"
    assert node.routes("10.0.0.0/8") == {"green": "blackhole"} and node.sids() == {DT4: "End.DT4"}
    node.do("route", "add", "10.9.0.0/16", "vrf", "green", "via", "10.254.0.2", "dev", "ce-red")
    # Without the VRF, what names it has no place.
    assert "there is no VRF 'green'" in node.refuse("apply", "-c", node.file(sids=sids))[0]
    assert node.do("apply", "-c", node.file()) == "applied: 0 added, 0 replaced, 4 deleted\n"
    assert node.state() == before
    assert "there is no VRF 'green'" in node.refuse("sid", "add", DT4, "behavior", "End.DT4", "vrf", "green")[0]


def test_apply_reports_every_error_of_a_file(node):
    text = node.file().read_text()
    sections = ',\n"sids": [\n{"sid": "ff02::1", "behavior": "End"},\n{"sid": "fc00::1", "behavior": "End.Y"}],\n"roads": []}\n'
    faulty = node.write(text[: text.rindex("\n}")] + sections, "faulty.yaml")
    last = len(faulty.read_text().splitlines())
    messages = node.refuse("apply", "-c", faulty)
    places = [message.removeprefix(f"{faulty}:").split(":")[0] for message in messages]
    assert places == [str(last - 2), str(last - 1), str(last)], messages
    assert "nowhere.yaml: cannot be opened" in node.refuse("apply", "-c", "nowhere.yaml")[0]


@pytest.mark.parametrize("section", ["ports", "lcores", "dpdk"])
def test_what_needs_a_restart_is_refused(node, section):
    changed = copy.deepcopy(node.started)
    if section == "ports":
        changed["ports"]["core"]["rx-queues"] = 2
    elif section == "lcores":
        changed["lcores"]["idle-sleep-us"] = 50
    else:
        changed["dpdk"]["mbufs"] = 8192
    messages = node.refuse("apply", "-c", node.write(json.dumps(changed), "other.yaml"))
    assert any(section in message and "restart" in message for message in messages), messages


def test_without_a_forwarder(cli, tmp_path):
    (tmp_path / "node.yaml").write_text(json.dumps(PORTS))
    for words in (["route", "add", "default", "dev", "core"], ["sid", "del", DT4], ["apply", "-c", tmp_path / "node.yaml"]):
        result = cli(words[0], "--socket", tmp_path / "no.sock", *words[1:])
        assert result.returncode != 0
        assert result.stderr.startswith(f"needletail: error: no needletail is running at {tmp_path}/no.sock"), result.stderr


# MARK: the API as others use it


def test_the_api_answers_with_statuses(node):
    status, report = node.ask("POST", "/v1/batch?file=mine", "route add 10.0.0.0/8 vrf red via 10.254.0.2\n")
    assert (status, report["added"]) == (200, 1)
    status, problem = node.ask("POST", "/v1/batch?file=mine", "\nroute add 10.0.0.0/8 dev nowhere\nx\n")
    assert status == 422 and problem["error"] == problem["errors"][0] and len(problem["errors"]) == 2
    assert problem["error"].startswith("mine:2:26: ")
    for path, body in (("/v1/batch", b"\xff"), ("/v1/apply", b"{"), ("/v1/apply", b'{"configuration": "", "dryrun": true}')):
        status, problem = node.ask("POST", path, body)
        assert status == 400 and problem["error"], body
    assert node.ask("GET", "/v1/batch")[0] == 405
    status, document = node.ask("GET", "/v1/openapi.json")
    assert status == 200 and document["openapi"].startswith("3.1.") and "/v1/apply" in document["paths"]


def test_large_bodies(node):
    comment = b"#" * (64 << 10) + b"\n"
    status, report = node.ask("POST", "/v1/batch", comment * 160 + b"route add 10.0.0.0/8 vrf red via 10.254.0.2\n")
    assert (status, report["added"]) == (200, 1)
    assert node.ask("POST", "/v1/ports", comment)[0] == 413
    # A client that dies in the middle leaves its place to the next.
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(node.folder / "api.sock"))
            client.sendall(b"POST /v1/batch HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n" + comment)
    assert node.ask("POST", "/v1/batch", comment * 16)[0] == 200
