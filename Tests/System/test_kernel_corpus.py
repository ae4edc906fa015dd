"""Needletail answers what recorded Linux kernels answered, byte for byte, but for a table of argued differences."""

import collections
import re

import pytest

import kernel_corpus
from kernel_corpus import LEFT_OUT, NAMES, RANDOM, RUN, Scenario, expected_differences

SCENARIOS = {name: Scenario(name) for name in RUN}
ANSWERED = [name for name in RUN if not SCENARIOS[name].is_refused]
ARGUED = [name for name in ANSWERED if SCENARIOS[name].cases and name not in RANDOM]
REFUSED = [name for name in RUN if SCENARIOS[name].is_refused]


@pytest.mark.parametrize("name", ANSWERED)
def test_answers_are_linuxs(binary, cli, tmp_path, name):
    scenario = SCENARIOS[name]
    if not scenario.cases:
        result = cli("check", *scenario.write(tmp_path))
        assert result.returncode == 0, result.stderr
        return
    found = scenario.differences(binary, tmp_path)
    expected = {case for case in expected_differences() if case.startswith(f"{name}/")}
    unexpected = [text for case, (text, _) in found.items() if case not in expected]
    assert not unexpected, f"{len(unexpected)} of {len(scenario.cases)} cases differ:\n" + "\n".join(unexpected[:20])
    assert expected == found.keys(), f"listed in differences.json, and equal: {sorted(expected - found.keys())}"


@pytest.mark.parametrize("name", REFUSED)
def test_what_linux_refuses_is_refused(cli, tmp_path, name):
    words = SCENARIOS[name].write(tmp_path)
    result = cli("check", *words)
    assert result.returncode == 1
    last = len(SCENARIOS[name].batch)
    errors = result.stderr.splitlines()
    assert len(errors) == 1 and re.search(rf"/batch:{last}:\d+: ", errors[0]), result.stderr


@pytest.fixture(scope="session")
def rules_met():
    """The cases of each rule of the defaults, by its place."""
    return collections.defaultdict(list)


@pytest.mark.parametrize("name", ARGUED)
def test_defaults_differ_by_rule(binary, tmp_path, rules_met, name):
    known = expected_differences()
    unexplained = []
    for case, (text, verdict) in SCENARIOS[name].differences(binary, tmp_path, compat=False).items():
        rule = kernel_corpus.default_rule(case, verdict)
        if rule is not None:
            rules_met[rule].append(case)
        elif case not in known:
            unexplained.append(text)
    assert not unexplained, f"{len(unexplained)} cases differ by no rule:\n" + "\n".join(unexplained[:20])


def test_every_rule_of_the_defaults_is_met(request, rules_met):
    selected = {item.callspec.params["name"] for item in request.session.items if "differ_by_rule" in item.name}
    if selected != set(ARGUED):
        pytest.skip("skipped, because only some scenarios were selected")
    counts = {rule["rule"]: len(rules_met[place]) for place, rule in enumerate(kernel_corpus.DIFFERENCES["defaults"])}
    advice = "run kernel_corpus.py --write, and give the README the table that it prints"
    assert counts == {rule["rule"]: rule["count"] for rule in kernel_corpus.DIFFERENCES["defaults"]}, advice
    assert all(counts.values())
    assert (kernel_corpus.FOLDER / "DIFFERENCES.md").read_text() == kernel_corpus.page(rules_met), advice


def test_readme_has_every_difference():
    rows = set((kernel_corpus.ROOT / "README.md").read_text().splitlines())
    missing = [row for row in kernel_corpus.table() if row not in rows]
    assert not missing, "the README's table lacks:\n" + "\n".join(missing)


def test_differences_are_few_and_argued():
    cases = {f"{name}/{case['id']}" for name in ARGUED for case in SCENARIOS[name].cases}
    expected = expected_differences()
    assert expected.keys() <= cases, sorted(expected.keys() - cases)
    rules = [rule for group in kernel_corpus.DIFFERENCES.values() for rule in group]
    assert all(len(rule["reason"]) > 40 for rule in rules)
    argued = [case for group in kernel_corpus.DIFFERENCES["compat"] for case in group["cases"]]
    assert len(argued) == len(set(argued)) <= 0.03 * len(cases)


def test_only_what_is_named_is_left_out():
    assert set(LEFT_OUT) <= set(NAMES)
    assert sum(len(kernel_corpus.load(name)["cases"]) for name in NAMES if name not in RANDOM) == 3133
