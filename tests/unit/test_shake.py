"""From plain to TLS on one connection, with everything arriving when it is most awkward."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from relay.serving.certificate import context
from relay.serving.tls import RECORDS, shake
from relay.testing.certificates import NAME, Pair, make_pair

LIMIT = 64 * 1024
"""What an asyncio reader holds; twice as much and it pauses its transport."""


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path)


class Client:
    """The other end: its words go out when the test says so, all at once."""

    def __init__(self, sock: socket.socket, pair: Pair) -> None:
        self.sock = sock
        self.into, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = pair.trusting().wrap_bio(self.into, self.out, server_hostname=NAME)

    async def handshake(self) -> None:
        """Until its last word is in ``out``; that is not sent yet."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                self.tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                await loop.sock_sendall(self.sock, self.out.read())
                self.into.write(await loop.sock_recv(self.sock, 65536))


@asynccontextmanager
async def connected(
    pair: Pair,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, Client]]:
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024 * 1024)
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LIMIT)
    heard = loop.create_future()
    protocol = asyncio.StreamReaderProtocol(reader, lambda r, w: heard.set_result((r, w)))
    await loop.connect_accepted_socket(lambda: protocol, ours)
    _, writer = await heard
    try:
        yield reader, writer, Client(theirs, pair)
    finally:
        writer.transport.abort()
        theirs.close()


def test_what_comes_in_one_piece_with_the_end_of_the_handshake_is_read_whole(pair: Pair) -> None:
    said = bytes(range(256)) * 900  # more than a reader holds

    async def story() -> bytes:
        async with connected(pair) as (reader, writer, client):
            shaking = asyncio.create_task(
                shake(reader, writer, context(pair.certificate, pair.key), within_s=5)
            )
            await client.handshake()
            client.tls.write(said)
            assert client.sock.send(client.out.read()) > len(said)
            await shaking
            async with asyncio.timeout(5):
                got = await reader.readexactly(len(said))
                client.tls.write(b"more")
                client.sock.send(client.out.read())
                return got + await reader.readexactly(4)

    assert asyncio.run(story()) == said + b"more"


def test_a_connection_keeps_no_more_than_two_records(pair: Pair) -> None:
    async def story() -> int:
        async with connected(pair) as (reader, writer, client):
            shaking = asyncio.create_task(
                shake(reader, writer, context(pair.certificate, pair.key), within_s=5)
            )
            await client.handshake()
            client.sock.send(client.out.read())
            await shaking
            return len(writer.transport._ssl_protocol._ssl_buffer)

    assert asyncio.run(story()) == RECORDS


def test_what_was_said_in_the_clear_and_not_read_ends_it(pair: Pair) -> None:
    async def story() -> None:
        async with connected(pair) as (reader, writer, client):
            client.sock.send(b"x")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert reader._buffer
            with pytest.raises(ConnectionAbortedError):
                async with asyncio.timeout(5):
                    await shake(reader, writer, context(pair.certificate, pair.key), within_s=60)

    asyncio.run(story())


def test_an_abort_amid_the_handshake_is_no_success(pair: Pair) -> None:
    async def story() -> None:
        async with connected(pair) as (reader, writer, client):
            shaking = asyncio.create_task(
                shake(reader, writer, context(pair.certificate, pair.key), within_s=5)
            )
            await asyncio.sleep(0)
            client.sock.send(b"\x16")
            await asyncio.sleep(0.01)
            writer.transport.abort()
            with pytest.raises(OSError):
                await shaking

    asyncio.run(story())
