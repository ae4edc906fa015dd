"""The command line: exit statuses, where errors stand, and that nothing is left behind."""

import copy
import json
import os
import re
import signal
import subprocess

import pytest

from conftest import adds_up
from node import CONFIGURATION

FAULTY = """\
ports:
  core: {device: net_null0, adresses: ["2001:db8:1::1/64"]}
  ce: {device: net_null1, vrf: green}
vrfs:
  red: {table: 100}
sids:
  - {sid: "ff02::1", behavior: End.DT4, vrf: red}
routes:
  - {vrf: red, prefix: 10.0.0.1/8, via: 10.1.0.2, port: ce}
"""


@pytest.fixture
def quick_node():
    """A node on devices that are always there and receive nothing."""
    configuration = copy.deepcopy(CONFIGURATION)
    for port in configuration["ports"].values():
        if "device" in port:
            port["device"] += ",no-rx=1"
    return configuration


def test_help_names_every_command(cli):
    result = cli("--help")
    assert result.returncode == 0
    for command in ("run", "check", "explain", "show", "route", "sid", "neighbor", "batch", "apply", "monitor"):
        assert command in result.stdout
        usage = cli(command, "--help")
        assert usage.returncode == 0 and f"USAGE: needletail {command}" in usage.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_told_what_there_is(cli, shell, tmp_path):
    result = cli("--generate-completion-script", shell)
    assert (result.returncode, result.stderr) == (0, "")
    for word in ("apply", "neighbor", "routes", "--diff"):
        assert word.removeprefix("--") in result.stdout
    if shell == "bash":
        (tmp_path / "completion").write_text(result.stdout)
        # It is one that the shell takes, and it completes the program's words.
        taken = subprocess.run(
            ["bash", "--norc", "-c", f". {tmp_path}/completion && complete -p needletail"], capture_output=True, text=True
        )
        assert taken.returncode == 0 and "needletail" in taken.stdout, taken.stderr


def test_check_reports_every_error_with_its_place(cli, tmp_path):
    path = tmp_path / "faulty.yaml"
    path.write_text(FAULTY)
    result = cli("check", "-c", path)
    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    places = [re.match(rf"needletail: error: {re.escape(str(path))}:(\d+):(\d+): ", line) for line in lines]
    assert all(places), result.stderr
    found = {(int(place[1]), int(place[2])) for place in places}
    wanted = {"adresses": "2", "green": "3", "ff02::1": "7", "10.0.0.1/8": "9"}
    for word, line in wanted.items():
        assert any(place[1] == line and word in text for place, text in zip(places, lines)), (word, result.stderr)
    # The column is that of the word itself.
    assert (2, FAULTY.splitlines()[1].index("adresses") + 1) in found


def test_check_accepts(cli, tmp_path):
    path = tmp_path / "node.yaml"
    path.write_text(json.dumps(CONFIGURATION))
    result = cli("check", "-c", path)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_examples_are_valid(cli):
    from conftest import ROOT

    examples = sorted((ROOT / "config").glob("*.yaml"))
    assert examples
    for example in examples:
        result = cli("check", "-c", example)
        assert (result.returncode, result.stderr) == (0, ""), example


def test_a_missing_file(cli, tmp_path):
    for command in (["check"], ["run"], ["explain", "--rx", "core=x.pcap"]):
        result = cli(command[0], "-c", tmp_path / "nowhere.yaml", *command[1:])
        assert result.returncode == 1
        assert result.stderr.startswith("needletail: error: ")
        assert "nowhere.yaml" in result.stderr


def test_an_unknown_option(cli):
    result = cli("run", "--no-such-option")
    assert result.returncode != 0
    assert result.stderr.startswith("needletail: error: ")


def run_to_its_end(cli, configuration, tmp_path, unique, eal=(), **sections):
    """`needletail run` with a configuration that it must refuse."""
    prefix = f"needletail-cli-{unique}"
    whole = {
        **configuration,
        "dpdk": {"eal": ["--no-huge", "--no-pci", f"--file-prefix={prefix}", *eal], "mbufs": 8192},
        "lcores": {"main": 0, "workers": [1]},
        "api": {"socket": str(tmp_path / "api.sock")},
        **sections,
    }
    path = tmp_path / "node.yaml"
    path.write_text(json.dumps(whole, indent=1))
    result = cli("run", "-c", path)
    errors = [line for line in result.stderr.splitlines() if line.startswith("needletail: error: ")]
    assert result.returncode == 1, result.stderr
    assert errors, result.stderr
    assert not (tmp_path / "api.sock").exists()
    return "\n".join(errors)


def test_a_device_that_does_not_probe(cli, tmp_path, unique, quick_node):
    quick_node["ports"]["ce-red"]["device"] = "net_af_packet0,iface=nosuchdevice"
    assert "ce-red" in run_to_its_end(cli, quick_node, tmp_path, unique)


def test_a_driver_that_does_not_exist(cli, tmp_path, unique, quick_node):
    quick_node["ports"]["ce-red"]["device"] = "net_nosuchdriver0"
    assert "net_nosuchdriver0" in run_to_its_end(cli, quick_node, tmp_path, unique)


def test_an_lcore_that_does_not_exist(cli, tmp_path, unique, quick_node):
    message = run_to_its_end(cli, quick_node, tmp_path, unique, lcores={"main": 0, "workers": [127]})
    assert "lcore 127 does not exist" in message


def test_too_few_hugepages(cli, tmp_path, unique, quick_node):
    message = run_to_its_end(
        cli,
        quick_node,
        tmp_path,
        unique,
        dpdk={"eal": ["--no-pci", "--in-memory", f"--file-prefix=needletail-cli-{unique}"], "mbufs": 16_000_000},
    )
    assert "nr_hugepages" in message and "--no-huge" in message


def test_too_few_buffers(cli, tmp_path, unique, quick_node):
    eal = ["--no-huge", "--no-pci", f"--file-prefix=needletail-cli-{unique}"]
    message = run_to_its_end(cli, quick_node, tmp_path, unique, dpdk={"eal": eal, "mbufs": 64})
    assert "mbufs" in message


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_a_summary(forwarder, quick_node, number, tmp_path):
    process = forwarder(quick_node)
    assert (tmp_path / "api.sock").is_socket()
    os.kill(process.pid, number)
    assert process.wait() == 0
    summary = json.loads(process.output)
    assert adds_up(summary)
    assert {row["name"] for row in summary["ports"]} >= {"core", "ce-red", "ce-blue"}
    assert not (tmp_path / "api.sock").exists()


def test_show(forwarder, quick_node, cli, tmp_path):
    process = forwarder(quick_node)
    socket = ("--socket", tmp_path / "api.sock")
    shown = process.show

    assert {row["name"] for row in shown("ports")} == set(quick_node["ports"])
    assert {row["sid"].split("/")[0] for row in shown("sids")} == {row["sid"] for row in quick_node["sids"]}
    assert {row["name"] for row in shown("vrfs")} >= {"red", "blue"}
    assert [row["lcore"] for row in shown("lcores")] == [1]
    drops = shown("drops")
    assert drops["received"] + drops["generated"] == drops["transmitted"] + drops["punted"] + sum(drops["drops"].values())
    for what in ("ports", "lcores", "vrfs", "sids", "routes", "neighbors", "drops", "memory", "version"):
        result = cli("show", what, *socket)
        assert result.returncode == 0 and result.stdout.strip(), (what, result.stderr)
    http = subprocess.run(
        ["curl", "-sS", "--unix-socket", str(tmp_path / "api.sock"), "http://localhost/v1/vrfs"],
        capture_output=True,
        text=True,
    )
    assert http.returncode == 0, http.stderr
    assert json.loads(http.stdout) == shown("vrfs")
    assert process.summary()["received"] == 0


def test_show_without_a_forwarder(cli, tmp_path):
    result = cli("show", "ports", "--socket", tmp_path / "none.sock")
    assert result.returncode == 1
    assert result.stderr.startswith("needletail: error: ") and "none.sock" in result.stderr
