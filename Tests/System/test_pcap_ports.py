"""`needletail run` on net_pcap ports: a file in, files out, byte for byte, and a summary that accounts for every packet."""

import copy
import json
import time

import packets
from conftest import adds_up
from node import *
from packets import NEXT_IPV4, NEXT_IPV6


def test_file_in_files_out(forwarder, tmp_path, cli):
    frames, flows = [], {"red-4": [], "red-6": [], "blue-table": [], "blue-cross": []}
    for index in range(300):
        four, six = inner4(f"10.{index % 3}.{index // 256}.{index % 256}", size=index % 50), inner6(f"fd00:{index:x}::1")
        cross = inner4(f"198.51.{index // 256}.{index % 256}")
        frames += [
            tunnel(DT4, NEXT_IPV4, four, [DT4]),
            tunnel(BLUE_DT4, NEXT_IPV4, four),
            tunnel(DT6, NEXT_IPV6, six),
            tunnel(BLUE_DX4, NEXT_IPV4, cross, [BLUE_DX4]),
            tunnel(DT4, NEXT_IPV4, inner4("172.16.0.1")),
        ]
        flows["red-4"].append(sent4(four))
        flows["red-6"].append(sent6(six))
        flows["blue-table"].append(sent4(four, "blue"))
        flows["blue-cross"].append(sent4(cross, "blue"))
    packets.write_pcap(tmp_path / "in.pcap", frames)
    process = forwarder(pcap_ports(tmp_path))
    wait_until_received(cli, tmp_path, len(frames))
    summary = process.summary()

    sent = {name: packets.read_pcap(tmp_path / f"{name}.pcap") for name in ("core", "red", "blue")}
    # The order is kept within a flow; a burst's flows may pass each other.
    for name, expected in flows.items():
        mine = set(expected)
        assert [frame for frame in sent[name.split("-")[0]] if frame in mine] == expected, name
    # Besides them, the tenant hears of what has no route, as often as the rate of errors allows.
    errors = [frame for frame in sent["red"] if frame not in {*flows["red-4"], *flows["red-6"]}]
    assert 0 < len(errors) <= 300 and all(frame[34:36] == b"\x03\x00" for frame in errors)
    assert {name: len(some) for name, some in sent.items()} == {"core": 0, "red": 600 + len(errors), "blue": 600}
    assert adds_up(summary)
    assert (summary["received"], summary["transmitted"]) == (1500, 1200 + len(errors))
    assert {reason: count for reason, count in summary["drops"].items() if count} == {"no-route": 300}
    counted = {row["sid"].split("/")[0]: row["packets"] for row in summary["sids"]}
    assert {sid: counted[sid] for sid in (BLUE_DT4, DT6, BLUE_DX4)} == {BLUE_DT4: 300, DT6: 300, BLUE_DX4: 300}


def pcap_ports(folder):
    """The node with a file for each port's every direction."""
    configuration = copy.deepcopy(CONFIGURATION)
    ports = configuration["ports"]
    ports["core"]["device"] = f"net_pcap0,rx_pcap={folder}/in.pcap,tx_pcap={folder}/core.pcap"
    ports["ce-red"]["device"] = f"net_pcap1,tx_pcap={folder}/red.pcap"
    ports["ce-blue"]["device"] = f"net_pcap2,tx_pcap={folder}/blue.pcap"
    return configuration


def wait_until_received(cli, folder, count, seconds=20):
    """Waits until the core port has received that many frames."""
    deadline, received = time.monotonic() + seconds, 0
    while received < count:
        assert time.monotonic() < deadline, f"core received {received} of {count} frames"
        shown = cli("show", "ports", "--socket", folder / "api.sock", "--json")
        assert shown.returncode == 0, shown.stderr
        received = {row["name"]: row["rx-packets"] for row in json.loads(shown.stdout)}["core"]
        time.sleep(0.05)
