"""The ways through real proxies: microsocks, tinyproxy, and a tor that carries nothing."""

from __future__ import annotations

from functools import partial

import pytest
import trio
import trio.lowlevel
from false_proxies import platform
from on_asyncio import on_asyncio
from proxies import microsocks, tinyproxy, tor

from relay.ports import NotSent
from relay.reach import blocking, dial
from relay.reach.fetch import Fetch
from relay.reach.http import HttpOut
from relay.reach.routes import Routes, Way
from relay.testing.certificates import make_pair
from relay.testing.recorder import recorder

HTTP = b"GET / HTTP/1.1\r\n\r\n"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("pair"), host="localhost")


@pytest.fixture(params=["socks", "socks with a login", "web", "web with a login"])
def way(request, tmp_path):
    login = {"user": "me", "password": "secret"} if "login" in request.param else {}
    made = microsocks(**login) if "socks" in request.param else tinyproxy(tmp_path, **login)
    with made as way:
        yield way


async def test_a_request_goes_through(pair, way):
    async with (
        platform(pair) as there,
        HttpOut(None, tls=pair.trusting(), routes=Routes([way], "mastodon")) as http,
    ):
        for host in ("localhost", "127.0.0.1"):
            assert (await http.request("POST", f"https://{host}:{there.port}/")).status == 204
        stream = await http.connect("localhost", there.port)
        await stream.send(b"hello")
        assert (await stream.receive()).startswith(b"HTTP/1.1 204")
        await stream.aclose()


async def test_plaintext_to_this_machine_goes_through_as_well(way):
    async with recorder() as there, HttpOut(None, routes=Routes([way])) as http:
        assert (await http.request("POST", there.url)).status == 200


async def test_a_door_goes_the_same_ways(pair, way):
    async def fetched(port):
        async with Fetch(None, tls=pair.trusting(), routes=Routes([way], "phone")) as fetch:
            return await fetch.get(f"https://localhost:{port}/", most_bytes=10)

    async with platform(pair) as there:
        assert (await on_asyncio(lambda: fetched(there.port))).status == 204


async def test_what_is_no_http_goes_through_on_asyncio_and_in_a_thread(pair, way):
    context = pair.trusting()

    async def said(port):
        reader, writer = await dial.opened(
            Routes([way], "smpp"), "localhost", port, tls=context, timeout_s=5
        )
        writer.write(HTTP)
        got = await reader.read(100)
        writer.close()
        await writer.wait_closed()
        return got

    def waited(port):
        routes = Routes([way], "imap")
        with blocking.connected(routes, "localhost", port, tls=context, timeout_s=5) as line:
            line.sendall(HTTP)
            return line.recv(100)

    async with platform(pair) as there:
        assert (await on_asyncio(lambda: said(there.port))).startswith(b"HTTP/1.1 204")
        assert (await trio.to_thread.run_sync(waited, there.port)).startswith(b"HTTP/1.1 204")


@pytest.mark.parametrize(
    ("make", "refused", "unknown", "login"),
    [
        (lambda folder: microsocks(), "refused", "unreachable", None),
        (tinyproxy, "unreachable", "unreachable", None),
        (lambda folder: microsocks(user="me", password="x"), "proxy", "proxy", b"wrong"),
        (lambda folder: microsocks(user="me", password="x"), "proxy", "proxy", b""),
        (partial(tinyproxy, user="me", password="x"), "proxy", "proxy", b"wrong"),
        (partial(tinyproxy, user="me", password="x"), "proxy", "proxy", b""),
    ],
)
async def test_proxies_differ_in_what_they_say(tmp_path, make, refused, unknown, login):
    async with recorder() as gone:
        port = int(gone.url.split(":")[2].partition("/")[0])
    with make(tmp_path) as way:
        if login is not None:
            user = b"me" if login else b""
            way = Way("proxy", way.kind, way.host, way.port, user, login)
        for host, kind in (("127.0.0.1", refused), ("nobody.invalid", unknown)):
            async with HttpOut(None, routes=Routes([way], "x")) as http:
                with pytest.raises(NotSent, match=rf": {kind}\)"):
                    await http.request("POST", f"https://{host}:{port}/")


async def test_a_tor_that_is_up_and_carries_nothing_is_left_for_the_next_way(pair, tmp_path):
    told = []
    with tor(tmp_path) as onion, microsocks() as socks:
        async with platform(pair) as there:
            routes = Routes([onion, socks], "mastodon", lambda *now: told.append(now))
            async with HttpOut(None, 1.0, tls=pair.trusting(), routes=routes) as http:
                url = f"https://localhost:{there.port}/"
                assert (await http.request("POST", url)).status == 204
            routes = Routes([onion], "mastodon")
            async with HttpOut(None, 0.3, tls=pair.trusting(), routes=routes) as http:
                with pytest.raises(NotSent, match=r"tor: timed out"):
                    await http.request("POST", "https://platform.example/")
    assert told == [("socks", {"tor": "unreachable"})]  # a name of this machine is none of Tor's
