"""The API by TCP: tokens and certificates, with the command line and with curl, and what is refused at the start."""

import copy
import json
import socket
import subprocess

import pytest

from certificates import Authority
from conftest import wait_for
from node import CONFIGURATION
from process import Failure

PORTS = {key: copy.deepcopy(CONFIGURATION[key]) for key in ("ports", "vrfs")}
for _port in PORTS["ports"].values():
    if "device" in _port:
        _port["device"] += ",no-rx=1"
TOKEN = "a-token-of-this-test-alone"
ROUTE = ["10.0.0.0/8", "vrf", "red", "via", "10.254.0.2", "dev", "ce-red"]


@pytest.fixture
def port():
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def token(tmp_path):
    """The path of a token."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def authority(tmp_path):
    """An authority that has signed a server's and a client's certificate."""
    made = Authority(tmp_path)
    made.server = made.sign("server")
    made.client = made.sign("client")
    return made


def with_api(**api):
    """A configuration with more under `api`."""
    return {**PORTS, "api": {key.replace("_", "-"): value for key, value in api.items()}}


def tls(authority, asks=False):
    """The section for TLS."""
    certificate, key = map(str, authority.server)
    return {"certificate": certificate, "key": key, **({"client-ca": str(authority.certificate)} if asks else {})}


def curl(*words):
    """What curl prints: the body, then the status."""
    command = ["curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", *map(str, words)]
    result = subprocess.run(command, capture_output=True, text=True)
    body, _, status = result.stdout.rpartition("\n")
    return status, body, result.stderr


def test_a_token_by_curl_and_by_the_command_line(forwarder, cli, port, token):
    forwarder(with_api(listen=f"127.0.0.1:{port}", token_file=str(token)))
    url = f"http://127.0.0.1:{port}"
    status, body, _ = curl("-H", f"Authorization: Bearer {TOKEN}", f"{url}/v1/vrfs")
    assert status == "200" and [row["name"] for row in json.loads(body)] == ["main", "red", "blue"]
    for words in ([], ["-H", "Authorization: Bearer wrong"], ["--data-binary", "x" * 100_000]):
        status, body, _ = curl("-i", *words, f"{url}/v1/batch")
        assert status == "401" and "www-authenticate: Bearer" in body and "the token is missing or wrong" in body
    assert cli("route", "--server", url, "--token-file", token, "add", *ROUTE).returncode == 0
    shown = cli("show", "routes", "--vrf", "red", "--server", url, "--token-file", token)
    assert shown.returncode == 0 and "10.0.0.0/8" in shown.stdout, shown.stderr
    refused = cli("show", "ports", "--server", url)
    assert refused.returncode == 1 and refused.stderr.startswith("needletail: error: the token is missing or wrong")


def test_certificates_by_curl_and_by_the_command_line(forwarder, cli, port, authority, monkeypatch):
    process = forwarder(with_api(listen=[f"127.0.0.1:{port}", f"[::1]:{port}"], tls=tls(authority, asks=True)))
    url = f"https://127.0.0.1:{port}"
    certificate, key = authority.client
    own = ["--cert", certificate, "--key", key]
    status, body, _ = curl("--cacert", authority.certificate, *own, f"{url}/v1/version")
    assert status == "200" and "needletail" in json.loads(body)
    assert curl("--cacert", authority.certificate, f"{url}/v1/version")[0] == "000"
    monkeypatch.setenv("NEEDLETAIL_SERVER", url)
    words = ["--ca", authority.certificate, *own]
    assert cli("route", *words, "add", *ROUTE).returncode == 0
    assert "10.0.0.0/8" in cli("show", "routes", *words).stdout
    # A socket that is named comes before the variable.
    assert cli("show", "ports", "--socket", f"{process.configuration.parent}/api.sock").returncode == 0
    refused = cli("show", "routes", "--ca", authority.certificate)
    assert refused.returncode == 1 and refused.stderr.startswith(f"needletail: error: cannot connect to {url}: TLS failed")
    assert cli("show", "ports", "--cert", certificate).returncode == 64


def test_clients_that_dawdle_or_die_leave_the_others_alone(forwarder, cli, port, token, authority):
    process = forwarder(with_api(listen=f"127.0.0.1:{port}", token_file=str(token), tls=tls(authority)))
    path = process.configuration.parent / "api.sock"
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for number, client in enumerate(idle):
        try:
            client.sendall((b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nx: ", b"\x00")[number % 3])
        except OSError:
            # One too many: closed already.
            continue
    assert cli("show", "ports", "--socket", path).returncode == 0
    for client in idle:
        client.close()
    url = f"https://127.0.0.1:{port}"
    words = ["--server", url, "--token-file", token, "--ca", authority.certificate]
    wait_for(lambda: cli("show", "ports", *words).returncode == 0)
    # One that dies in the middle of its batch changes nothing.
    before = process.show("routes")
    head = f"POST /v1/batch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 1000000\r\n\r\n"
    dying = subprocess.Popen(
        ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{port}"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    dying.stdin.write(head.encode() + b"route add 10.0.0.0/8 vrf red via 10.254.0.2\n" * 1000)
    dying.stdin.flush()
    dying.kill()
    dying.wait()
    assert process.show("routes") == before and cli("show", "ports", *words).returncode == 0


def refusal(forwarder, configuration):
    """What `run` says that does not start."""
    with pytest.raises(Failure) as failure:
        forwarder(configuration)
    return str(failure.value)


def test_what_is_wrong_is_named_at_the_start(forwarder, port, token, authority, tmp_path):
    listen = {"listen": f"127.0.0.1:{port}", "token_file": str(token)}
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        message = refusal(forwarder, with_api(**listen))
        assert f"api.listen: cannot listen at 127.0.0.1:{port}: Address already in use: stop who listens there" in message
    token.chmod(0o644)
    assert f"api.token-file: {token} is open to everybody: chmod o= {token}" in refusal(forwarder, with_api(**listen))
    token.chmod(0o600)
    token.write_text("short")
    assert "holds 5 bytes; a token has 16 to 4096" in refusal(forwarder, with_api(**listen))
    token.write_text(TOKEN)
    section = tls(authority)
    section["certificate"] = str(tmp_path / "nowhere.pem")
    assert f"api.tls.certificate: cannot read certificates from {tmp_path}/nowhere.pem" in refusal(
        forwarder, with_api(**listen, tls=section)
    )
    assert "everybody could change this node by TCP" in refusal(forwarder, with_api(listen=f"127.0.0.1:{port}"))
    assert "the token would cross the network" in refusal(
        forwarder, with_api(listen=f"0.0.0.0:{port}", token_file=str(token))
    )
    assert not (tmp_path / "api.sock").exists()
    forwarder(with_api(**listen))
