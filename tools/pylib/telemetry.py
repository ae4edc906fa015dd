"""Reads DPDK's telemetry socket, which testpmd and needletail both serve."""

import json
import os
import socket


def runtime_folder(prefix):
    """Where EAL keeps a process's run-time files."""
    base = "/var/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")
    return f"{base}/dpdk/{prefix}"


class Telemetry:
    """A connection to the telemetry socket of the DPDK process with this `--file-prefix`."""

    def __init__(self, prefix):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(5)
        self.socket.connect(f"{runtime_folder(prefix)}/dpdk_telemetry.v2")
        self.answer_bytes = json.loads(self.socket.recv(4096))["max_output_len"]

    def ask(self, command):
        """The answer to one command such as `/ethdev/stats,0`."""
        self.socket.send(command.encode())
        (answer,) = json.loads(self.socket.recv(self.answer_bytes)).values()
        return answer

    def stats(self, port):
        """The basic statistics of a port, by number: ipackets, opackets, imissed and so on."""
        return self.ask(f"/ethdev/stats,{port}")

    def port_number(self, name):
        """The number of the port whose device has this name."""
        for port in self.ask("/ethdev/list"):
            if self.ask(f"/ethdev/info,{port}")["name"] == name:
                return port
        raise LookupError(f"the process has no port {name}")

    def close(self):
        """Closes the connection."""
        self.socket.close()
