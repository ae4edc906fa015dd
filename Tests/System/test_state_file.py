"""The running state outlives the process: whatever instant it is killed at, what was acknowledged is there again."""

import json
import os
import random
import threading

import pytest

import node
from live import Live

# 200 for a long look.
KILLS = int(os.environ.get("NEEDLETAIL_KILLS", "10"))


def routes_of(process):
    """The routes that were added while it ran: prefix and action."""
    return {
        row["prefix"]: row["action"]
        for row in process.show("routes")
        if row["prefix"].startswith("172.") and row["source"] == "api"
    }


class Client(threading.Thread):
    """Changes routes at random until the forwarder is gone; keeps what was acknowledged, and the transaction that was not."""

    def __init__(self, path, known, seed):
        super().__init__(daemon=True)
        self.path, self.known = path, dict(known)
        self.random = random.Random(seed)
        self.pending = None

    def transaction(self):
        """Lines, and the routes after them."""
        after, lines = dict(self.known), []
        for _ in range(self.random.randint(1, 20)):
            prefix = f"172.16.{self.random.randrange(256)}.0/24"
            if prefix in after and self.random.random() < 0.4:
                del after[prefix]
                lines.append(f"route del {prefix} vrf red")
            else:
                kind = self.random.choice(("blackhole", "unreachable", "prohibit"))
                after[prefix] = kind
                lines.append(f"route replace {kind} {prefix} vrf red")
        return lines, after

    def send(self, live, lines):
        """Has a transaction applied."""
        live.batch(lines)

    def run(self):
        """Goes on until the connection breaks."""
        try:
            live = Live(self.path)
            while True:
                lines, self.pending = self.transaction()
                self.send(live, lines)
                self.known, self.pending = self.pending, None
        except (OSError, Exception):  # noqa: B014 - the forwarder was killed
            return


def test_killed_at_any_instant(forwarder, tmp_path):
    kill_at_random(forwarder, tmp_path, Client, routes_of)


def kill_at_random(forwarder, tmp_path, client_of, routes_of):
    """Starts, changes and kills a forwarder again and again: each time it must have what was acknowledged."""
    state = tmp_path / "state"
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    known, pending = {}, None
    acknowledged = 0
    for _ in range(KILLS):
        process = forwarder(node.CONFIGURATION, more=["--state", state, "--resume"])
        found = routes_of(process)
        assert found in ([known] if pending is None else [known, pending])
        client = client_of(tmp_path / "api.sock", found, chance.random())
        client.start()
        client.join(chance.uniform(0.01, 0.4))
        process.kill()
        client.join(10)
        acknowledged += client.known != found
        known, pending = client.known, client.pending
    assert acknowledged > KILLS // 2


def test_without_resume_the_file_begins_anew(forwarder, tmp_path):
    state = tmp_path / "state"
    first = forwarder(node.CONFIGURATION, more=["--state", state])
    Live(tmp_path / "api.sock").batch(["route add blackhole 172.16.1.0/24 vrf red"])
    assert routes_of(first) == {"172.16.1.0/24": "blackhole"}
    first.summary()
    second = forwarder(node.CONFIGURATION, more=["--state", state])
    assert routes_of(second) == {}


def test_an_applied_file_is_what_is_resumed(forwarder, tmp_path):
    state = tmp_path / "state"
    process = forwarder(node.CONFIGURATION, more=["--state", state])
    live = Live(tmp_path / "api.sock")
    live.batch(["route add blackhole 172.16.1.0/24 vrf red"])
    other = json.loads(process.configuration.read_text())
    other["vrfs"]["grey"] = {"table": 300}
    other["routes"].append({"vrf": "grey", "prefix": "192.0.2.0/24", "type": "unreachable"})
    live.configure(json.dumps(other))
    live.batch(["route add prohibit 172.16.2.0/24 vrf grey"])
    process.kill()
    resumed = forwarder(node.CONFIGURATION, more=["--state", state, "--resume"])
    assert routes_of(resumed) == {"172.16.2.0/24": "prohibit"}
    assert any(row["vrf"] == "grey" and row["prefix"] == "192.0.2.0/24" for row in resumed.show("routes"))


@pytest.mark.parametrize("words", [["--resume"], ["--state", "/nowhere/state"]])
def test_what_cannot_be_is_said(cli, tmp_path, words):
    path = tmp_path / "node.yaml"
    path.write_text(json.dumps({**node.CONFIGURATION, "dpdk": {"eal": ["--no-huge", "--no-pci"], "mbufs": 4096}}))
    result = cli("run", "-c", path, *words)
    assert result.returncode != 0
    assert result.stderr.splitlines()[-1].startswith("needletail: error: ")
