"""The HTTP door, as gateways, readers and enemies speak to it."""

from __future__ import annotations

import asyncio
import gzip
import hmac
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from relay.model import Verdict
from relay.serving.server import cut
from relay.testing.door import Taken, Tick, listening, port_of, serving
from relay.transports.gateways.generic import Generic
from relay.transports.gateways.table import GATEWAYS, Account
from relay.transports.limits import WebLimits
from relay.transports.pages import Pages
from relay.transports.sms import Sms
from relay.transports.web import DRAINED, Reply, Web

NOW = 1_800_000_000
KEY = b"secret"
SMS = {"id": "1", "from": "+989121234567", "text": "hello", "at": "12:00"}


class Clock:
    def now(self) -> int:
        return NOW


class Door:
    """A serving Web with one SMS inlet "phone", a page, and what it took."""

    def __init__(self, folder: Path, host: str) -> None:
        self.taken = Taken()
        self.service, self.ignored, self.away = Tick(), Tick(), Tick()
        self.word = "ok"
        self.inlet = Sms(
            "phone",
            Generic(KEY),
            "news",
            self.taken,
            Clock(),
            service=self.service,
            ignored=self.ignored,
            turned_away=self.away,
        )
        self.folder = folder
        self.host = host
        self.web: Web
        self.address = ""

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, port_of(self.address)), 5)

    def say(self, said: bytes) -> bytes:
        """Everything that is answered to these bytes; the client closes its side after them."""
        with self.connect() as raw:
            raw.sendall(said)
            raw.shutdown(socket.SHUT_WR)
            return to_the_end(raw)

    def request(self, method: str, path: str, **more: object) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=5, verify=False) as client:
            return client.request(method, f"http://{self.address}{path}", **more)

    def post(self, body: bytes | None = None, **headers: str) -> httpx.Response:
        body = json.dumps(SMS).encode() if body is None else body
        return self.request("POST", "/in/phone", content=body, headers=signed(body) | headers)


def signed(body: bytes, at: int = NOW) -> dict[str, str]:
    made = hmac.new(KEY, str(at).encode() + b"." + body, sha256).hexdigest()
    return {"X-Outword-Timestamp": str(at), "X-Outword-Signature": made}


def to_the_end(raw: socket.socket) -> bytes:
    said = b""
    try:
        while got := raw.recv(65536):
            said += got
    except ConnectionError:
        pass
    return said


@contextmanager
def open_door(
    folder: Path, limits: WebLimits | None = None, *, host: str = "127.0.0.1"
) -> Iterator[Door]:
    door = Door(folder, host)
    door.web = Web(
        listening(host),
        {"phone": door.inlet},
        Pages(folder),
        lambda: door.word,
        limits or WebLimits(),
    )
    with serving(door.web.run) as door.address:
        yield door


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("public")
    (folder / "index.html").write_text("<p>home")
    (folder / "feed.json").write_text("{}")
    with open_door(folder) as made:
        yield made


@pytest.fixture
def door(shared: Door) -> Iterator[Door]:
    shared.taken.arrivals.clear()
    shared.taken.verdict, shared.taken.fault = Verdict.TAKEN, None
    shared.service.n = shared.ignored.n = shared.away.n = 0
    yield shared
    shared.word, shared.taken.verdict, shared.taken.fault = "ok", Verdict.TAKEN, None
    assert shared.post().status_code == 200


# ---------------------------------------------------------------- SMS


def test_a_signed_sms_is_taken_in(door: Door) -> None:
    answer = door.post()
    assert (answer.status_code, answer.content) == (200, b"")
    (arrival,) = door.taken.arrivals
    assert (arrival.transport, arrival.kind, arrival.channels) == ("phone", "text", ("news",))
    assert (arrival.content, arrival.sender) == (b"hello", b"+989121234567")
    assert (arrival.provider_id, arrival.claimed_at) == (b"1", b"12:00")


def test_only_the_phone_sends_old_messages_under_new_ids() -> None:
    account = Account(secret=b"k")
    again = [name for name, kind in GATEWAYS.items() if kind.make(account).repeats_without_id]
    assert again == ["android"]


@pytest.mark.parametrize(
    ("verdict", "status", "away"),
    [
        (Verdict.KNOWN, 200, 0),
        (Verdict.BUSY, 503, 1),
        (Verdict.FULL, 503, 1),
        (Verdict.REFUSED, 422, 1),
    ],
)
def test_a_verdict_is_a_status(door: Door, verdict: Verdict, status: int, away: int) -> None:
    door.taken.verdict = verdict
    assert door.post().status_code == status
    assert door.away.n == away


def test_a_wrong_signature_is_refused_before_anything_is_read(door: Door) -> None:
    body = json.dumps(SMS).encode()
    wrong: list[tuple[bytes, Mapping[str, str]]] = [
        (body, {}),
        (body, signed(b"other")),
        (body, signed(body, NOW - 301)),
        (body, signed(body) | {"X-Outword-Signature": signed(body)["X-Outword-Signature"].upper()}),
        (b"not json", signed(body)),
        (b"", {}),
    ]
    for content, headers in wrong:
        answer = door.request("POST", "/in/phone", content=content, headers=headers)
        assert (answer.status_code, answer.content) == (403, b"")
    assert door.taken.arrivals == [] and door.away.n == 0


def test_signed_nonsense_is_malformed(door: Door) -> None:
    for body in (b"", b"{", b"[]", b"[" * 100_000, b'{"a":' * 1000 + b"1" + b"}" * 1000):
        assert door.post(body).status_code == 400
    assert door.away.n == 5


def test_a_service_message_is_counted_and_never_a_post(door: Door) -> None:
    for sender in ("Bank Melli", "700", "123456"):
        assert door.post(json.dumps(SMS | {"from": sender}).encode()).status_code == 200
    assert door.taken.arrivals == []
    assert (door.service.n, door.ignored.n, door.away.n) == (3, 0, 0)


def test_an_empty_sms_is_ignored_and_counted(door: Door) -> None:
    assert door.post(json.dumps(SMS | {"text": " "}).encode()).status_code == 200
    assert door.taken.arrivals == [] and door.ignored.n == 1


def test_a_text_longer_than_any_sms_is_too_large(door: Door) -> None:
    assert door.post(json.dumps(SMS | {"text": "x" * 65_537}).encode()).status_code == 413


def test_a_fault_of_ours_says_nothing_of_itself(
    door: Door, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0, "hypercorn.error")
    caplog.set_level(0, "asyncio")
    door.taken.fault = OSError(28, "MARKER", "/var/MARKER/989121234567")
    answer = door.post()
    assert (answer.status_code, answer.content) == (503, b"")
    assert "MARKER" not in str(answer.headers)
    shown = capfd.readouterr()
    assert shown.out == shown.err == caplog.text == ""


# ---------------------------------------------------------------- requests


def test_an_unknown_name_is_not_there_and_other_methods_are_not_allowed(door: Door) -> None:
    assert door.request("POST", "/in/other").status_code == 404
    assert door.request("POST", "/in/").status_code == 404
    assert door.request("POST", "/in/phone/x").status_code == 403
    for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS"):
        answer = door.request(method, "/in/phone")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_body_at_the_cap_is_read_and_one_byte_more_is_not(door: Door) -> None:
    cap = WebLimits().body_bytes
    padded = json.dumps(SMS).encode()
    padded += b" " * (cap - len(padded))
    assert door.post(padded).status_code == 200
    assert door.post(padded + b" ").status_code == 413
    assert door.post(padded + b" " * (DRAINED - 10)).status_code == 413


def test_a_huge_body_is_refused_before_it_comes(door: Door) -> None:
    head = b"POST /in/phone HTTP/1.1\r\nhost: x\r\ncontent-length: 209715200\r\n\r\n"
    begun = time.monotonic()
    with door.connect() as raw:
        raw.sendall(head)
        assert to_the_end(raw).startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - begun < 6


def test_a_body_without_end_is_cut_at_the_cap(door: Door) -> None:
    head = b"POST /in/phone HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with door.connect() as raw:
        raw.sendall(head)
        sent = 0
        with pytest.raises(ConnectionError):
            while sent < 50_000_000:
                raw.sendall(chunk)
                sent += len(chunk)
        assert sent < 20_000_000
    assert door.taken.arrivals == []


def test_a_signed_body_in_chunks_is_taken_in(door: Door) -> None:
    body = json.dumps(SMS).encode()

    def chunks() -> Iterator[bytes]:
        yield body[:10]
        yield body[10:]

    answer = door.request("POST", "/in/phone", content=chunks(), headers=signed(body))
    assert answer.status_code == 200 and len(door.taken.arrivals) == 1


def test_a_packed_body_is_not_unpacked(door: Door) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    assert door.post(bomb, **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        b"content-length: 5\r\ncontent-length: 6\r\n",
        b"transfer-encoding: gzip, chunked\r\n",
        b"content-length: -5\r\n",
        b"content-length: 5x\r\n",
    ],
)
def test_a_body_with_two_lengths_is_refused(door: Door, head: bytes) -> None:
    smuggled = b"GET /in/smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
    for path in (b"/in/phone", b"/"):
        said = door.say(
            b"POST " + path + b" HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n0\r\n\r\n" + smuggled
        )
        assert said[9:12] in (b"400", b"501") and said.count(b"HTTP/1.1 ") == 1


def test_nonsense_is_refused_and_breaks_nothing(door: Door) -> None:
    import random

    noise = random.Random(1)
    for n in range(40):
        said = door.say(noise.randbytes(noise.randrange(1, 3000)) + b"\r\n\r\n")
        assert said == b"" or said[9:12] in (b"400", b"431"), n
    assert door.say(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")[9:12] in (b"", b"400")


def test_no_connection_becomes_another_protocol(door: Door) -> None:
    assert b"101" not in door.say(
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\n"
        b"http2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nconnection: close\r\n\r\n"
    )
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"
    assert door.say(preface)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 505", b"HTTP/1.1 405")
    ws = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    ws += b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    said = door.say(b"GET / HTTP/1.1\r\nhost: x\r\n" + ws + b"\r\n")
    assert b"101" not in said[:20]


def test_an_answer_names_no_product_and_no_clock(door: Door) -> None:
    said = door.say(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n") + door.say(b"nonsense\r\n\r\n")
    said += door.say(b"GET /nothing.html HTTP/1.1\r\nhost: x\r\n\r\n")
    lower = said.lower()
    for word in (b"server:", b"hypercorn", b"python", b"outword", b"relay", b"\r\ndate:"):
        assert word not in lower


def test_a_large_header_is_refused(door: Door) -> None:
    assert door.say(b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"x" * 20_000)[9:12] in (b"431", b"400")


# ---------------------------------------------------------------- page and health


def test_the_page_is_at_the_root_and_only_read(door: Door) -> None:
    answer = door.request("GET", "/")
    assert (answer.status_code, answer.content) == (200, b"<p>home")
    head = door.request("HEAD", "/")
    assert (head.content, head.headers["content-length"]) == (b"", "7")
    again = door.request("GET", "/", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert door.request("GET", "/?utm_source=x").status_code == 200
    assert door.request("POST", "/").status_code == 405


def test_a_thousand_ranges_are_refused_at_once(door: Door) -> None:
    ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(1500))
    begun = time.monotonic()
    answer = door.request("GET", "/", headers={"Range": ranges})
    assert (answer.status_code, answer.content) == (416, b"")
    assert time.monotonic() - begun < 6


def test_a_film_is_sent_whole_from_its_middle_or_only_told_of(door: Door) -> None:
    content = bytes(range(256)) * 4000
    (door.folder / "film.mp4").write_bytes(content)
    whole = door.request("GET", "/film.mp4")
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["content-length"] == str(len(content))
    middle = door.request("GET", "/film.mp4", headers={"Range": "bytes=600001-"})
    assert (middle.status_code, middle.content) == (206, content[600_001:])
    head = door.request("HEAD", "/film.mp4")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(content))
    head = door.request("HEAD", "/film.mp4", headers={"Range": "bytes=0-0"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(content)))


def test_a_hundred_who_load_a_film_slowly_hold_no_film_each(tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(30_000_000)
    with open_door(tmp_path) as door:
        before = resident_bytes()
        with ExitStack() as held:
            for _ in range(100):
                raw = held.enter_context(door.connect())
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                raw.sendall(b"GET /film.mp4 HTTP/1.1\r\nhost: x\r\n\r\n")
            assert door.post().status_code == 200
            assert resident_bytes() - before < 300_000_000
        end = time.monotonic() + 6
        while door.web.server._connections and time.monotonic() < end:
            time.sleep(0.005)
        assert not door.web.server._connections
    opened = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert not any(path.endswith("film.mp4") for path in opened)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    "path", [b"/../etc/passwd", b"/%2e%2e/etc/passwd", b"//etc/passwd", b"/index.html%00", b"/.git"]
)
def test_no_path_leads_out(door: Door, path: bytes) -> None:
    said = door.say(b"GET " + path + b" HTTP/1.1\r\nhost: x\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 404 ")


def test_health_is_one_word_for_this_machine(door: Door) -> None:
    assert (door.request("GET", "/healthz").status_code, door.request("GET", "/healthz").text) == (
        200,
        "ok",
    )
    door.word = "disk"
    answer = door.request("GET", "/healthz")
    assert (answer.status_code, answer.text) == (503, "disk")


@pytest.mark.parametrize("name", ["X-Forwarded-For", "x-forwarded-for", "Forwarded"])
def test_health_is_not_there_for_whoever_comes_through_a_proxy(door: Door, name: str) -> None:
    assert door.request("GET", "/healthz", headers={name: "192.0.2.1"}).status_code == 404


def test_health_is_not_there_for_another_machine(tmp_path: Path) -> None:
    web = Web(listening(), {}, None, lambda: "ok", WebLimits())
    for peer in (("192.0.2.1", 1), ("", 0), None):
        assert web._say_health(peer, "GET", {}).status == 404
    for peer in (("127.0.0.1", 1), ("::1", 1), ("::ffff:127.0.0.1", 1)):
        assert web._say_health(peer, "GET", {}).status == 200
    web.server._sock.close()


def test_without_a_page_there_is_none(tmp_path: Path) -> None:
    web = Web(listening(), {}, None, lambda: "ok", WebLimits())
    with serving(web.run) as address, httpx.Client(trust_env=False) as client:
        assert client.get(f"http://{address}/").status_code == 404
        assert client.get(f"http://{address}/healthz").status_code == 200


# ---------------------------------------------------------------- time and room


QUICK = WebLimits(header_s=0.2, body_s=0.2, connection_s=0.5)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"", b""),
        (b"POST /in/phone HT", b""),
        (b"POST /in/phone HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n1", b"HTTP/1.1 408 "),
    ],
)
def test_a_half_said_request_is_cut(tmp_path: Path, said: bytes, answer: bytes) -> None:
    with open_door(tmp_path, QUICK) as door, door.connect() as raw:
        begun = time.monotonic()
        raw.sendall(said)
        assert to_the_end(raw)[:13] == answer
        assert 0.15 < time.monotonic() - begun < 6


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nx: ",
        b"POST /in/phone HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n",
    ],
)
def test_a_byte_now_and_then_keeps_nothing_open(tmp_path: Path, said: bytes) -> None:
    with open_door(tmp_path, QUICK) as door, door.connect() as raw:
        begun = time.monotonic()
        raw.settimeout(0.03)
        with pytest.raises((ConnectionError, EOFError)):
            while time.monotonic() - begun < 3:
                raw.sendall(said or b"x")
                said = b""
                try:
                    if not raw.recv(1000):
                        raise EOFError
                except TimeoutError:
                    continue
        assert time.monotonic() - begun < 6


def test_a_hundred_slow_clients_do_not_slow_a_good_one(tmp_path: Path) -> None:
    with open_door(tmp_path) as door, ExitStack() as held:
        for _ in range(100):
            held.enter_context(door.connect()).sendall(b"POST /in/phone HTTP/1.1\r\nhost: x\r\n")
        begun = time.monotonic()
        assert door.post().status_code == 200
        assert time.monotonic() - begun < 6


def test_a_reader_that_does_not_read_is_cut(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"x" * 8_000_000)
    with open_door(tmp_path, QUICK) as door, door.connect() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.sendall(b"GET /big.txt HTTP/1.1\r\nhost: x\r\n\r\n")
        end = time.monotonic() + 6
        while not door.web.server._connections and time.monotonic() < end:
            time.sleep(0.005)
        assert door.web.server._connections
        while door.web.server._connections and time.monotonic() < end:
            time.sleep(0.01)
        assert not door.web.server._connections and door.web.server._near.taken == 0


def test_connections_beyond_the_limit_are_told_to_come_again(tmp_path: Path) -> None:
    with open_door(tmp_path, WebLimits(sessions=3)) as door, ExitStack() as held:
        for _ in range(3):
            begun = held.enter_context(door.connect())
            begun.sendall(b"POST /in/phone HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
        end = time.monotonic() + 6
        while len(door.web.server._connections) < 3 or door.web.server._silent:
            assert time.monotonic() < end
            time.sleep(0.005)
        with door.connect() as fourth:
            assert to_the_end(fourth).startswith(b"HTTP/1.1 503 ")
        held.close()
        end = time.monotonic() + 6
        while door.web.server._connections and time.monotonic() < end:
            time.sleep(0.005)
        assert door.post().status_code == 200


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nhost: "])
def test_silent_connections_hold_no_place_that_somebody_needs(tmp_path: Path, said: bytes) -> None:
    """Nor do they where they are renewed: the oldest of them goes for each that comes."""
    with open_door(tmp_path, WebLimits(sessions=3)) as door, ExitStack() as held:
        silent = [held.enter_context(door.connect()) for _ in range(3)]
        for one in silent:
            one.sendall(said)
        for _ in range(4):
            assert door.post().status_code == 200
            with suppress(ConnectionError):
                held.enter_context(door.connect()).sendall(said)
        with suppress(ConnectionError):
            assert to_the_end(silent[0]) == b""
        held.close()
        end = time.monotonic() + 6
        while door.web.server._connections and time.monotonic() < end:
            time.sleep(0.005)
        assert door.web.server._near.taken == 0 and not door.web.server._silent


def test_ipv6_is_served(tmp_path: Path) -> None:
    with open_door(tmp_path, host="::1") as door:
        assert door.address.startswith("[::1]:")
        assert door.request("GET", "/healthz").status_code == 200


def test_a_connection_that_has_ended_by_itself_is_cut_without_a_fault() -> None:
    """Else its place was never given back: 200 clients that read slowly shut a door for ever."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        _, writer = await asyncio.open_connection(sock=ours)
        writer.write(bytes(4 * 1024 * 1024))
        writer.close()  # with something left to send
        theirs.setblocking(False)
        while await asyncio.get_running_loop().sock_recv(theirs, 1 << 20):
            pass
        theirs.close()
        await writer.wait_closed()
        cut(writer)

    asyncio.run(run())


def test_stopping_lets_a_request_that_is_being_stored_have_its_answer(tmp_path: Path) -> None:
    class Slow:
        def __init__(self) -> None:
            self.begun = False

        async def receive(self, headers: Mapping[str, str], body: bytes, network: bytes) -> Reply:
            self.begun = True
            await asyncio.sleep(0.2)
            return Reply(200)

    slow = Slow()
    web = Web(listening(), {"slow": slow}, None, lambda: "ok", WebLimits())
    with serving(web.run) as address:
        raw = socket.create_connection(("127.0.0.1", port_of(address)), 5)
        idle = socket.create_connection(("127.0.0.1", port_of(address)), 5)
        raw.sendall(b"POST /in/slow HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
        while not slow.begun:
            time.sleep(0.005)
        begun = time.monotonic()
    with raw, idle:
        assert time.monotonic() - begun < 6
        assert to_the_end(raw).startswith(b"HTTP/1.1 200 ")
        assert to_the_end(idle) == b""
