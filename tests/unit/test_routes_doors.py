"""The ways of a door: requests, streams of asyncio and sockets of a thread promise the same."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from functools import partial

import pytest
import trio
from false_proxies import connect_proxy, platform, serving, socks
from on_asyncio import on_asyncio

from relay.ports import NotSent
from relay.reach import blocking, dial
from relay.reach.failing import Unreached
from relay.reach.fetch import Fetch
from relay.reach.routes import Routes, Way
from relay.testing.certificates import make_pair

HERE = "127.0.0.1"
DIRECT = Way("direct")
REQUEST = b"GET / HTTP/1.1\r\n\r\n"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def other_pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("false"))


async def fetched(routes, port, context, *, host=HERE, timeout_s=5.0, pins=()):
    """A request of a door's."""

    async def whole():
        async with Fetch(None, tls=context, pins=pins, routes=routes) as fetch:
            url = f"https://{host}:{port}/"
            return (await fetch.request("GET", url, timeout_s=timeout_s)).status == 204

    return await on_asyncio(whole)


async def closed(writer):
    writer.close()
    with contextlib.suppress(OSError):  # whether the other side heard it is its own affair
        await writer.wait_closed()


async def streamed(routes, port, context, *, host=HERE, timeout_s=5.0):
    """A request over asyncio's streams."""

    async def whole():
        reader, writer = await dial.opened(routes, host, port, tls=context, timeout_s=timeout_s)
        writer.write(REQUEST)
        got = await reader.read(100)
        await closed(writer)
        return got.startswith(b"HTTP/1.1 204")

    return await on_asyncio(whole)


async def waited(routes, port, context, *, host=HERE, timeout_s=5.0):
    """A request by a thread."""

    def whole():
        with blocking.connected(routes, host, port, tls=context, timeout_s=timeout_s) as line:
            line.sendall(REQUEST)
            return line.recv(100).startswith(b"HTTP/1.1 204")

    return await trio.to_thread.run_sync(whole)


EACH = pytest.mark.parametrize("ask", [fetched, streamed, waited])


@EACH
@pytest.mark.parametrize("kind", [socks, connect_proxy])
async def test_a_certificate_of_somebody_else_is_told_nothing(pair, other_pair, ask, kind):
    told = []
    async with (
        platform(other_pair) as interceptor,
        platform(pair) as there,
        kind({HERE: there.port}) as proxy,
    ):
        routes = Routes([DIRECT, proxy.way()], "x", lambda *said: told.append(said))
        for _ in range(2):
            assert await ask(routes, interceptor.port, pair.trusting())
    assert (interceptor.came, interceptor.requests) == (1, [])
    assert told == [("proxy", {"direct": "tls"})]


async def in_clear(stream):
    await stream.receive_some(1000)
    await stream.send_all(b"HTTP/1.1 200 OK\r\n\r\n<html>blocked</html>")


async def closes(stream):
    await stream.receive_some(1000)


async def says_nothing(stream):
    await stream.receive_some(1000)
    await trio.sleep_forever()


@EACH
@pytest.mark.parametrize(
    ("kind", "serve", "failure"),
    [
        ("direct", in_clear, "block page"),
        ("direct", closes, "reset"),
        ("direct", says_nothing, "timed out"),
        ("socks5", in_clear, "proxy"),
        ("socks5", closes, "proxy"),
        ("http", closes, "proxy"),
        ("http", in_clear, "block page"),
        ("http", says_nothing, "timed out"),
    ],
)
async def test_each_way_of_being_kept_from_a_host_has_its_name_and_no_log(
    pair, ask, kind, serve, failure, caplog
):
    caplog.set_level(logging.DEBUG)
    async with serving(serve) as port:
        way = Way("w", kind, *((HERE, port) if kind != "direct" else ()))
        with pytest.raises(NotSent, match=rf"\(w: {failure}\)"):
            await ask(Routes([way]), port, pair.trusting(), timeout_s=0.1)
    assert not [one for one in caplog.records if "selector" not in one.message]


@EACH
@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("socks5", b"\x05\x00\x05\x00\x00\x03\xff" + bytes(257)),
        ("http", b"HTTP/1.1 200 " + b"x" * 99),
    ],
)
async def test_a_proxy_that_drips_does_not_outlast_its_time(pair, ask, kind, answer):
    async def drips(stream):
        for byte in answer:
            await stream.send_all(bytes([byte]))
            await trio.sleep(0.01)
        await trio.sleep_forever()

    async with serving(drips) as port:
        began = trio.current_time()
        with pytest.raises(NotSent, match=r"\(w: timed out\)"):
            await ask(Routes([Way("w", kind, HERE, port)]), 443, pair.trusting(), timeout_s=0.1)
        assert trio.current_time() - began < 1


@EACH
async def test_nobody_there_is_refused_and_a_proxy_that_is_gone_is_its_own_fault(pair, ask):
    async with serving(closes) as port:
        pass
    for way, failure in ((Way("w"), "refused"), (Way("w", "socks5", HERE, port), "proxy")):
        with pytest.raises(NotSent, match=rf"\(w: {failure}\)"):
            await ask(Routes([way]), port, pair.trusting())


@EACH
async def test_a_name_goes_to_the_proxy_and_is_looked_up_by_nobody_here(pair, ask, monkeypatch):
    names = []
    real = socket.getaddrinfo

    def looked_up(host, *args, **more):
        names.append(host.decode() if isinstance(host, bytes) else host)
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    async with platform(pair) as there, socks({"news.example.org": there.port}) as proxy:
        routes = Routes([proxy.way()], "x")
        assert await ask(routes, there.port, pair.trusting(), host="news.example.org")
    assert proxy.hosts == ["news.example.org"] and set(names) <= {HERE}
    assert len(proxy.logins[0]) == 49


@EACH
async def test_a_name_that_leads_nowhere_is_a_matter_of_dns(pair, ask):
    with pytest.raises(NotSent, match=r"\(direct: dns\)"):
        await ask(Routes([DIRECT]), 443, pair.trusting(), host="nobody.invalid")


async def test_a_key_that_is_not_theirs_is_told_nothing(pair, other_pair):
    pins = frozenset({bytes(32)})
    context = pair.trusting()

    def by_thread(port):
        blocking.connected(Routes([DIRECT]), HERE, port, tls=context, timeout_s=5, pins=pins)

    async with platform(pair) as there:
        with pytest.raises(NotSent, match="direct: tls"):
            await trio.to_thread.run_sync(by_thread, there.port)
        with pytest.raises(NotSent, match="direct: tls"):
            await on_asyncio(
                lambda: dial.opened(
                    Routes([DIRECT]), HERE, there.port, tls=context, timeout_s=5, pins=pins
                )
            )
        with pytest.raises(NotSent, match="direct: tls"):
            await fetched(Routes([DIRECT]), there.port, context, pins=["A" * 43 + "="])
    assert there.came == 3 and there.requests == []


def test_plaintext_is_for_this_machine_alone():
    for host in ("192.0.2.1", "example.org"):
        with pytest.raises(ValueError, match="this machine"):
            blocking.connected(Routes([DIRECT]), host, 25, tls=None, timeout_s=1)
        with pytest.raises(ValueError, match="this machine"):
            asyncio.run(dial.opened(Routes([DIRECT]), host, 25, tls=None, timeout_s=1))
    far = Routes([Way("far", "socks5", "192.0.2.1", 1080)])
    with pytest.raises(NotSent, match="no way there"):
        blocking.connected(far, HERE, 25, tls=None, timeout_s=1)
    with pytest.raises(NotSent, match="no way there"):
        asyncio.run(dial.opened(far, HERE, 25, tls=None, timeout_s=1))


# ---------------------------------------------------------------- TLS that begins later


async def starttls(reader, writer):
    await reader.readline()
    writer.write(b"STARTTLS\r\n")
    if await reader.readline() != b"220\r\n":
        raise Unreached("tls")


def mail_server(pair, *, offers=True):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)

    async def serve(stream):
        await stream.send_all(b"220 who are you\r\n")
        await stream.receive_some(100)
        await stream.send_all(b"220\r\n" if offers else b"502\r\n")
        if offers:
            under = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
            await under.receive_some(100)
            await under.send_all(b"HTTP/1.1 204 No Content\r\n\r\n")

    return serve


@pytest.mark.parametrize("kind", [socks, connect_proxy])
async def test_where_tls_is_taken_away_or_is_somebody_elses_the_next_way_is_taken(
    pair, other_pair, kind
):
    async def whole(routes, port):
        opened = dial.opened(
            routes, HERE, port, tls=pair.trusting(), timeout_s=5, first=starttls, limit=4096
        )
        reader, writer = await opened
        writer.write(REQUEST)
        got = await reader.readline()
        await closed(writer)
        return got

    for false in (mail_server(pair, offers=False), mail_server(other_pair)):
        told: list[object] = []
        async with (
            serving(false) as interceptor,
            serving(mail_server(pair)) as there,
            kind({HERE: there}) as proxy,
        ):
            routes = Routes([DIRECT, proxy.way()], "x", lambda *said, to=told: to.append(said))
            got = await on_asyncio(partial(whole, routes, interceptor))
        assert got == b"HTTP/1.1 204 No Content\r\n"
        assert told == [("proxy", {"direct": "tls"})]


async def test_what_was_said_in_the_clear_is_never_read_as_if_it_came_under_tls(pair):
    async def injects(stream):
        await stream.send_all(b"220 who are you\r\n")
        await stream.receive_some(100)
        await stream.send_all(b"220\r\nHTTP/1.1 204 No Content\r\n")
        await trio.sleep_forever()

    async with serving(injects) as port:
        with pytest.raises(NotSent, match="direct: block page"):
            await on_asyncio(
                lambda: dial.opened(
                    Routes([DIRECT]),
                    HERE,
                    port,
                    tls=pair.trusting(),
                    timeout_s=5,
                    first=starttls,
                )
            )


# ---------------------------------------------------------------- ends


@pytest.mark.parametrize("kind", ["direct", "socks5", "http"])
async def test_a_call_that_is_cancelled_leaves_no_connection(pair, kind):
    context = pair.trusting()
    began, ended = trio.Event(), trio.Event()

    async def stuck(stream):
        began.set()
        try:
            while await stream.receive_some(1000):
                pass
        finally:
            ended.set()

    async def left(call):
        task = asyncio.ensure_future(call)
        while not began.is_set():  # noqa: ASYNC110  (it is set in another loop)
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait([task])

    async with serving(stuck) as port:
        routes = Routes([Way("w", kind, HERE, port)])
        for call in (
            lambda: dial.opened(routes, HERE, port, tls=context, timeout_s=5),
            lambda: fetched_once(routes, port, context),
        ):
            await on_asyncio(lambda call=call: left(call()))
            with trio.fail_after(5):
                await ended.wait()
            began, ended = trio.Event(), trio.Event()


async def fetched_once(routes, port, context):
    async with Fetch(None, tls=context, routes=routes) as fetch:
        await fetch.request("GET", f"https://{HERE}:{port}/")


async def test_a_door_probes_as_well(pair):
    back = trio.Event()
    came = []

    def told(route, failures):
        came.append((route, dict(failures)))
        if route == "direct":
            back.set()

    async def whole(routes):
        probing = asyncio.ensure_future(routes.probe_asyncio())
        while not back.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        probing.cancel()
        await asyncio.wait([probing])

    async with platform(pair) as there, socks({HERE: there.port}) as proxy:
        there.then = "cut"
        routes = Routes([Way("direct", probe_s=0.01), proxy.way()], "x", told)
        with pytest.raises(Exception, match="no whole answer"):
            await fetched(routes, there.port, pair.trusting())
        with trio.fail_after(5):
            await on_asyncio(lambda: whole(routes))
    assert came == [("proxy", {"direct": "reset"}), ("direct", {})]
    assert len(there.requests) == 1 and there.came == 2
