"""A link over HTTPS among strangers, false nodes, and peers that are in other hands by now."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
import ssl
import subprocess
import sys

import pytest
from false_nodes import believing_all, in_older_tls, of_an_authority, signed_by, with_key
from https_links import (
    ENTRY,
    EXIT,
    OTHER,
    STRANGER,
    Exit,
    batch_of,
    calling,
    in_asyncio,
    key,
    listening,
)

from relay.links.https import listening as listening_module
from relay.links.https import trust
from relay.links.https.wishes import LATER, PIECE
from relay.links.port import Durable, Later
from relay.wire.batch import make_batch

CLIENT, SERVER = ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER

STRANGERS = {
    "another key": lambda folder: with_key(CLIENT, STRANGER, folder),
    "no certificate": lambda folder: believing_all(CLIENT),
    "one of the web": lambda folder: of_an_authority(CLIENT, folder),
    "one that has ended": lambda folder: of_an_authority(CLIENT, folder, ended=True),
    "one that a peer vouches for": lambda folder: signed_by(CLIENT, ENTRY, folder),
    "a peer's, in TLS 1.2": lambda folder: in_older_tls(with_key(CLIENT, ENTRY, folder)),
    "in the clear": lambda folder: None,
}

REFUSED = b"HTTP/1.1 400 \r\ncontent-length: 0\r\nConnection: close\r\n\r\n"


async def heard(at, context, said=b"", *, host="exit.example") -> bytes:
    """All that comes back, until the other side has no more to say, or does not want us."""
    with contextlib.suppress(OSError):
        name = host if context else None
        reader, writer = await asyncio.open_connection(*at, ssl=context, server_hostname=name)
        try:
            got = b""
            writer.write(said)
            while more := await reader.read(65536):
                got += more
            return got
        except OSError:
            return got
        finally:
            writer.transport.abort()
    return b""


async def is_well(exit_: Exit, at) -> None:
    """Whatever others did, a peer is served."""
    async with calling(at) as hand_over:
        assert isinstance(await hand_over(batch_of(77)), Durable)
    assert exit_.kept.pop() == batch_of(77)
    assert exit_.kept == []


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize("kind", STRANGERS)
@in_asyncio
async def test_a_stranger_is_turned_away_and_counted_and_peers_are_served(kind, tmp_path):
    exit_ = Exit()
    made = make_batch(batch_of(10), ENTRY, key(EXIT))
    async with listening(exit_) as at:
        assert await heard(at, STRANGERS[kind](tmp_path), posted(made)) in (b"", b"\x15")
        assert exit_.turned_away == 1
        await is_well(exit_, at)


@pytest.mark.parametrize("junk", [b"\x00" * 300, b"\xff" * 300, b"SSH-2.0-x\r\n", b"\x16\x03\x01"])
@in_asyncio
async def test_junk_in_place_of_a_handshake_is_turned_away(junk, monkeypatch):
    monkeypatch.setattr(listening_module, "SHAKE_S", 0.05)
    exit_ = Exit()
    async with listening(exit_) as at:
        assert len(await heard(at, None, junk)) <= 7  # an alert of TLS, at most
        assert exit_.turned_away == 1
        await is_well(exit_, at)


@in_asyncio
async def test_who_says_nothing_is_cut_and_counted(monkeypatch):
    monkeypatch.setattr(listening_module, "SHAKE_S", 0.05)
    exit_ = Exit()
    async with listening(exit_) as at:
        assert await heard(at, None) == b""
    assert exit_.turned_away == 1


@in_asyncio
async def test_a_crowd_in_silence_keeps_no_peer_out():
    exit_ = Exit()
    async with listening(exit_) as at:
        crowd = [await asyncio.open_connection(*at) for _ in range(200)]
        await is_well(exit_, at)
        for _, writer in crowd:
            writer.transport.abort()


@in_asyncio
async def test_any_name_or_none_is_called(tmp_path):
    exit_ = Exit()
    made = make_batch(batch_of(10), ENTRY, key(EXIT))
    async with listening(exit_) as at:
        for name in ("x", "www.example.org", "127.0.0.1"):  # of the last, none is said
            context = with_key(CLIENT, ENTRY, tmp_path)
            assert b" 200 " in await heard(at, context, posted(made, last=True), host=name)


# ---------------------------------------------------------------- false exits


@pytest.mark.parametrize(
    "made",
    [
        lambda folder: with_key(SERVER, STRANGER, folder),
        lambda folder: of_an_authority(SERVER, folder),
        lambda folder: of_an_authority(SERVER, folder, ended=True),
        lambda folder: signed_by(SERVER, EXIT, folder),
        lambda folder: in_older_tls(with_key(SERVER, EXIT, folder)),
        lambda folder: None,
    ],
    ids=["another key", "one of the web", "ended", "vouched for", "TLS 1.2", "in the clear"],
)
@in_asyncio
async def test_a_false_exit_hears_nothing_and_is_called_again(made, tmp_path):
    got = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            if context is None:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            got.append(await reader.read(100_000))
        writer.transport.abort()

    context = made(tmp_path)
    server = await asyncio.start_server(serve, "127.0.0.1", ssl=context)
    at = server.sockets[0].getsockname()
    async with calling(at) as hand_over:
        for _ in range(2):
            handed = await hand_over(batch_of(10))
            assert isinstance(handed, Later)
            assert handed.state == "blocked"
    server.close()
    await asyncio.sleep(0.01)
    assert all(b"HTTP" not in one and b"OUTB" not in one for one in got)
    if context is not None:
        assert b"".join(got) == b""  # of what is under TLS, nothing


# ---------------------------------------------------------------- peers in other hands


def posted(made: bytes, *, last: bool = False) -> bytes:
    close = "connection: close\r\n" if last else ""
    return (
        f"POST /batch HTTP/1.1\r\nhost: x\r\n{close}content-length: {len(made)}\r\n\r\n".encode()
        + made
    )


def own() -> bytes:
    return make_batch(batch_of(10), ENTRY, key(EXIT))


WRONG = {
    "HTTP/1.0": lambda: posted(own()).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "HTTP/2": lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an upgrade": lambda: posted(own()).replace(b"host", b"upgrade: h2c\r\nhost"),
    "another method": lambda: posted(own()).replace(b"POST", b"PATCH"),
    "another target": lambda: posted(own()).replace(b"/batch", b"/"),
    "a page": lambda: b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
    "no length": lambda: b"POST /batch HTTP/1.1\r\nhost: x\r\n\r\n",
    "no host": lambda: posted(own()).replace(b"host: x\r\n", b""),
    "chunks": lambda: (
        b"POST /batch HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "chunks and a length": lambda: posted(own()).replace(
        b"host", b"transfer-encoding: chunked\r\nhost"
    ),
    "two lengths": lambda: posted(own()).replace(b"host", b"content-length: 1\r\nhost"),
    "a length that is none": lambda: posted(own()).replace(b"length: ", b"length: +"),
    "a wait for our word": lambda: posted(own()).replace(b"host", b"expect: 100-continue\r\nhost"),
    "a second request behind it": lambda: posted(own()) * 2,
    "a head without end": lambda: b"POST /batch HTTP/1.1\r\nx: " + b"x" * 100_000,
    "a thousand headers": lambda: (
        b"POST /batch HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 1000 + b"\r\n"
    ),
    "a body without end": lambda: posted(b"").replace(b"length: 0", b"length: 99999999"),
    "a piece without end": lambda: (
        f"PUT /pieces/{'0' * 64}?at=0&of=9999999 HTTP/1.1\r\nhost: x\r\n"
        f"content-length: {PIECE + 1}\r\n\r\n"
    ).encode(),
    "a batch of another": lambda: posted(make_batch(batch_of(10), OTHER, key(EXIT))),
    "a batch for another": lambda: posted(make_batch(batch_of(10), ENTRY, key(OTHER))),
    "a batch that was altered": lambda: posted(own()[:-1] + b"x"),
    "half a batch": lambda: posted(own()[:512]),
    "nothing": lambda: posted(b""),
    "junk": lambda: posted(b"x" * 4096),
    "no HTTP": lambda: b"\x00" * 5000,
}


@pytest.mark.parametrize("kind", WRONG)
@in_asyncio
async def test_what_is_wrong_gets_one_answer_whatever_it_is(kind, tmp_path):
    exit_ = Exit()
    async with listening(exit_) as at:
        context = with_key(CLIENT, ENTRY, tmp_path)
        assert await heard(at, context, WRONG[kind]()) == REFUSED
        assert exit_.turned_away == 1
        await is_well(exit_, at)


@in_asyncio
async def test_pieces_that_are_not_what_they_said_are_refused(tmp_path):
    exit_ = Exit()
    context = with_key(CLIENT, ENTRY, tmp_path)
    said = f"PUT /pieces/{'ab' * 32}?at=0&of=4 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\njunk"
    async with listening(exit_) as at:
        assert await heard(at, context, said.encode()) == REFUSED
        assert exit_.turned_away == 1
        await is_well(exit_, at)


@in_asyncio
async def test_pieces_of_another_batch_take_the_place_and_no_more(tmp_path):
    """A peer may hold one batch that never becomes whole: it costs nobody else anything."""
    exit_ = Exit()
    context = with_key(CLIENT, OTHER, tmp_path)
    piece = b"x" * PIECE
    async with listening(exit_) as at:
        for n in range(6):
            name = hashlib.sha256(bytes([n])).hexdigest()
            head = (
                f"PUT /pieces/{name}?at=0&of=9999999 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            )
            said = head.encode() + f"content-length: {PIECE}\r\n\r\n".encode() + piece
            got = await heard(at, context, said)
            assert got.startswith(b"HTTP/1.1 204 \r\nupload-offset: 1048576\r\n")
        await is_well(exit_, at)


@in_asyncio
async def test_nothing_of_us_is_in_any_answer(tmp_path):
    exit_ = Exit()
    context = with_key(CLIENT, ENTRY, tmp_path)
    async with listening(exit_) as at:
        taken = await heard(at, context, posted(own(), last=True))
        head, _, body = taken.partition(b"\r\n\r\n")
        assert head == b"HTTP/1.1 200 \r\ncontent-length: 1024\r\nConnection: close"
        assert body[:4] == b"OUTB"
        exit_.full = True
        later = await heard(at, context, posted(own(), last=True))
        assert later == b"HTTP/1.1 503 \r\ncontent-length: 5\r\nConnection: close\r\n\r\n" + LATER
        rest = f"GET /answers/{'0' * 64}?at=0 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        nothing = await heard(at, context, rest.encode())
        assert nothing == b"HTTP/1.1 204 \r\nupload-offset: 0\r\nConnection: close\r\n\r\n"


@in_asyncio
async def test_who_sends_its_head_a_byte_at_a_time_is_cut(monkeypatch, tmp_path):
    monkeypatch.setattr(listening_module, "REST_S", 0.05)
    exit_ = Exit()
    async with listening(exit_) as at:
        reader, writer = await asyncio.open_connection(*at, ssl=with_key(CLIENT, ENTRY, tmp_path))
        while not (reader.at_eof() or writer.is_closing()):
            writer.write(b"x")
            await asyncio.sleep(0.002)
        writer.transport.abort()
        await is_well(exit_, at)


@in_asyncio
async def test_a_body_that_stops_is_cut_and_nothing_is_kept(tmp_path):
    exit_ = Exit()
    context = with_key(CLIENT, ENTRY, tmp_path)
    async with listening(exit_, step_s=0.05) as at:
        assert await heard(at, context, posted(own())[:-1]) == b""
        await is_well(exit_, at)


@in_asyncio
async def test_a_peer_with_many_connections_takes_places_from_itself_alone(tmp_path):
    exit_ = Exit()
    async with listening(exit_) as at:
        many = [
            await asyncio.open_connection(*at, ssl=with_key(CLIENT, OTHER, tmp_path))
            for _ in range(12)
        ]
        await is_well(exit_, at)
        ended = [reader.at_eof() or writer.is_closing() for reader, writer in many]
        assert ended.count(False) <= 4
        for _, writer in many:
            writer.transport.abort()


@in_asyncio
async def test_a_core_that_fails_is_no_word_that_it_is_kept():
    exit_ = Exit()

    async def fails(peer, batch):
        raise ZeroDivisionError

    exit_.came = fails
    async with listening(exit_) as at, calling(at, timeout_s=0.2) as hand_over:
        assert isinstance(await hand_over(batch_of(10)), Later)


# ---------------------------------------------------------------- the clock

ANY_YEAR = """
import ssl, time
from relay.links.https import trust
from relay.wire.linkkeys import link_key_of
entry, exit_ = bytes([1]) * 32, bytes([3]) * 32
up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
client = trust.for_calling(entry, link_key_of(exit_)).wrap_bio(down, up, server_hostname="x")
server = trust.for_listening(exit_, [link_key_of(entry)]).wrap_bio(up, down, server_side=True)
for _ in range(3):
    for side in (client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
assert trust.is_of(link_key_of(exit_), client) and trust.is_of(link_key_of(entry), server)
print(time.gmtime().tm_year)
"""


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed")
def test_a_clock_that_is_decades_off_does_not_matter():
    command = ["faketime", "1971-01-01", sys.executable, "-c", ANY_YEAR]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1971"


def test_no_date_of_a_certificate_is_looked_at():
    context = trust.for_calling(ENTRY, key(EXIT))
    assert context.verify_flags & trust.NO_CHECK_TIME
