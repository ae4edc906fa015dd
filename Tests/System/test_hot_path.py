"""The worker loop of the release build calls neither the Swift runtime nor an allocator, and the check can tell."""

import shutil
import subprocess

import pytest

from conftest import ROOT

CHECK = ROOT / "tools" / "hotpath-check"

PROGRAM = """
final class Log {{ var seen: UInt32 = 0; var next: Log?; var entries: [UInt32] = []; var sink: any Sink = Zero() }}
protocol Sink {{ func take(_ value: UInt32) -> UInt32 }}
struct Zero: Sink {{ @inline(never) func take(_ value: UInt32) -> UInt32 {{ value &+ 1 }} }}
struct Worker {{
  let cells: UnsafeMutablePointer<UInt32>
  let log: Log
  @inline(never) func step(_ index: Int) -> UInt32 {{
    {statement}
    return cells[index & 63]
  }}
  @inline(never) func run(rounds: Int) -> UInt32 {{
    var sum: UInt32 = 0
    for index in 0..<rounds {{ sum = sum &+ step(index) }}
    return sum
  }}
}}
let cells = UnsafeMutablePointer<UInt32>.allocate(capacity: 64)
cells.initialize(repeating: 1, count: 64)
print(Worker(cells: cells, log: Log()).run(rounds: CommandLine.arguments.count * 100))
"""


def check(binary, *words):
    return subprocess.run([CHECK, binary, *words], capture_output=True, text=True)


def test_release_build_is_clean(binary):
    result = check(binary)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Dataplane.Worker.run" in result.stdout


def test_entry_that_is_not_there(binary):
    result = check(binary, "--entry", "no such function")
    assert result.returncode == 2
    assert "no function" in result.stderr


@pytest.fixture
def compiled(tmp_path):
    """Compiles a worker with one statement in the function that its loop calls."""
    swiftc = shutil.which("swiftc") or "/opt/swift/usr/bin/swiftc"

    def build(statement):
        source = tmp_path / "main.swift"
        source.write_text(PROGRAM.format(statement=statement))
        program = tmp_path / "program"
        words = [swiftc, "-O", "-module-name", "Dataplane", source, "-o", program]
        subprocess.run(words, check=True, capture_output=True, text=True)
        return program

    return build


def test_plain_loop_is_clean(compiled):
    result = check(compiled("cells[index & 63] &+= 1"))
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("log.seen &+= 1", "swift_beginAccess"),
        ("log.entries.append(1)", "swift_isUniquelyReferenced"),
        ("cells[0] = log.sink.take(1)", "__swift_project_boxed_opaque_existential"),
        ("log.next = Log()", "swift_allocObject"),
        ("log.entries = [UInt32](repeating: 1, count: index)", "Swift.Array"),
        ('cells[0] = UInt32("\\(index)".utf8.count)', "Swift."),
    ],
)
def test_fails_when_one_is_put_in(compiled, statement, call):
    result = check(compiled(statement))
    assert result.returncode == 1, result.stdout + result.stderr
    assert call in result.stdout
    assert "Dataplane.Worker.run" in result.stdout
