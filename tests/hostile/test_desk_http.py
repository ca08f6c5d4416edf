"""The desk over a real connection: smuggled, slow, huge and strange requests end in bounded time.

What the server does for door and desk alike is told in test_http.py; here it is told that the desk
stands behind it, and what its guard makes of what comes through.
"""

from __future__ import annotations

import gc
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from desk_core import DeskCore
from desk_served import served

from relay.desk import guard
from relay.serving.limits import HttpLimits
from relay.testing.door import port_of

COOKIE = b"cookie: desk-session=s-editor\r\n"
FORM = b"content-type: application/x-www-form-urlencoded\r\n"


class Served:
    """A desk at a port of this machine."""

    def __init__(self, core: DeskCore, address: str) -> None:
        self.core = core
        self.port = port_of(address)
        self.host = f"127.0.0.1:{self.port}".encode()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 5)

    def head(
        self, method: bytes = b"GET", path: bytes = b"/preferences", more: bytes = b""
    ) -> bytes:
        return (
            method + b" " + path + b" HTTP/1.1\r\nhost: " + self.host + b"\r\n" + COOKIE
            + b"origin: http://" + self.host + b"\r\n" + more
        )  # fmt: skip

    def say(self, said: bytes) -> bytes:
        with self.connect() as raw:
            raw.sendall(said)
            raw.shutdown(socket.SHUT_WR)
            return to_the_end(raw)

    def works(self) -> bool:
        return self.say(self.head(more=b"\r\n")).startswith(b"HTTP/1.1 200 ")


def to_the_end(raw: socket.socket) -> bytes:
    said = b""
    try:
        while got := raw.recv(65536):
            said += got
    except ConnectionError:
        pass
    return said


@contextmanager
def open_desk(limits: HttpLimits | None = None) -> Iterator[Served]:
    core = DeskCore({"prefer": [{}], "cards": [{"upto": 0}]})
    with served(core, limits) as address:
        yield Served(core, address)


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    with open_desk() as served:
        yield served


@pytest.fixture
def desk(shared: Served) -> Iterator[Served]:
    shared.core.asked.clear()
    yield shared
    assert not shared.core.given("prefer")
    assert shared.works()


def test_a_page_comes_without_a_word_about_the_server_or_its_clock(desk: Served) -> None:
    head = desk.say(desk.head(more=b"\r\n")).partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 200 ") and b"\r\nserver:" not in head
    assert b"\r\ndate:" not in head and b"\r\ncache-control: no-store" in head


def test_a_head_has_no_body(desk: Served) -> None:
    head, _, body = desk.say(desk.head(b"HEAD", more=b"\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and body == b""


@pytest.mark.parametrize(
    "lengths",
    [
        b"content-length: 10\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 0\r\n",
        b"content-length: 10\r\ncontent-length: 11\r\n",
        b"content-length: 1, 2\r\n",
        b"content-length: -1\r\n",
        b"content-length: +1\r\n",
        b"content-length: 0x1\r\n",
        b"transfer-encoding: chunked, identity\r\n",
        b"transfer-encoding: xchunked\r\n",
        b"transfer-encoding : chunked\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
    ],
)
def test_a_body_of_two_lengths_is_one_refusal_and_never_two_requests(
    desk: Served, lengths: bytes
) -> None:
    second = desk.head(b"POST", more=b"\r\n")
    said = desk.say(desk.head(b"POST", more=FORM + lengths + b"\r\n") + b"0\r\n\r\n" + second)
    assert len(re.findall(rb"HTTP/1\.1 \d\d\d ", said)) <= 1
    assert not said or said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501"))


@pytest.mark.parametrize(
    "said",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\x00 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n host: localhost\r\n\r\n",
        b"G" * 70_000,
        b"\r\n" * 10_000,
    ],
    ids=lambda said: said[:24].hex(),
)
def test_what_is_no_request_of_a_browser_shows_nothing(desk: Served, said: bytes) -> None:
    answer = desk.say(said)
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert b"<html" not in answer and not desk.core.asked


def test_an_upgrade_is_not_taken_up(desk: Served) -> None:
    for wanted in (b"h2c", b"websocket"):
        more = b"connection: upgrade\r\nupgrade: " + wanted + b"\r\n"
        more += b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        assert not desk.say(desk.head(more=more)).startswith(b"HTTP/1.1 101")


def test_a_huge_header_is_refused(desk: Served) -> None:
    said = desk.say(desk.head(more=b"x: " + b"a" * 40_000 + b"\r\n\r\n"))
    assert said.startswith(b"HTTP/1.1 431 ")


def test_a_huge_body_is_refused_before_it_is_read(desk: Served) -> None:
    with desk.connect() as raw:
        raw.sendall(desk.head(b"POST", more=FORM + b"content-length: 2000000000\r\n\r\n"))
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                sent += raw.send(b"a" * 65536)
        except OSError:
            pass
        assert sent < 16 * 1024 * 1024


def test_an_honest_form_that_is_too_long_is_told_so(desk: Served) -> None:
    body = b"a" * 700_000
    head = desk.head(b"POST", more=FORM + b"content-length: %d\r\n\r\n" % len(body))
    assert b"too long" in desk.say(head + body)


def test_a_slow_body_is_waited_for_no_longer_than_that(
    desk: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_S", 0.1)
    with desk.connect() as raw:
        raw.sendall(desk.head(b"POST", more=FORM + b"content-length: 1000\r\n\r\ncs"))
        said = to_the_end(raw)
    assert said.startswith(b"HTTP/1.1 408 ") and b"connection: close" in said


def test_a_slow_header_is_waited_for_no_longer_than_that() -> None:
    with open_desk(HttpLimits(header_s=0.1)) as desk:
        with desk.connect() as raw:
            raw.sendall(b"GET / HT")
            assert to_the_end(raw) == b""
        assert desk.works()


def test_an_answer_that_takes_for_ever_ends(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "WHOLE_S", 0.1)

    async def never(_: object) -> object:
        import asyncio

        await asyncio.sleep(3600)
        return {}

    monkeypatch.setattr(desk.core, "one", never)
    assert desk.say(desk.head(more=b"\r\n")).startswith(b"HTTP/1.1 503 ")
    monkeypatch.undo()


def test_a_crowd_that_says_nothing_keeps_nobody_from_the_desk() -> None:
    with open_desk(HttpLimits(sessions=5)) as desk, ExitStack() as open_:
        held = [open_.enter_context(desk.connect()) for _ in range(5)]
        for raw in held:
            raw.sendall(b"GET / HT")
        assert desk.works()
        assert to_the_end(held[0]) == b""  # the oldest had to go


def test_a_crowd_at_the_desk_leaves_it_bounded() -> None:
    form = b"content-type: application/x-www-form-urlencoded\r\ncontent-length: 9\r\n\r\n"
    with open_desk(HttpLimits(sessions=5)) as desk:
        with ExitStack() as open_:
            for raw in [open_.enter_context(desk.connect()) for _ in range(5)]:
                raw.sendall(desk.head(b"POST", more=b"expect: 100-continue\r\n" + form))
                assert raw.recv(1000)  # its header was whole: it is waited for what follows
            sixth = open_.enter_context(desk.connect())
            assert to_the_end(sixth).startswith(b"HTTP/1.1 503 ")
        assert any(desk.works() for _ in range(1000))  # as soon as their ends have been noticed


def test_a_small_answer_does_not_wait_for_the_clients_word(desk: Served) -> None:
    with desk.connect() as raw:
        raw.sendall(desk.head(b"HEAD", more=b"\r\n"))
        assert raw.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert all(
            one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in accepted(desk.port)
        )


def accepted(port: int) -> list[socket.socket]:
    """Our ends of the connections to a server in this process."""
    found = []
    for one in gc.get_objects():
        if type(one) is socket.socket and one.fileno() >= 0:  # what is a proxy may be gone
            with suppress(OSError):
                if one.getpeername() and one.getsockname()[1] == port:
                    found.append(one)
    assert found
    return found
