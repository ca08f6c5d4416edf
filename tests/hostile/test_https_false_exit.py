"""An exit that is the peer, and in other hands by now: whatever it answers, the entry is well."""

from __future__ import annotations

import asyncio

import pytest
from https_links import ENTRY, EXIT, OTHER, batch_of, calling, in_asyncio, key

from relay.links.https import calling as calling_module
from relay.links.https import trust
from relay.links.port import Later
from relay.wire import primitives
from relay.wire.batch import NOTHING, Batch, make_batch

HANDED = batch_of(10)
MADE = make_batch(HANDED, ENTRY, key(EXIT))
WHOLE = Batch(whole=primitives.digest(MADE))


def said(status: str, body: bytes = b"", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body


GOOD = make_batch(WHOLE, EXIT, key(ENTRY))
ANSWERS = {
    "nothing": b"",
    "junk": b"\x00" * 100_000,
    "a page": said("200 OK", b"<html>"),
    "an empty answer": said("200 OK"),
    "a redirect": said("302 Found", b"", "location: https://elsewhere.example/\r\n"),
    "a word in between": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
    "an error of a server": said("500 Oh"),
    "another protocol": b"HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
    "less than it says": said("200 OK", GOOD)[:-1],
    "an offset that is none": b"HTTP/1.1 204 \r\nupload-offset: x\r\n\r\n",
    "an offset beyond": b"HTTP/1.1 204 \r\nupload-offset: 99999999\r\n\r\n",
    "an answer of another": said("200 OK", make_batch(WHOLE, OTHER, key(ENTRY))),
    "an answer for another": said("200 OK", make_batch(WHOLE, EXIT, key(OTHER))),
    "an answer to another": said("200 OK", make_batch(NOTHING, EXIT, key(ENTRY))),
    "an altered answer": said("200 OK", GOOD[:-1] + b"x"),
    "a length without end": b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n" + b"x" * 9999,
    "a head without end": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 10_000,
    "chunks without end": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    + b"f00\r\n"
    + b"x" * 0xF00
    + b"\r\n",
}


@pytest.mark.parametrize(
    "size",
    [pytest.param(10, id="small"), pytest.param(300_000, id="large", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("kind", ANSWERS)
@in_asyncio
async def test_no_such_answer_is_taken_for_durable(kind, size, monkeypatch):
    monkeypatch.setattr(calling_module, "MOST_S", 0.3)  # one of them could go on for very long

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(ANSWERS[kind])
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.transport.abort()

    context = trust.for_listening(EXIT, [key(ENTRY)])
    server = await asyncio.start_server(serve, "127.0.0.1", ssl=context)
    async with calling(server.sockets[0].getsockname(), timeout_s=0.03) as hand_over:
        assert isinstance(await hand_over(batch_of(size)), Later)
    server.close()
    await asyncio.sleep(0.005)
