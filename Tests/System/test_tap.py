"""TAP twins: the host's own programs use the addresses of DPDK-owned ports. The machines are drawn in tap_network.py."""

import json
import select
import socket
import sys
import time

import pytest

import packets
from conftest import adds_up, forwarders, wait_for
from live import Live
from namespaces import mac
from tap_network import DT4, DT6, LLDP, NEEDS_TUN, THEIR_DT4, THEIR_DT6, configuration, forget, twin, wired
from test_linux_interop import transfer
from test_neighbors import ping

pytestmark = NEEDS_TUN


@pytest.fixture(scope="module")
def network(binary, tmp_path_factory):
    """The namespaces, and the forwarder in the middle under "process"."""
    with wired("tap") as made:
        with forwarders(binary, tmp_path_factory.mktemp("tap"), "tap") as start:
            made["process"] = start(configuration(made), namespace=made["nt"].name)
            wait_for(lambda: all(row["link"] == "up" for row in made["process"].show("ports")))
            yield made


def test_twins_are_as_their_ports(network):
    red, nt = network["red"], network["nt"]
    for name, device, namespace in (("red0", "red0", red), ("core-tap", "core0", nt), ("red0.20", "red0", red)):
        link = json.loads(namespace.ip("-j", "address", "show", "dev", name))[0]
        assert link["address"] == mac(nt, device) and link["mtu"] == 1500 and "UP" in link["flags"]
        assert link["operstate"] in ("UP", "UNKNOWN") and "NO-CARRIER" not in link["flags"]
    own = [f"{row['local']}/{row['prefixlen']}" for row in json.loads(red.ip("-j", "address", "show", "dev", "red0"))[0]["addr_info"]]
    octets = bytearray(packets.mac(mac(nt, "red0")))
    octets[0] ^= 2
    local = socket.inet_ntop(socket.AF_INET6, bytes.fromhex("fe80000000000000") + octets[:3] + b"\xff\xfe" + octets[3:])
    assert sorted(own) == sorted(["10.1.0.1/24", "fd00:1::1/64", f"{local}/64"])
    rows = {row["name"]: row.get("tap") for row in network["process"].show("ports")}
    assert rows["red0"]["netns"] == f"/run/netns/{red.name}" and rows["red0-20"]["name"] == "red0.20"
    assert "netns" not in rows["core"]


@pytest.mark.parametrize("server, client", [("red", "left"), ("left", "red")])
@pytest.mark.parametrize("family", [4, 6])
def test_tcp_both_ways(network, server, client, family):
    """Whoever listens; the kernel finds the neighbour over the twin if it is the one that connects."""
    forget((network["red"], "red0"), (network["left"], "eth0"))
    own = {"red": ("10.1.0.1", "fd00:1::1"), "left": ("10.1.0.2", "fd00:1::2")}
    ends = {"host": network[server], "pe": network[client]}
    there, here = (own[name][family // 6] for name in (server, client))
    at_client, at_server = transfer(ends, (there, here))
    assert at_client["sent"] == at_server["received"] and at_server["sent"] == at_client["received"]


UDP = """
import socket, sys
role, address, text = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
link = socket.socket(family, socket.SOCK_DGRAM)
if role == "serve":
    link.bind((address, 7001))
    print("listening", flush=True)
    while True:
        data, sender = link.recvfrom(65535)
        link.sendto(text.encode() + data, sender)
link.connect((address, 7001))
link.settimeout(2)
for _ in range(5):
    try:
        link.send(b"x" * 3000 if text == "long" else text.encode())
        print(link.recv(65535).decode())
        break
    except TimeoutError:
        continue
    except ConnectionRefusedError:
        print("refused")
        break
"""


def exchange(server, client, address, text):
    """What a client hears from an UDP server that answers with the name of its namespace and what it got."""
    listening = server.start(sys.executable, "-c", UDP, "serve", address, f"{server.name} heard ")
    try:
        assert listening.stdout.readline().strip() == "listening", listening.stderr.read()
        return client.exec(sys.executable, "-c", UDP, "ask", address, text).strip()
    finally:
        listening.kill()
        listening.wait()


@pytest.mark.parametrize("address", ["10.1.0.1", "fd00:1::1"])
def test_udp_whole_and_in_fragments(network, address):
    blue, also = network["blue"], network["also"]
    assert exchange(blue, also, address, "hello") == f"{blue.name} heard hello"
    assert exchange(blue, also, address, "long") == f"{blue.name} heard {'x' * 3000}"


def test_tenants_have_the_same_address(network):
    for server, client in (("red", "left"), ("blue", "also")):
        name = network[server].name
        assert exchange(network[server], network[client], "10.1.0.1", "me") == f"{name} heard me"


@pytest.mark.parametrize("address", ["10.1.0.2", "fd00:1::2"])
def test_ping_from_the_twin(network, address):
    forget((network["red"], "red0"))
    ping(network["red"], address)
    ping(network["left"], address.replace("::2", "::1").replace("0.2", "0.1"))


def test_the_kernel_refuses_what_nobody_listens_to(network):
    for address in ("10.1.0.1", "fd00:1::1"):
        assert network["left"].exec(sys.executable, "-c", UDP, "ask", address, "x").strip() == "refused"


def test_a_tunnel_ends_at_the_host(network):
    """A tenant's service behind End.DT4 and End.DT6, and answers through a headend to the kernel that asked.

    The twin's neighbour is the port itself, so that the VRF routes what the host sends.
    """
    pe, red = network["pe"], network["red"]
    own = mac(network["nt"], "red0")
    pe.ip("address", "add", "10.9.0.1/32", "dev", "lo")
    pe.ip("address", "add", "fd09::1/128", "dev", "lo")
    pe.ip("-6", "route", "add", "fc00:0:1::/48", "via", "2001:db8:1::1", "dev", "pe0")
    pe.ip("route", "add", "10.1.0.1/32", "encap", "seg6", "mode", "encap", "segs", DT4, "dev", "pe0", "src", "10.9.0.1")
    pe.ip("route", "add", "fd00:1::1/128", "encap", "seg6", "mode", "encap", "segs", DT6, "dev", "pe0", "src", "fd09::1")
    pe.ip("-6", "route", "add", THEIR_DT4, "encap", "seg6local", "action", "End.DX4", "nh4", "0.0.0.0", "dev", "pe0")
    pe.ip("-6", "route", "add", THEIR_DT6, "encap", "seg6local", "action", "End.DT6", "table", "255", "dev", "pe0")
    for name in ("all", "pe0"):
        pe.sysctl(f"ipv4/conf/{name}/rp_filter", 0)
    for family, gateway, everything in (("-4", "10.1.0.254", "10.9.0.0/24"), ("-6", "fd00:1::254", "fd09::/64")):
        red.ip(family, "neighbor", "replace", gateway, "lladdr", own, "dev", "red0", "nud", "permanent")
        red.ip(family, "route", "add", everything, "via", gateway, "dev", "red0")
    for there, here in (("10.1.0.1", "10.9.0.1"), ("fd00:1::1", "fd09::1")):
        ping(red, here)
        client, server = transfer({"host": red, "pe": pe}, (there, here))
        assert client["sent"] == server["received"] and server["sent"] == client["received"]
        # What does not fit the tunnel is told to the host, which remembers it.
        red.start("ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", "1440", here).communicate(timeout=10)
        assert "mtu 1436" in red.ip("route", "get", here)


def test_traceroute_through_the_vrf(network):
    """Hop by hop from the twin: first the VRF, whose error comes back to the host; and the forwarder's to others."""
    red, left = network["red"], network["left"]
    red.ip("neighbor", "replace", "10.1.0.254", "lladdr", mac(network["nt"], "red0"), "dev", "red0", "nud", "permanent")
    red.ip("route", "replace", "10.8.0.0/24", "via", "10.1.0.254", "dev", "red0")
    left.ip("route", "replace", "10.8.0.0/24", "via", "10.1.0.1")
    for namespace in (red, left):
        output = namespace.start("ping", "-n", "-c", "1", "-W", "2", "-t", "1", "10.8.0.7").communicate(timeout=10)[0]
        assert "From 10.1.0.1" in output and "exceeded" in output, output


# MARK: what only a socket for frames sees


@pytest.fixture
def frames(network):
    """What red's twin gives to its kernel, frame by frame, and a way to send frames from left."""
    seen, left = network["red"].packet_socket("red0"), network["left"].packet_socket("eth0")
    with seen, left:
        yield seen, left.send


def received(link, wanted, seconds=5):
    """Whether a frame arrives."""
    deadline = time.monotonic() + seconds
    while select.select([link], [], [], max(deadline - time.monotonic(), 0))[0]:
        if link.recv(65535) == wanted:
            return True
    return False


def test_multicast_and_other_protocols_reach_the_twin(network, frames):
    seen, send = frames
    source = mac(network["left"], "eth0")
    hello = packets.ipv4("10.1.0.2", "224.0.0.5", 89, bytes(44), ttl=1)
    hello6 = packets.ipv6("fe80::2", "ff02::5", 89, bytes(36), hop_limit=1)
    for frame in (
        packets.ethernet("01:00:5e:00:00:05", source, packets.ETHERTYPE_IPV4, hello),
        packets.ethernet("33:33:00:00:00:05", source, packets.ETHERTYPE_IPV6, hello6),
        packets.ethernet(LLDP, source, 0x88CC, b"\x02\x07\x04" + bytes(43)),
        # IS-IS: LLC behind a length.
        packets.ethernet("01:80:c2:00:00:14", source, 46, b"\xfe\xfe\x03" + bytes(43)),
    ):
        send(frame)
        assert received(seen, frame), frame.hex()


def test_a_packet_socket_sees_what_is_punted(network, frames):
    seen, send = frames
    own, source = mac(network["nt"], "red0"), mac(network["left"], "eth0")
    packet = packets.ipv4("10.1.0.2", "10.1.0.1", 132, bytes(24))
    send(packets.ethernet(own, source, packets.ETHERTYPE_IPV4, packet))
    assert received(seen, packets.ethernet(own, own, packets.ETHERTYPE_IPV4, packet))


def test_a_tagged_twin_asks_with_its_tag(network, frames):
    """The kernel's ARP question leaves tagged; the tagged answer is its own. The tag is shown beside the frame by Linux."""
    red, process = network["red"], network["process"]
    own, source = mac(network["nt"], "red0"), mac(network["left"], "eth0")
    link = network["left"].packet_socket("eth0")
    sol_packet, packet_auxdata = 263, 8
    with link:
        link.setsockopt(sol_packet, packet_auxdata, 1)
        asking = red.start("ping", "-n", "-c", "1", "-W", "5", "10.3.0.2")
        deadline = time.monotonic() + 5
        tags = []
        while not tags and time.monotonic() < deadline:
            frame, extra, _, _ = link.recvmsg(2048, 256)
            if frame[12:14] == b"\x08\x06" and frame[38:42] == bytes([10, 3, 0, 2]):
                tags = [int.from_bytes(data[16:18], sys.byteorder) for *_, data in extra]
        assert tags == [20]
        arp = bytes.fromhex("0001080006040002") + packets.mac(source) + bytes([10, 3, 0, 2]) + packets.mac(own) + bytes([10, 3, 0, 1])  # fmt: skip
        link.send(packets.ethernet(own, source, 0x0806, arp, vlan=20))
        wait_for(lambda: source in red.ip("neighbor", "show", "10.3.0.2"))
        asking.kill()
        asking.wait()
    assert twin(process, "red0-20")["from-host-packets"] >= 1


def test_frames_that_are_too_long_are_the_twins_drops(network):
    red, process = network["red"], network["process"]
    own = mac(network["nt"], "red0")
    before = twin(process, "red0")["from-host-drops"]
    red.ip("link", "set", "red0", "mtu", "2000")
    try:
        with red.packet_socket("red0") as link:
            for length in (1600, 1501):
                link.send(packets.ethernet(LLDP, own, 0x88CC, bytes(length)))
        wait_for(lambda: twin(process, "red0")["from-host-drops"] == before + 2)
    finally:
        red.ip("link", "set", "red0", "mtu", "1500")


def test_twins_follow_while_it_runs(network):
    """Right after a transaction the twins are what its ports say, and what they were when it is taken back."""

    def devices():
        return {
            (name, link["ifname"]): {row["local"] for row in link["addr_info"]} | {link["mtu"]}
            for name in ("red", "nt")
            for link in json.loads(network[name].ip("-j", "address", "show"))
        }

    process = network["process"]
    before = devices()
    text = process.configuration.read_text()
    changed = json.loads(text)
    changed["ports"]["red0"]["addresses"] = ["10.1.0.1/24", "10.1.0.77/24"]
    changed["ports"]["red0"]["mtu"] = 1400
    del changed["ports"]["core"]["tap"]
    live = Live(changed["api"]["socket"])
    live.configure(json.dumps(changed))
    now = devices()
    red, core = ("red", "red0"), ("nt", "core-tap")
    assert {"10.1.0.1", "10.1.0.77", 1400} <= now[red] and "fd00:1::1" not in now[red]
    assert core in before and core not in now
    assert exchange(network["red"], network["left"], "10.1.0.77", "new") == f"{network['red'].name} heard new"
    live.configure(text)
    assert devices().keys() == before.keys() and devices()[red] == before[red]


def test_everything_is_accounted_for(network):
    """Comes last, for it stops the forwarder: counters agree, and the twins are gone with it."""
    process, red = network["process"], network["red"]
    shown = twin(process, "red0")
    assert shown["to-host-packets"] > 1000 and shown["from-host-packets"] > 1000 and shown["to-host-drops"] == 0
    summary = process.summary()
    assert adds_up(summary)
    punts = summary["punts"]
    assert sum(count["punted"] for count in punts.values()) == summary["punted"]
    assert punts["local"]["punted"] > 1000 and punts["link"]["punted"] >= 2 and punts["multicast"]["punted"] >= 2
    assert "red0" not in red.ip("link", "show") and "core-tap" not in network["nt"].ip("link", "show")
