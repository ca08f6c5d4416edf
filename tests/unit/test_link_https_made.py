"""A link over HTTPS as the settings make it: which side, what it reaches, which way it goes."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from https_links import ENTRY, EXIT, Exit, Noon, batch_of, calling, in_asyncio, key, listening
from proxies import microsocks, tinyproxy

from relay.config.linking import HttpsLink
from relay.confine import Grants, confine, possible
from relay.links.https import trust
from relay.links.https.calling import Calling
from relay.links.https.listening import Listening
from relay.links.port import Durable, Later, Opening, Peer
from relay.node.child import harden
from relay.node.links.https import https
from relay.reach.routes import Routes, Way
from relay.testing.cutting import Fate, Spoil, always, cutting


def link(**said) -> HttpsLink:
    return HttpsLink(kind="https", **said)


def mistaken(**said) -> set[str]:
    return {one.key for one in link(**said).mistakes("links.web")}


@pytest.mark.parametrize(
    "url",
    [
        "https://exit.example.org",
        "https://exit.example.org:8443",
        "https://exit.example.org/",
        "https://192.0.2.7:443",
        "https://[2001:db8::7]:443",
        "https://abcdefghijklmnop.onion",
    ],
)
def test_the_address_of_an_exit_is_a_host_and_a_port(url):
    assert mistaken(url=url, peer="b") == set()


@pytest.mark.parametrize(
    "url",
    [
        "http://exit.example.org",
        "https://exit.example.org/batch",
        "https://me:secret@exit.example.org",
        "https://exit.example.org:0",
        "https://exit.example.org:99999",
        "https://:443",
        "https://[2001:db8::7",
        "https://[exit]",
    ],
)
def test_what_is_more_or_less_than_that_is_a_mistake(url):
    assert "links.web.url" in mistaken(url=url, peer="b")


def test_a_link_calls_or_listens():
    assert mistaken(peer="b") == mistaken(url="https://x", peer="b", listen="127.0.0.1:1")
    assert mistaken(peer="b") == {"links.web"}
    assert mistaken(url="https://x") == {"links.web.peer"}


def test_the_settings_say_which_side_is_made():
    peer = Peer("b", key(EXIT))
    opening = Opening("web", ENTRY, key(ENTRY), {peer.key.public: peer}, peer, Noon())
    assert isinstance(https(link(url="https://[::1]:8443", peer="b"), opening), Calling)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        listens = https(link(listen="127.0.0.1:0"), replace(opening, sock=sock))
    assert isinstance(listens, Listening)


@pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")
@pytest.mark.parametrize("user", [0, 64321] if os.geteuid() == 0 else [os.geteuid()])
def test_a_confined_process_shows_its_key_without_a_file(tmp_path, user):
    (tmp_path / "file").touch()
    trust.for_listening(EXIT, [key(ENTRY)])  # what it needs of libraries is there now
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            if user:
                os.setgroups([])
                os.setresuid(user, user, user)
            harden()
            grants = Grants(reads=(Path("/dev/null"),), network=True, accepts=True)
            confine(grants, or_else_less=True)
            with suppress(OSError):
                (tmp_path / "file").read_bytes()
                status = 1
            trust.for_listening(EXIT, [key(ENTRY)])
            status = 0 if status == 70 else status
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize("kind", ["socks", "web"])
@in_asyncio
async def test_it_goes_by_whichever_way_the_settings_name(kind, tmp_path):
    exit_ = Exit()
    with microsocks() if kind == "socks" else tinyproxy(tmp_path) as way:
        async with (
            listening(exit_) as (_, port),
            calling(("localhost", port), routes=Routes([way])) as hand_over,
        ):
            assert isinstance(await hand_over(batch_of(300_000)), Durable)
    assert exit_.kept == [batch_of(300_000)]


@in_asyncio
async def test_a_way_on_which_every_connection_breaks_is_left_for_the_next():
    exit_ = Exit()
    with microsocks() as way:
        async with listening(exit_) as at:
            with cutting(("127.0.0.1", way.port), always(Fate(up=Spoil(3000)))) as bad:
                first = Way("bad", "socks5", bad.host, bad.port)
                routes = Routes([first, Way("direct")])
                async with calling(at, routes=routes) as hand_over:
                    assert isinstance(await hand_over(batch_of(4096)), Durable)
                assert routes.failures == {"bad": "reset"}
                assert len(bad.connections) == 2
    assert exit_.kept == [batch_of(4096)]


@in_asyncio
async def test_a_proxy_that_is_down_is_named():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    routes = Routes([Way("tor", "socks5", "127.0.0.1", port)])
    async with calling(("exit.example.org", 443), routes=routes) as hand_over:
        assert await hand_over(batch_of(1)) == Later("no connection (tor: proxy)")
