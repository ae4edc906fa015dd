"""The stream of events, `monitor`, and listings in pages."""

import copy
import json
import os
import pathlib
import pty
import select
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import wait_for
from live import Live
from node import CONFIGURATION, DT4, RED_PEER
from process import Process

PORTS = {key: copy.deepcopy(CONFIGURATION[key]) for key in ("ports", "vrfs")}
for _port in PORTS["ports"].values():
    if "device" in _port:
        _port["device"] += ",no-rx=1"


@pytest.fixture
def process(forwarder):
    """A forwarder that runs with ports and VRFs alone."""
    return forwarder(PORTS)


@pytest.fixture
def live(process, tmp_path):
    """A connection to its API."""
    connection = Live(tmp_path / "api.sock")
    yield connection
    connection.close()


@pytest.fixture
def monitor(process, binary, tmp_path):
    """Starts `monitor WORDS`, and waits until it listens."""
    started = []

    def start(*words):
        name = f"monitor-{len(started)}"
        child = Process(name, [binary, "monitor", "--socket", str(tmp_path / "api.sock"), *words], str(tmp_path))
        started.append(child)
        if "--json" in words:
            child.wait_for('"event":"begin"')
        return child

    yield start
    for child in started:
        child.kill()


def resident(process):
    """Bytes of memory that a process has."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) << 10


def events(child):
    """The events that a monitor has printed as JSON, but for the signs of life."""
    whole = child.output.rpartition("\n")[0]
    lines = [json.loads(line) for line in whole.splitlines()]
    return [line for line in lines if line["event"] != "heartbeat"]


def test_every_change_is_an_event(live, monitor):
    child = monitor("--json")
    first = live.batch(["route add 10.0.0.0/8 vrf red via 10.254.0.2 dev ce-red", f"sid add {DT4} behavior End.DT4 vrf red"])
    live.batch(["route replace blackhole 10.0.0.0/8 vrf red"])
    live.batch([f"neighbor add 10.254.0.2 lladdr {RED_PEER} dev ce-red"])
    live.batch(["route del 10.0.0.0/8 vrf red", f"sid del {DT4}"])
    wait_for(lambda: sum(event.get("change") == "deleted" for event in events(child)) == 2)
    seen = events(child)
    begin = seen.pop(0)
    assert begin == {"event": "begin", "revision": first["revision"] - 1}
    revision = begin["revision"]
    route = {"event": "route", "vrf": "red", "prefix": "10.0.0.0/8", "source": "api", "metric": 0}
    sid = {"event": "sid", "sid": DT4, "action": "End.DT4 vrf red"}
    neighbor = {"event": "neighbor", "port": "ce-red", "address": "10.254.0.2", "mac": RED_PEER, "state": "permanent"}
    order = lambda event: json.dumps(event, sort_keys=True)  # noqa: E731
    assert sorted(seen, key=order) == sorted(
        [
            {**sid, "change": "added", "revision": revision + 1},
            {**route, "change": "added", "action": "via 10.254.0.2 port ce-red", "revision": revision + 1},
            {**route, "change": "replaced", "action": "blackhole", "revision": revision + 2},
            {**neighbor, "change": "added", "revision": revision + 3},
            {**sid, "change": "deleted", "revision": revision + 4},
            {**route, "change": "deleted", "action": "blackhole", "revision": revision + 4},
        ],
        key=order,
    )


def test_a_refused_change_is_no_event(live, monitor):
    child = monitor("--json", "route")
    assert live.ask("POST", "/v1/batch", b"route add 10.0.0.0/8 vrf red via 10.254.0.2\nroute add 10.9.0.0/16 dev nowhere\n")[0] == 422
    live.batch(["route add 10.1.0.0/16 vrf red via 10.254.0.2"])
    wait_for(lambda: len(events(child)) == 2)
    assert events(child)[1]["prefix"] == "10.1.0.0/16"


def test_words_for_people_and_only_what_was_asked_for(live, monitor):
    child = monitor("sid", "route")
    marker = "route {} 192.0.2.0/24 vrf blue via 10.254.0.2 dev ce-blue"

    def listens():
        live.batch([marker.format("add")])
        live.batch(["route del 192.0.2.0/24 vrf blue"])
        return child.output

    wait_for(listens)
    live.batch([f"neighbor add 10.254.0.2 lladdr {RED_PEER} dev ce-red", f"sid add {DT4} behavior End.DT4 vrf red"])
    live.batch([f"sid replace {DT4} behavior End.DT46 vrf red"])
    wait_for(lambda: "End.DT46" in child.output)
    lines = child.output.splitlines()
    assert "[ROUTE] 192.0.2.0/24 vrf blue via 10.254.0.2 port ce-blue source api metric 0" in lines
    assert any(line.startswith("[ROUTE] Deleted 192.0.2.0/24 vrf blue via 10.254.0.2") for line in lines)
    assert lines[-2:] == [f"[SID] {DT4} End.DT4 vrf red", f"[SID] Replaced {DT4} End.DT46 vrf red"]
    assert not any("NEIGHBOR" in line for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_monitor_ends_at_a_signal(monitor, number):
    child = monitor("--json")
    child.child.send_signal(number)
    assert (child.wait(), child.log) == (0, "")


def test_monitor_ends_with_the_forwarder(process, monitor, tmp_path):
    child = monitor("--json")
    process.stop()
    assert child.wait() == 1
    assert child.log == f"needletail: error: the needletail at {tmp_path}/api.sock has stopped\n"
    assert events(child)[-1]["event"] == "end"


def test_monitor_says_when_the_forwarder_dies(process, monitor, tmp_path):
    child = monitor("--json")
    process.child.kill()
    assert child.wait() == 1
    assert child.log.startswith(f"needletail: error: no good answer from {tmp_path}/api.sock: it closed the connection")


def test_who_never_reads_costs_nothing_but_its_queue(process, live, tmp_path, monitor):
    def listen():
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(tmp_path / "api.sock"))
        client.sendall(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n")
        return client

    def churn(verb):
        for step in range(20):
            tail = " via 10.254.0.2 dev ce-red" if verb == "add" else ""
            live.batch([f"route {verb} {11 + step}.{n >> 8}.{n & 255}.0/24 vrf red{tail}" for n in range(5000)])

    # What routes take once they have been there stays.
    churn("add")
    churn("del")
    before = resident(process)
    began = time.monotonic()
    deaf = [listen() for _ in range(4)]
    child = monitor("--json", "route")
    churn("add")
    churn("del")
    grown = resident(process) - before
    assert grown < 4 * (6 << 20) + (16 << 20), grown
    # Who reads, however much comes at once, knows what it missed.
    wait_for(lambda: len(events(child)) + sum(e.get("count", 0) for e in events(child)) >= 200_000, 60)
    assert live.ask("GET", "/v1/ports")[0] == 200
    for client in deaf:
        client.settimeout(10)
        text = b""
        while b'"event":"lost"' not in text:
            part = client.recv(1 << 20)
            if not part:
                # Who takes nothing for 30 seconds is disconnected.
                assert time.monotonic() - began > 30
                break
            text = text[-100:] + part
        client.close()


# MARK: pages


def add_routes(live, count):
    """Routes in red: as many lines of `show`."""
    live.batch([f"route add {11 + (n >> 16)}.{n >> 8 & 255}.{n & 255}.0/24 vrf red via 10.254.0.2 dev ce-red" for n in range(count)])


def test_long_listings_come_in_pages(live, cli, tmp_path):
    few = cli("show", "routes", "--socket", tmp_path / "api.sock").stdout.splitlines()
    add_routes(live, 20_000)
    shown = cli("show", "routes", "--socket", tmp_path / "api.sock")
    lines = shown.stdout.splitlines()
    assert (shown.returncode, shown.stderr, len(lines)) == (0, "", len(few) + 20_000)
    prefixes = [line.split()[2] for line in lines if line.startswith("red ")]
    assert prefixes == sorted(set(prefixes), key=prefixes.index) and "11.0.0.0/24" in prefixes and "11.78.31.0/24" in prefixes
    assert len({line.index("10.254.0.2") for line in lines[1:] if "port ce-red" in line and "via" in line}) == 1
    rows = json.loads(cli("show", "routes", "--json", "--socket", tmp_path / "api.sock").stdout)
    assert [row["prefix"] for row in rows if row["vrf"] == "red"] == prefixes


def test_a_listing_can_change_while_it_is_shown(live, cli, tmp_path):
    add_routes(live, 30_000)
    stop = threading.Event()

    def churn():
        connection = Live(tmp_path / "api.sock")
        lines = [f"10.{n >> 8}.{n & 255}.0/24 vrf red" for n in range(10_000)]
        while not stop.is_set():
            connection.batch([f"route add {line} via 10.254.0.2 dev ce-red" for line in lines])
            connection.batch([f"route del {line}" for line in lines])
        connection.close()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(3):
            lines = cli("show", "routes", "--vrf", "red", "--socket", tmp_path / "api.sock").stdout.splitlines()[1:]
            prefixes = [line.split()[2] for line in lines]
            assert len(prefixes) == len(set(prefixes))
            stays = [prefix for prefix in prefixes if prefix.endswith(".0/24") and not prefix.startswith("10.")]
            assert len(stays) == 30_000
    finally:
        stop.set()
        thread.join()


def test_readers_that_have_seen_enough(live, binary, tmp_path):
    add_routes(live, 20_000)
    command = f"{binary} show routes --socket {tmp_path}/api.sock"
    for words in (command, f"{command} --json"):
        result = subprocess.run(["bash", "-c", f"{words} | head -c 100"], capture_output=True, text=True)
        assert (result.returncode, result.stderr, len(result.stdout)) == (0, "", 100)


def on_terminal(words, environment):
    """What a command writes to a terminal of 24 lines."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(words[0], words, {**os.environ, **environment})
    text = b""
    while select.select([terminal], [], [], 30)[0]:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not part:
            break
        text += part
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return status, text.decode()


def test_a_terminal_gets_a_pager(live, binary, tmp_path):
    add_routes(live, 500)
    routes = [binary, "show", "routes", "--socket", str(tmp_path / "api.sock")]
    ports = [binary, "show", "lcores", "--socket", str(tmp_path / "api.sock")]
    pager = {"PAGER": f"cat > {tmp_path}/paged; echo paged $LESS", "TERM": "dumb"}
    status, text = on_terminal(routes, pager)
    assert (status, text.split()) == (0, ["paged", "FRX"])
    assert len((tmp_path / "paged").read_text().splitlines()) > 500
    # What is short, or is not to be paged, stands there.
    status, text = on_terminal(ports, pager)
    assert status == 0 and text.startswith("LCORE") and "paged" not in text
    for words, environment in (([*routes, "--no-pager"], pager), (routes, {"PAGER": "cat"})):
        status, text = on_terminal(words, environment)
        assert status == 0 and text.startswith("VRF") and "11.0.1.0/24" in text and "paged" not in text
    # One that ends early ends it.
    status, text = on_terminal(routes, {"PAGER": "head -1"})
    assert status == 0 and text.count("\n") == 1
