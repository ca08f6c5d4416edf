"""Two ways from a node to a platform, as packets see them: network namespaces of this machine.

``ow-here`` is where the node runs. ``ow-there`` has the platform (TLS, one web address), a name
server that knows it, and a real microsocks. Two cables join them: over ``direct`` go the node's
questions to the name server and its connections to the platform; over ``round`` the proxy is
reached, and nothing else. What passes over the direct cable is seen by a packet socket. Needs root.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from name_server import NameServer

from relay.testing.certificates import Pair

NAME = "platform.example.test"
PLATFORM, NODE = "10.77.31.1", "10.77.31.2"
PROXY, NODE_ROUND = "10.78.31.1", "10.78.31.2"
PROXY_PORT = 1080
LIAR = "10.77.31.9"
HERE, THERE = "ow-here", "ow-there"
ALONE = "/run/ow-ways.lock"

_NEWNET = 0x40000000  # setns(2)
_ETH_P_IP = 0x0800
Made = TypeVar("Made")


def possible() -> bool:
    """Whether this machine lets us have namespaces, and has the proxy."""
    return (
        os.geteuid() == 0
        and shutil.which("ip") is not None
        and shutil.which("microsocks") is not None
        and _ip("netns", "add", "ow-try").returncode == 0
        and _ip("netns", "del", "ow-try").returncode == 0
    )


def _ip(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ip", *words], capture_output=True, timeout=10)


def _must(*words: str) -> None:
    made = _ip(*words)
    assert made.returncode == 0, made.stderr.decode()


def inside(space: str, make: Callable[[], Made]) -> Made:
    """Make a socket in a namespace: it stays there, whoever uses it."""
    got: list[Made] = []
    failed: list[OSError] = []

    def there() -> None:
        try:
            with open(f"/run/netns/{space}") as file:
                assert ctypes.CDLL(None, use_errno=True).setns(file.fileno(), _NEWNET) == 0
            got.append(make())
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=there)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return got[0]


@dataclass
class Platform:
    """What the platform saw: the connections that asked for something, and what was posted."""

    texts: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)  #: the way of each, in the same order
    keys: set[str] = field(default_factory=set)
    hangs: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)

    def meet(self, key: str, body: bytes, peer: str) -> None:
        """One request: a key that is known is the post it was before. While ``hangs`` is set the
        answer waits for ``goes_on``."""
        if self.hangs.is_set():
            self.hangs.clear()
            self.reached.set()
            self.goes_on.wait(60)
        if key not in self.keys:
            self.keys.add(key)
            self.texts.append(json.loads(body)["text"])
            self.by.append("direct" if peer == NODE else "proxy")


class Ways:
    """The two cables, while the block lasts."""

    def __init__(self, names: NameServer, seen: socket.socket) -> None:
        self.platform = Platform()
        self.names = names
        self._seen = seen

    @property
    def run(self) -> list[str]:
        """Words before a command that is to run where the node is."""
        return ["ip", "netns", "exec", HERE]

    def cut(self) -> None:
        """Nothing comes back over the direct cable from now on, as if a filter swallowed it."""
        _must("-n", THERE, "route", "add", "blackhole", f"{NODE}/32")

    def mend(self) -> None:
        """The direct cable carries again."""
        _must("-n", THERE, "route", "del", "blackhole", f"{NODE}/32")

    def lied_about(self) -> socket.socket:
        """The node is told another address of the platform from now on; the socket that listens
        there. The proxy knows better."""
        _must("-n", THERE, "addr", "add", f"{LIAR}/24", "dev", "direct-t")
        self.names.zone[NAME, "A"] = [LIAR]
        return inside(THERE, lambda: socket.create_server((LIAR, 443)))

    def packets(self) -> list[tuple[str, int]]:
        """(address, port) that the node sent IP packets to over the direct cable since the last
        call."""
        sent = []
        with contextlib.suppress(BlockingIOError):
            while frame := self._seen.recv(65536):
                packet = frame[14:]
                if packet[0] >> 4 == 4 and socket.inet_ntoa(packet[12:16]) == NODE:
                    header = (packet[0] & 15) * 4
                    port = int.from_bytes(packet[header + 2 : header + 4])
                    sent.append((socket.inet_ntoa(packet[16:20]), port))
        return sent


@contextmanager
def two_ways(pair: Pair) -> Iterator[Ways]:
    """Lay the cables, serve the platform with this certificate, and take all of it away again."""
    with contextlib.ExitStack() as after:
        alone = after.enter_context(open(ALONE, "w"))
        fcntl.flock(alone, fcntl.LOCK_EX)  # the names of all this are the machine's
        for space in (HERE, THERE):
            _ip("netns", "del", space)  # of a run that was killed
            _must("netns", "add", space)
            after.callback(_ip, "netns", "del", space)
            _must("-n", space, "link", "set", "lo", "up")
        _cable("direct", NODE, PLATFORM)
        _cable("round", NODE_ROUND, PROXY)
        folder = Path(f"/etc/netns/{HERE}")
        folder.mkdir(parents=True, exist_ok=True)
        after.callback(shutil.rmtree, folder, True)
        (folder / "resolv.conf").write_text(
            f"nameserver {PLATFORM}\noptions timeout:1 attempts:1\n"
        )
        names = inside(THERE, lambda: NameServer({(NAME, "A"): [PLATFORM]}, (PLATFORM, 53)))
        answering = threading.Thread(target=names.serve, daemon=True)
        answering.start()
        after.callback(names.close)
        after.callback(answering.join)
        after.callback(names.end)
        seen = inside(HERE, _packet_socket)
        after.callback(seen.close)
        ways = Ways(names, seen)
        after.enter_context(_serving(ways.platform, pair))
        after.enter_context(_proxy())
        yield ways


def _cable(name: str, here: str, there: str) -> None:
    ends = {HERE: (f"{name}-h", here), THERE: (f"{name}-t", there)}
    (a, _), (b, _) = ends.values()
    _must("link", "add", a, "netns", HERE, "type", "veth", "peer", "name", b, "netns", THERE)
    for space, (end, address) in ends.items():
        _must("-n", space, "addr", "add", f"{address}/24", "dev", end)
        _must("-n", space, "link", "set", end, "up")


def _packet_socket() -> socket.socket:
    seen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_IP))
    seen.bind(("direct-h", 3))  # ETH_P_ALL: also what goes out
    seen.setblocking(False)
    return seen


@contextmanager
def _serving(platform: Platform, pair: Pair) -> Iterator[None]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    listening = inside(THERE, lambda: socket.create_server((PLATFORM, 443)))

    class Meet(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with contextlib.suppress(OSError):
                platform.meet(self.headers["idempotency-key"], body, self.client_address[0])
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            with (
                contextlib.suppress(OSError),  # who does not believe us, or only looks
                context.wrap_socket(request, server_side=True) as secured,
            ):
                super().finish_request(secured, client_address)

        def handle_error(self, *_: Any) -> None:
            return

    server = Server((PLATFORM, 443), Meet, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        platform.goes_on.set()
        server.shutdown()
        server.server_close()


@contextmanager
def _proxy() -> Iterator[None]:
    words = ["ip", "netns", "exec", THERE, "microsocks", "-i", PROXY, "-p", str(PROXY_PORT)]
    there = Path(f"/etc/netns/{THERE}")
    there.mkdir(parents=True, exist_ok=True)
    (there / "resolv.conf").write_text(f"nameserver {PLATFORM}\n")
    (there / "hosts").write_text(f"{PLATFORM} {NAME}\n")
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                inside(HERE, lambda: socket.create_connection((PROXY, PROXY_PORT), 1)).close()
                break
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(there, ignore_errors=True)
