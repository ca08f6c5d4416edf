"""The bridge "mastodon" before mastodon-mock: what stands there, as its own API shows it.

That is no Mastodon, but it is somebody else's reading of Mastodon's API. What it does to a request
that fails is tried in ``tests/contracts``. It counts code points, where Mastodon counts graphemes
(app/validators/status_length_validator.rb), so that texts here have one of each.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ends import at_every_step, killed, taken, words
from mastodon_server import TOKEN, MockServer, mock_server

from bridges.kit.matching import text_of
from bridges.mastodon import Mastodon
from relay.model import Attempt, Found, Post, Posted, Removed
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import a_post
from relay.testing.journey import VirtualClock
from relay.testing.stand import picture, secret

LONG = ("امشب برق نیست و ما همه اینجاییم 🌙 " * 62).strip()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    with mock_server(tmp_path_factory.mktemp("mastodon")) as made:
        yield made


@pytest.fixture
def server(started: MockServer) -> MockServer:
    started.reset()
    return started


@pytest.fixture
def settings(server: MockServer, tmp_path: Path) -> dict[str, Any]:
    return {"server": server.url, "token_file": secret(tmp_path, "token", TOKEN)}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(int(time.time()))


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        self.last = what


def shown(server: MockServer) -> list[dict[str, Any]]:
    """Our statuses, the oldest first: those that were there from the start left out."""
    return sorted(server.statuses(), key=lambda one: int(one["id"]))


def texts(server: MockServer) -> list[str]:
    return [text_of(one["content"]).strip() for one in shown(server)]


async def test_a_long_persian_text_with_a_picture_is_a_thread(server, settings, clock):
    post = replace(a_post(LONG, language="fa"), media=(picture(),))
    async with HttpOut(None) as http:
        bridge = Mastodon(Mastodon.Settings(**settings), http, clock)
        assert not (await bridge.check()).trouble
        refs: list[str] = []
        for part in await bridge.prepare(post):
            before = refs[-1] if refs else None
            posted = await bridge.send(Attempt(part, 1, clock.at, before), Kept())
            assert isinstance(posted, Posted), posted
            refs.append(posted.ref)
    statuses = shown(server)
    assert [one["id"] for one in statuses] == refs and len(refs) == 5
    assert [one["in_reply_to_id"] for one in statuses] == [None, *refs[:-1]]
    assert words(texts(server)) == post.text.split()
    assert {one["language"] for one in statuses} == {"fa"}
    [medium] = [one for status in statuses for one in status["media_attachments"]]
    assert medium["description"] == picture().alt
    to = urlsplit(medium["url"])
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", to.path)
    assert connection.getresponse().status == 200
    connection.close()


async def test_what_was_posted_is_found_changed_and_removed(server, settings, clock):
    async with HttpOut(None) as http:
        bridge = Mastodon(Mastodon.Settings(**settings), http, clock)
        await bridge.check()
        [part] = await bridge.prepare(a_post())
        attempt = Attempt(part, 1, clock.at)
        posted = await bridge.send(attempt, Kept())
        assert isinstance(posted, Posted)
        assert await bridge.send(replace(attempt, n=2), Kept()) == posted
        found = await bridge.find(attempt)
        assert isinstance(found, Found) and found.ref == posted.ref
        edited = await bridge.edit(posted.ref, a_post("It is light again."))
        assert isinstance(edited, Posted) and texts(server) == ["It is light again."]
        for _ in range(2):
            assert await bridge.remove(posted.ref) == Removed()
    assert shown(server) == []


def named(name: str) -> Post:
    return replace(a_post(f"this is {name}"), media=(picture(),))


async def test_at_whatever_step_the_process_dies_each_post_is_there_once(server, settings, clock):
    def build(http: Any, clock: VirtualClock) -> Mastodon:
        return Mastodon(Mastodon.Settings(**settings), http, clock)

    async with HttpOut(None) as http:
        ended = await at_every_step(build, http, named, clock)
    assert {row.state for row in ended.values()} == {"posted"}
    assert sorted(texts(server)) == sorted(named(name).text for name in ended)


async def test_a_thread_of_five_comes_to_its_end_though_the_process_dies(server, settings, clock):
    def build(http: Any, clock: VirtualClock) -> Mastodon:
        return Mastodon(Mastodon.Settings(**settings), http, clock)

    async with HttpOut(None) as http:
        row, journey, refs = await taken(build, http, a_post(LONG), clock, 9, 6, 5)
    assert (row.state, row.why) == ("posted", "") and journey.deaths == 3
    assert [one["id"] for one in shown(server)] == list(refs)


async def test_killed_around_its_requests_it_has_posted_once(server, settings, clock, tmp_path):
    def at(port: int) -> dict[str, Any]:
        return {**settings, "server": f"http://127.0.0.1:{port}"}

    ended = await killed(
        "bridges.mastodon:Mastodon", at, server.port, named, clock.at, tmp_path, rounds=12
    )
    assert {one.state for one in ended.values()} == {"posted"}
    assert sorted(texts(server)) == sorted(named(name).text for name in ended)
