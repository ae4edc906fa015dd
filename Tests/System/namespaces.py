"""Network namespaces for a test, with names of their own, deleted with everything in them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess

import pytest

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3


def run(*words, check=True):
    """Runs a command; its output as text. A failure shows what the command said."""
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if check and result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


class Namespace:
    """A network namespace."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        """`ip WORDS` inside."""
        return run("ip", "-n", self.name, *words)

    def exec(self, *words):
        """A command inside, run to its end."""
        return run("ip", "netns", "exec", self.name, *words)

    def sysctl(self, name, value):
        """Sets a `net.` value inside; names as paths, so that dots in device names do no harm."""
        self.exec("sh", "-c", f"echo {value} > /proc/sys/net/{name}")

    def start(self, *words):
        """A command inside, left running."""
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def packet_socket(self, device):
        """A socket for whole frames at a device inside."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as mine, open(f"/run/netns/{self.name}") as inside:
            try:
                if libc.setns(inside.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
                opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
                opened.bind((device, 0))
                return opened
            finally:
                libc.setns(mine.fileno(), CLONE_NEWNET)

    def delete(self):
        """Ends what still runs inside and deletes it."""
        for pid in run("ip", "netns", "pids", self.name, check=False).split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue
        run("ip", "netns", "delete", self.name, check=False)


def missing():
    """Why namespaces cannot be used here; an empty string if they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"ntl-probe-{os.getpid()}"
    result = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if result.returncode != 0:
        return f"no network namespaces here: {result.stderr.strip()}"
    run("ip", "netns", "delete", name)
    return ""


@contextlib.contextmanager
def namespaces(*names, unique):
    """Network namespaces by these names, for as long as a test runs; the test is skipped where there can be none."""
    reason = missing()
    if reason:
        pytest.skip(f"skipped, because {reason}")
    made = {}
    try:
        for name in names:
            made[name] = Namespace(f"ntl-{name}-{unique}")
        yield made
    finally:
        for name in names:
            if name in made:
                made[name].delete()


def veth(one, one_name, other, other_name, mtu=1500):
    """A veth pair between two namespaces, up, without offloads: a user-space forwarder sees frames as on a wire."""
    run("ip", "link", "add", one_name, "netns", one.name, "mtu", mtu, "type", "veth", "peer", "name", other_name,
        "netns", other.name, "mtu", mtu)  # fmt: skip
    for namespace, name in ((one, one_name), (other, other_name)):
        namespace.exec("ethtool", "-K", name, "rx", "off", "tx", "off", "tso", "off", "gso", "off", "gro", "off")
        namespace.ip("link", "set", name, "up")


def mac(namespace, device):
    """A device's Ethernet address."""
    return namespace.exec("cat", f"/sys/class/net/{device}/address").strip()
