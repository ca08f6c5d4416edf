"""Connections of bytes: verified TLS, nothing that matters in the clear, and honest ends."""

from __future__ import annotations

import ssl
from contextlib import suppress

import httpcore
import pytest
import trio

from relay.ports import NoAnswer, NotSent
from relay.reach.http import HttpOut
from relay.reach.streams import MAX_CLEAR_BYTES, OutStream
from relay.testing.certificates import make_pair


async def listening(nursery, serve):
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    nursery.start_soon(trio.serve_listeners, serve, [listener])
    return listener.socket.getsockname()[1]


class Wire(httpcore.AsyncNetworkStream):
    """Takes all."""

    said = b""

    async def write(self, buffer, timeout=None):
        self.said += buffer


async def echo(stream):
    async for chunk in stream:
        await stream.send_all(chunk.upper())


async def test_bytes_go_to_this_machine_and_come_back():
    async with trio.open_nursery() as nursery, HttpOut(None) as http:
        port = await listening(nursery, echo)
        stream = await http.connect("127.0.0.1", port, tls="later")
        await stream.send(b"x" * 5000)
        got = b""
        while len(got) < 5000:
            got += await stream.receive()
        assert got == b"X" * 5000
        await stream.aclose()
        await stream.aclose()
        nursery.cancel_scope.cancel()


async def test_to_another_machine_there_is_room_for_a_greeting_before_tls_and_no_more():
    wire = Wire()
    stream = OutStream(wire, "mail.example.org", None, clear=True)
    await stream.send(b"x" * MAX_CLEAR_BYTES)
    with pytest.raises(NotSent):
        await stream.send(b"x")
    assert wire.said == b"x" * MAX_CLEAR_BYTES


async def test_one_that_takes_no_farewell_is_closed_all_the_same(autojump_clock):
    class Deaf(Wire):
        async def aclose(self):
            await trio.sleep_forever()

    await OutStream(Deaf(), "mail.example.org", None, clear=True).aclose()


async def test_nobody_there_means_nothing_was_sent(unused_port):
    async with HttpOut(None) as http:
        with pytest.raises(NotSent):
            await http.connect("127.0.0.1", unused_port, tls="later")


@pytest.fixture
async def unused_port():
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    await listener.aclose()
    return port


async def test_a_host_that_the_destination_does_not_name_is_not_asked():
    async with HttpOut(frozenset({"relay.example"})) as http:
        with pytest.raises(NotSent):
            await http.connect("127.0.0.1", 1, tls="later")


async def test_a_connection_that_breaks_or_says_nothing_is_no_answer():
    async def rude(stream):
        await stream.receive_some(1)

    async def silent(stream):
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery, HttpOut(None) as http:
        stream = await http.connect("127.0.0.1", await listening(nursery, silent), tls="later")
        with pytest.raises(NoAnswer):
            await stream.receive(timeout_s=0.01)
        await stream.aclose()
        stream = await http.connect("127.0.0.1", await listening(nursery, rude), tls="later")
        await stream.send(b"x")
        assert await stream.receive() == b""
        await stream.aclose()
        nursery.cancel_scope.cancel()


@pytest.fixture
def pair(tmp_path):
    return make_pair(tmp_path)


def secured(pair):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)

    async def serve(stream):
        under = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
        with suppress(trio.BrokenResourceError):
            await echo(under)

    return serve


async def test_a_certificate_of_nobody_we_know_is_no_connection(pair):
    async with trio.open_nursery() as nursery, HttpOut(None) as http:
        port = await listening(nursery, secured(pair))
        with pytest.raises(NotSent):
            await http.connect("127.0.0.1", port)
        nursery.cancel_scope.cancel()


async def test_tls_begins_at_once_or_when_it_is_asked_for(pair):
    async with trio.open_nursery() as nursery, HttpOut(None, tls=pair.trusting()) as http:
        port = await listening(nursery, secured(pair))
        now = await http.connect("127.0.0.1", port)
        later = await http.connect("127.0.0.1", port, tls="later")
        await later.start_tls()
        for stream in (now, later):
            await stream.send(b"x")
            assert await stream.receive() == b"X"
            await stream.aclose()
        nursery.cancel_scope.cancel()


async def test_a_stream_does_not_say_that_it_speaks_http_whatever_was_asked_before(
    pair, monkeypatch
):
    spoken = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    context.set_alpn_protocols(["http/1.1", "smtp"])

    async def serve(stream):
        under = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
        await under.do_handshake()
        spoken.append(under.selected_alpn_protocol())
        await under.receive_some()
        await under.send_all(b"HTTP/1.1 204 No Content\r\n\r\n")

    made = {by: pair.trusting() for by in ("http", "streams")}
    monkeypatch.setattr("relay.reach.http._believed", lambda by: made[by])
    async with trio.open_nursery() as nursery, HttpOut(None) as http:
        port = await listening(nursery, serve)
        assert (await http.request("GET", f"https://127.0.0.1:{port}/")).status == 204
        await (await http.connect("127.0.0.1", port)).aclose()
        nursery.cancel_scope.cancel()
    assert spoken == ["http/1.1", None]
