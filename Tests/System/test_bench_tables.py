"""`tools/bench tables` on a thousandth of its routes: every figure is there, and answers were checked. No speed."""

import json
import statistics
import subprocess

import pytest

from conftest import ROOT

CONTRACT = {
    "ipv4-1m-vs-rte-fib": "ratio",
    "ipv4-1k-vs-rte-fib": "ratio",
    "ipv4-4096vrf-bytes": "bytes",
    "ipv4-4096vrf-vs-1vrf": "ratio",
    "ipv6-200k-vs-rte-fib6": "ratio",
    "ipv4-updates-per-second": "changes per second",
    "ipv4-bulk-1m-seconds": "s",
    "ipv6-updates-per-second": "changes per second",
}


@pytest.fixture(scope="module")
def report():
    words = [ROOT / "tools" / "bench", "tables", "--quick", "--json", "--divide", "1000", "--seed", "7"]
    result = subprocess.run(words, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def figures(report):
    return {figure["name"]: figure for figure in report["figures"]}


def test_envelope(report):
    assert report["bench"] == "tables"
    assert report["seed"] == 7
    assert {"cpu", "cores", "kernel", "dpdk"} <= report["machine"].keys()
    assert "commit" in report


@pytest.mark.parametrize(("name", "unit"), CONTRACT.items())
def test_has_the_figures_that_others_read(figures, name, unit):
    figure = figures[name]
    assert figure["unit"] == unit
    assert figure["better"] == ("higher" if name.endswith("-per-second") else "lower")
    assert figure["value"] == pytest.approx(statistics.median(figure["runs"]), rel=0.01)
    assert all(run > 0 for run in figure["runs"])


def test_ratio_is_of_the_two_sides(figures):
    ratios, ours, theirs = (
        figures[name]["runs"] for name in ("ipv4-1m-vs-rte-fib", "ipv4-1m-ticks", "ipv4-1m-rte-fib-ticks")
    )
    assert ratios == pytest.approx([a / b for a, b in zip(ours, theirs, strict=True)], rel=0.02)


@pytest.mark.parametrize(("name", "peer"), [("ipv4-1m-vs-rte-fib", "rte-fib "), ("ipv6-200k-vs-rte-fib6", "rte-fib6 ")])
def test_says_what_of_the_peer_was_fastest(figures, name, peer):
    assert figures[name]["beside"].startswith(peer)


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_churned_tables_were_compared_with_the_oracle(figures, family):
    assert figures[f"{family}-churn-checked-lookups"]["value"] >= 1_000_000
    assert figures[f"{family}-churn-bytes-vs-fresh"]["value"] == pytest.approx(1, abs=0.05)
