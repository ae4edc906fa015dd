"""`--batch`: lines of `ip` mean what the same thing means in the configuration file."""

import json

import pytest

import packets
from node import *

# The SIDs, routes and neighbours of the node, as somebody who comes from Linux has them.
LINES = f"""\
# SIDs
ip -6 route add {DT4} encap seg6local action End.DT4 vrftable 100 dev red
ip -6 route add {DT6} encap seg6local action End.DT6 vrftable 100 dev red
ip route add default via 10.254.0.2 vrf red   # routes
-4 route add unreachable 10.66.2.0/24 \\
    table 100
route add fd00::/16 via fd00:fffe::2 dev ce-red vrf red

neigh add 10.254.0.2 lladdr {RED_PEER} dev ce-red nud permanent
neighbour replace fd00:fffe::2 dev 'ce-red' lladdr {RED_PEER}
"""
FILE = {
    **{key: CONFIGURATION[key] for key in ("ports", "vrfs")},
    "sids": [{"sid": DT4, "behavior": "End.DT4", "vrf": "red"}, {"sid": DT6, "behavior": "End.DT6", "vrf": "red"}],
    "routes": [
        {"vrf": "red", "prefix": "0.0.0.0/0", "via": "10.254.0.2"},
        {"table": 100, "prefix": "10.66.2.0/24", "type": "unreachable"},
        {"vrf": "red", "prefix": "fd00::/16", "via": "fd00:fffe::2", "port": "ce-red"},
    ],
    "neighbors": [
        {"port": "ce-red", "address": "10.254.0.2", "mac": RED_PEER},
        {"port": "ce-red", "address": "fd00:fffe::2", "mac": RED_PEER},
    ],
}


@pytest.fixture
def files(tmp_path):
    """Writes a configuration and a batch; the words for a command."""

    def write(configuration, lines):
        (tmp_path / "node.yaml").write_text(json.dumps(configuration))
        (tmp_path / "lines").write_text(lines)
        return ["-c", tmp_path / "node.yaml", "--batch", tmp_path / "lines"]

    return write


def test_explain_with_a_batch(cli, explain, files, tmp_path):
    frames = [
        tunnel(DT4, packets.NEXT_IPV4, inner4()),
        tunnel(DT4, packets.NEXT_IPV4, inner4("10.66.2.1")),
        tunnel(DT6, packets.NEXT_IPV6, inner6()),
    ]
    wanted = explain(FILE, frames)
    assert [row["tx"] != [] for row in wanted][::2] == [True, True]
    packets.write_pcap(tmp_path / "in.pcap", frames)
    words = files({key: CONFIGURATION[key] for key in ("ports", "vrfs")}, LINES)
    result = cli("explain", *words, "--rx", f"core={tmp_path}/in.pcap", "--json")
    assert result.returncode == 0, result.stderr
    assert [json.loads(line) for line in result.stdout.splitlines()] == wanted


def test_check_reports_every_line_that_is_refused(cli, files):
    bad = LINES.replace("vrftable 100 dev red", "vrftable 101 dev red", 1) + "route add 10.0.0.0/8 dev nowhere\n"
    words = files(CONFIGURATION, bad)
    errors = cli("check", *words).stderr.splitlines()
    lines = str(words[3])
    places = [error.removeprefix(f"needletail: error: {lines}:").split(":")[0] for error in errors]
    # Most of what the lines add is in the node's own file already.
    assert places == ["2", "3", "5", "7", "9", "11"], errors
    report = json.loads(cli("check", *words, "--json").stdout)
    assert [str(fault["line"]) for fault in report["errors"]] == places
    assert {fault["file"] for fault in report["errors"]} == {lines}
    assert cli("check", *files({key: CONFIGURATION[key] for key in ("ports", "vrfs")}, LINES)).returncode == 0


def test_a_batch_that_is_missing(cli, files):
    words = files(FILE, "")
    result = cli("check", *words[:2], "--batch", "nowhere.batch")
    assert result.returncode == 1
    assert result.stderr == (
        "needletail: error: nowhere.batch: cannot be opened: No such file or directory;"
        " check the path and its permissions\n"
    )


def test_run_with_a_batch(cli, files, tmp_path):
    words = files(CONFIGURATION, "route add 10.0.0.0/8 dev nowhere\n")
    result = cli("run", *words)
    assert result.returncode == 1 and f"{tmp_path}/lines:1:26: there is no port 'nowhere'" in result.stderr
