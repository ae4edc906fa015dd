"""What the tests of the whole program share: the binary, folders, processes and network namespaces of their own."""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "pylib"))

import packets  # noqa: E402
from process import Needletail  # noqa: E402
from telemetry import runtime_folder  # noqa: E402


@pytest.fixture(scope="session")
def binary():
    """The program under test: NEEDLETAIL, or this tree's release build."""
    path = pathlib.Path(os.environ.get("NEEDLETAIL", ROOT / ".build" / "release" / "needletail"))
    if not path.is_file():
        pytest.exit(f"{path} is not there: run 'swift build -c release', or name a program by NEEDLETAIL=", 2)
    return str(path)


@pytest.fixture(scope="session")
def cli(binary):
    """Runs `needletail WORDS...` to its end; a finished process with `stdout` and `stderr` as text."""

    def run(*words, seconds=60):
        return subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=seconds)

    return run


@pytest.fixture(scope="session")
def explain(cli, tmp_path_factory):
    """What `needletail explain --json` says of frames that one port receives; a dictionary names several ports."""

    def run(configuration, frames, port="core"):
        folder = tmp_path_factory.mktemp("explain")
        (folder / "node.yaml").write_text(json.dumps(configuration))
        received = frames if isinstance(frames, dict) else {port: frames}
        words = []
        for name, some in received.items():
            packets.write_pcap(folder / f"{name}.pcap", some)
            words += ["--rx", f"{name}={folder}/{name}.pcap"]
        result = cli("explain", "-c", folder / "node.yaml", *words, "--json")
        assert result.returncode == 0, result.stderr
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [row["packet"] for row in rows] == list(range(sum(map(len, received.values())))), result.stderr
        return rows

    return run


NUMBERS = itertools.count(1)


@pytest.fixture
def unique():
    """A short word that no other test at this time has: for file prefixes and namespaces."""
    word = f"{os.getpid()}-{next(NUMBERS)}"
    yield word
    for folder in pathlib.Path(runtime_folder("x")).parent.glob(f"*-{word}*"):
        shutil.rmtree(folder)


@pytest.fixture
def forwarder(binary, tmp_path, unique):
    """Starts `needletail run` with a configuration; whatever becomes of the test, it is stopped and its log printed."""
    with forwarders(binary, tmp_path, unique) as start:
        yield start


@contextlib.contextmanager
def forwarders(binary, folder, unique):
    """A function that starts `needletail run` with a configuration; at the end all are stopped and their logs printed."""
    started = []

    def start(configuration, namespace=None, batch=None, more=()):
        prefix = f"needletail-test-{unique}-{len(started)}"
        main, worker = (sorted(os.sched_getaffinity(0)) * 2)[:2]
        eal = ["--no-huge", "--no-pci", f"--file-prefix={prefix}", f"--lcores=0@{main},1@{worker}"]
        path = folder / f"node-{len(started)}.yaml"
        whole = {
            **configuration,
            "dpdk": {"eal": eal, "mbufs": 16384},
            "lcores": {"main": 0, "workers": [1]},
            "api": {"socket": str(folder / "api.sock"), **configuration.get("api", {})},
        }
        path.write_text(json.dumps(whole, indent=1))
        wrapper = ["ip", "netns", "exec", namespace] if namespace else []
        name = f"needletail-{len(started)}"
        process = Needletail(name, str(folder), prefix, binary, str(path), wrapper, batch, more)
        started.append(process)
        process.wait_until_forwarding()
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            print(f"--- {process.name}\n{process.output}{process.log}")


def adds_up(summary):
    """The conservation law: every received packet was transmitted, punted or dropped for a reason."""
    return summary["received"] + summary["generated"] == summary["transmitted"] + summary["punted"] + sum(summary["drops"].values())


def wait_for(condition, seconds=10):
    """Waits until a condition holds; fails if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
