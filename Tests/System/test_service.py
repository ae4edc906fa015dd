"""What a service manager sees: the notifications of sd_notify(3), and SIGHUP."""

import json
import os
import signal
import socket

import node
from conftest import wait_for
from live import Live


def test_ready_watchdog_and_stop(forwarder, tmp_path, monkeypatch):
    path = str(tmp_path / "notify.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        process = forwarder(node.CONFIGURATION)
        assert manager.recv(100).startswith(b"READY=1")
        assert [manager.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        process.summary()
        states = []
        manager.setblocking(False)
        try:
            while True:
                states.append(manager.recv(100))
        except BlockingIOError:
            pass
        assert states[-1] == b"STOPPING=1"


def test_hangup_applies_the_file(forwarder):
    process = forwarder(node.CONFIGURATION)
    path = process.configuration
    configuration = json.loads(path.read_text())
    configuration["routes"].append({"vrf": "red", "prefix": "172.16.0.0/16", "type": "blackhole"})
    path.write_text(json.dumps(configuration))

    def hang_up():
        os.kill(process.pid, signal.SIGHUP)

    def prefixes():
        return {row["prefix"] for row in Live(configuration["api"]["socket"]).ask("GET", "/v1/routes")[1]}

    assert "172.16.0.0/16" not in prefixes()
    hang_up()
    wait_for(lambda: "172.16.0.0/16" in prefixes())
    path.write_text("ports: [")
    hang_up()
    wait_for(lambda: "configuration file not applied" in process.log)
    assert "172.16.0.0/16" in prefixes()
