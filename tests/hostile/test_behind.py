"""A proxy in front: whose request it is, and that one network cannot take what is there for all."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from select import select

import pytest

from relay.serving import server as server_module
from relay.serving.forwarded import Proxies
from relay.testing.door import listening, port_of, serving
from relay.transports.limits import WebLimits
from relay.transports.web import Reply, Web

PROXY = "127.0.5.1"
LIMITS = WebLimits(sessions=12, sessions_per_network=2)


class Held:
    """Requests that are under way until they are let go."""

    def __init__(self) -> None:
        self.here = 0
        self.networks: list[bytes] = []
        self._go = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def receive(self, headers: object, body: bytes, network: bytes) -> Reply:
        self._loop = asyncio.get_running_loop()
        self.networks.append(network)
        self.here += 1
        try:
            await self._go.wait()
        finally:
            self.here -= 1
        return Reply(200)

    def let_go(self) -> None:
        """From another thread: all of them may end, now and later."""
        if self._loop is None:
            self._go.set()
        else:
            self._loop.call_soon_threadsafe(self._go.set)


class Door:
    def __init__(self, web: Web, address: str, held: Held) -> None:
        self.web = web
        self.port = port_of(address)
        self.held = held

    def connected(self, source: str = PROXY) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 5, source_address=(source, 0))

    def asked(
        self, forwarded: str | None, source: str = PROXY, path: str = "/in/held"
    ) -> socket.socket:
        """A connection on which a POST was sent, with the header a proxy would add."""
        raw = self.connected(source)
        header = "" if forwarded is None else f"x-forwarded-for: {forwarded}\r\n"
        said = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n{header}\r\n"
        raw.sendall(said.encode())
        return raw

    def under_way(self, count: int) -> None:
        soon(lambda: self.held.here == count)


def soon(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 3
    while not claim() and time.monotonic() < end:
        time.sleep(0.005)
    assert claim()


def status(raw: socket.socket) -> int:
    with raw:
        return int(raw.recv(1000)[9:12])


@contextmanager
def open_door(*behind: str, limits: WebLimits = LIMITS) -> Iterator[Door]:
    held = Held()
    web = Web(listening(), {"held": held}, None, lambda: "ok", limits, behind=Proxies(behind))
    with serving(web.run) as address:
        try:
            yield Door(web, address, held)
        finally:
            held.let_go()


def test_one_network_through_the_proxy_has_its_share_and_others_have_theirs() -> None:
    with open_door(PROXY) as door, ExitStack() as open_:
        for host in (1, 2):
            open_.enter_context(door.asked(f"192.0.2.{host}"))
        door.under_way(2)
        assert status(door.asked("192.0.2.3")) == 503
        assert status(door.asked("198.51.100.9, 192.0.2.3")) == 503  # a claim is worth nothing
        open_.enter_context(door.asked("192.0.3.1"))
        door.under_way(3)
        door.held.let_go()
        soon(lambda: door.web.server._brought.taken == 0)
        assert status(door.asked("192.0.2.3")) == 200


def test_what_takes_a_post_is_told_the_network_and_none_that_stands_for_everybody() -> None:
    with open_door(PROXY) as door:
        door.held.let_go()
        for forwarded in ("192.0.2.1", "198.51.100.9, 2001:db8:5:6::7", PROXY, "nobody", None):
            assert status(door.asked(forwarded)) == 200
        assert status(door.asked("192.0.2.1", source="127.0.0.1")) == 200  # no proxy of ours
        assert door.held.networks == [b"c00002", b"20010db80005", b"", b"", b"", b""]


def test_a_network_that_goes_away_gives_its_share_back() -> None:
    head = b"POST /in/held HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 192.0.2.1\r\n"
    with open_door(PROXY) as door:
        for reset in (True, False, True):
            raws = [door.connected(), door.connected()]
            for raw in raws:
                raw.sendall(head + b"content-length: 9\r\n\r\nhalf")
            soon(lambda: door.web.server._brought.taken == 2)
            assert status(door.asked("192.0.2.2")) == 503
            for raw in raws:
                if reset:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raw.close()
            soon(lambda: door.web.server._brought.taken == 0)
        assert door.held.here == 0


def test_requests_one_after_another_on_one_connection_are_counted_one_at_a_time() -> None:
    with open_door(PROXY) as door, door.asked("192.0.2.1") as raw:
        door.held.let_go()
        assert raw.recv(1000)[9:12] == b"200"
        for network in (3, 4, 5):
            raw.sendall(
                b"POST /in/held HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n"
                b"x-forwarded-for: 192.0.%d.1\r\n\r\n" % network
            )
            assert raw.recv(1000)[9:12] == b"200"
        soon(lambda: door.web.server._brought.taken == 0)


@pytest.mark.parametrize("forwarded", [None, "unknown", "", "192.0.2.1:80", "a, b"])
def test_what_cannot_be_told_counts_for_the_proxy(forwarded: str | None) -> None:
    with open_door(PROXY) as door, ExitStack() as open_:
        for _ in range(2):
            open_.enter_context(door.asked(forwarded))
        door.under_way(2)
        assert status(door.asked(forwarded)) == 503
        open_.enter_context(door.asked("192.0.2.1"))
        door.under_way(3)


def test_the_header_of_a_stranger_is_not_believed() -> None:
    with open_door(PROXY) as door, ExitStack() as open_:
        for n in range(3):  # each claims another network, and all are from one
            open_.enter_context(door.asked(f"192.0.{n}.1", source="127.0.6.1"))
        door.under_way(3)
        assert door.web.server._brought.taken == 0  # they count by their connections


def test_a_proxy_elsewhere_may_have_all_connections_and_a_stranger_a_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "is_loopback", lambda _: False)
    with open_door(PROXY) as door, ExitStack() as open_:
        for _ in range(LIMITS.sessions_per_network):
            open_.enter_context(door.asked(None, source="127.0.6.1"))
        door.under_way(LIMITS.sessions_per_network)
        assert status(door.asked(None, source="127.0.6.2")) == 503
    with open_door(PROXY) as door, ExitStack() as open_:
        for n in range(6):
            open_.enter_context(door.asked(f"192.0.{n}.1"))
        door.under_way(6)


@pytest.mark.parametrize("source", [PROXY, "127.0.0.1"])
def test_health_stays_on_this_machine_and_is_not_for_whom_a_proxy_brings(source: str) -> None:
    with open_door(PROXY) as door:
        for header, answer in (("127.0.0.1", 404), ("192.0.2.1", 404), (None, 405)):
            assert status(door.asked(header, source, "/healthz")) == answer  # 405: it was a POST


def test_a_flood_over_a_proxy_leaves_room_for_others() -> None:
    with open_door(PROXY, limits=WebLimits(sessions=40, sessions_per_network=5)) as door:
        with ExitStack() as open_:
            flood = [open_.enter_context(door.asked("192.0.2.1")) for _ in range(30)]
            door.under_way(5)
            open_.enter_context(door.asked("198.51.100.1"))
            door.under_way(6)
            soon(lambda: len(select(flood, (), (), 0)[0]) == 25)
            answered = select(flood, (), (), 0)[0]
            assert all(raw.recv(1000).startswith(b"HTTP/1.1 503 ") for raw in answered)
        door.held.let_go()
        soon(lambda: door.web.server._brought.taken == 0)
