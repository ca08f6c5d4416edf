"""The Mastodon bridge against mastodon-mock: the suite third parties run, and the mock's faults."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest
from mastodon_server import TOKEN, MockServer, mock_server

from bridges.mastodon import Mastodon
from relay.model import (
    Absent,
    Attempt,
    Found,
    Later,
    Media,
    Once,
    Posted,
    Refused,
    Stopped,
    Unsure,
)
from relay.ports import Answer, NotSent
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import DATE, BridgeContract, FixedClock, Stage, a_post
from relay.testing.front import front, mastodon_429

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture(scope="session")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    with mock_server(tmp_path_factory.mktemp("mastodon")) as server:
        yield server


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return str(path)


class Through:
    """``Http`` to the mock that can be cut off, be told other patience, and change what it says."""

    def __init__(self, http: HttpOut, *, software: str = "", timeout_s: float = 20) -> None:
        self._http = http
        self._software = software
        self.timeout_s = timeout_s
        self.cut = False

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0) -> Answer:
        if self.cut:
            raise NotSent("cut off")
        asked = dict(headers or {})
        if self._software:
            asked.pop("idempotency-key", None)  # as a server that does not know it
        answer = await self._http.request(
            method, url, headers=asked, body=body, timeout_s=min(timeout_s, self.timeout_s)
        )
        if self._software and url.endswith("/nodeinfo/2.0"):
            said = json.loads(answer.body) | {"software": {"name": self._software}}
            return Answer(answer.status, answer.headers, json.dumps(said).encode())
        return answer


@asynccontextmanager
async def bridging(mock: MockServer, token_file: str, *, software="", timeout_s=20.0, **settings):
    mock.reset()
    async with HttpOut(None) as out:
        http = Through(out, software=software, timeout_s=timeout_s)
        made = Mastodon.Settings(server=mock.url, token_file=token_file, **settings)
        bridge = Mastodon(made, http, FixedClock())
        assert not (await bridge.check()).trouble
        yield bridge, http


class OnMock(BridgeContract):
    bridge_class = Mastodon
    software = ""

    @pytest.fixture(autouse=True)
    def _given(self, mock, token_file):
        self.mock, self.token_file = mock, token_file

    @asynccontextmanager
    async def stage(self):
        async with bridging(self.mock, self.token_file, software=self.software) as (bridge, http):

            def cut_off():
                http.cut = True

            yield Stage(bridge, self.mock.public, cut_off)


class TestMastodonThatKeepsKeys(OnMock):
    pass


class TestMastodonApiWithoutKeys(OnMock):
    software = "gotosocial"


@pytest.mark.parametrize(
    ("software", "once"),
    [
        ("", Once("exact", 3300, everywhere=True)),
        ("gotosocial", Once("lookup")),
        ("pleroma", Once("lookup")),
    ],
)
async def test_what_repeating_does_is_learnt_from_the_software(mock, token_file, software, once):
    async with bridging(mock, token_file, software=software) as (bridge, _):
        assert bridge.once == once


def attempt(part, n=1, after=None, kept=b""):
    return Attempt(part, n, DATE, after, kept)


class Kept:
    def __init__(self):
        self.last = b""

    async def __call__(self, what):
        assert len(what) <= 4096
        self.last = what


async def test_a_long_text_is_a_thread_in_order(mock, token_file):
    text = "\n\n".join(f"Paragraph {n}: " + "what we saw that night. " * 12 for n in range(4))
    async with bridging(mock, token_file) as (bridge, _):
        after = None
        refs = []
        for part in await bridge.prepare(a_post(text)):
            posted = await bridge.send(attempt(part, after=after), Kept())
            after = posted.ref
            refs.append(after)
        shown = {one["id"]: one for one in mock.statuses()}
        assert [shown[ref]["in_reply_to_id"] for ref in refs] == [None, *refs[:-1]]
        assert all(f"({n}/{len(refs)})" in shown[ref]["content"] for n, ref in enumerate(refs, 1))
        assert {one["visibility"] for one in shown.values()} == {"public"}


async def test_language_warning_visibility_and_cover_are_set(mock, token_file):
    settings = {"visibility": "unlisted", "content_warning": "Violence", "sensitive": True}
    async with bridging(mock, token_file, **settings) as (bridge, _):
        [part] = await bridge.prepare(a_post("متن", language="fa-IR"))
        await bridge.send(attempt(part), Kept())
        [status] = mock.statuses()
    assert (status["language"], status["visibility"]) == ("fa", "unlisted")
    assert (status["spoiler_text"], status["sensitive"]) == ("Violence", True)


async def test_nobody_is_notified_and_no_tag_is_made_unless_asked_for(mock, token_file):
    async with bridging(mock, token_file) as (bridge, _):
        [part] = await bridge.prepare(a_post("call @bob and @bob@example.org about #news now"))
        await bridge.send(attempt(part), Kept())
        [status] = mock.statuses()
        assert status["mentions"] == [] and status["tags"] == []
    async with bridging(mock, token_file, mentions="on") as (bridge, _):
        [part] = await bridge.prepare(a_post("call @bob about #news now"))
        await bridge.send(attempt(part), Kept())
        [status] = mock.statuses()
        assert [tag["name"] for tag in status["tags"]] == ["news"]


async def test_media_go_up_first_with_their_descriptions_and_a_repeat_names_the_same(
    mock, token_file
):
    media = tuple(Media("image/png", PNG + bytes([n]), f"picture {n}") for n in range(5))
    post = a_post("what it looks like")
    post = type(post)(post.secret, post.text, "", "en", post.date, media=media)
    async with bridging(mock, token_file) as (bridge, _):
        first, second = await bridge.prepare(post)
        keep = Kept()
        posted = await bridge.send(attempt(first), keep)
        again = await bridge.send(attempt(first, 2, kept=keep.last), keep)
        assert isinstance(posted, Posted) and again.ref == posted.ref
        found = await bridge.find(attempt(first, 2, kept=keep.last))
        assert isinstance(found, Found) and found.ref == posted.ref
        last = await bridge.send(attempt(second, after=posted.ref), Kept())
        shown = {one["id"]: one for one in mock.statuses()}
    assert [one["description"] for one in shown[posted.ref]["media_attachments"]] == [
        f"picture {n}" for n in range(4)
    ]
    assert len(shown[last.ref]["media_attachments"]) == 1
    assert mock.public() == 2


async def test_a_medium_that_the_server_does_not_take_refuses_the_post_in_whole(mock, token_file):
    post = a_post("see")
    media = (Media("application/pdf", b"%PDF", ""),)
    post = type(post)(post.secret, post.text, "", "en", post.date, media=media)
    async with bridging(mock, token_file) as (bridge, _):
        [part] = await bridge.prepare(post)
        assert isinstance(await bridge.send(attempt(part), Kept()), Refused)
    assert mock.public() == 0


# ---------------------------------------------------------------- faults of the mock


async def sent(mock, token_file, timeout_s=20.0, **effect):
    """How a send ends under a fault, and how its repeat with the same key does."""
    async with bridging(mock, token_file, timeout_s=timeout_s) as (bridge, _):
        [part] = await bridge.prepare(a_post())
        mock.faults("POST", "/api/v1/statuses", **effect)
        outcome = await bridge.send(attempt(part), Kept())
        again = await bridge.send(attempt(part, 2), Kept())
        assert isinstance(again, Posted) and mock.public() == 1
        return outcome


async def test_429_waits_for_the_time_it_names(mock, token_file):
    outcome = await sent(mock, token_file, type="ratelimit")
    assert isinstance(outcome, Later) and outcome.scope == "destination"
    assert outcome.not_before == FixedClock().now() + 300


async def test_mastodons_own_429_waits_for_the_iso_time_it_names(mock, token_file):
    mock.reset()
    reset = {"X-RateLimit-Reset": str(int(time.time()) + 120), "Retry-After": "7"}
    mock.faults("POST", "/api/v1/statuses", type="status", status=429, headers=reset)
    async with front(mock.url, rewrite=mastodon_429) as there, HttpOut(None) as http:
        settings = Mastodon.Settings(server=there.base, token_file=token_file)
        bridge = Mastodon(settings, http, FixedClock())
        [part] = await bridge.prepare(a_post())
        outcome = await bridge.send(attempt(part), Kept())
        assert isinstance(outcome, Later) and outcome.scope == "destination"
        assert 110 <= outcome.not_before - FixedClock().now() <= 121
        assert mock.public() == 0
        again = await bridge.send(attempt(part, 2), Kept())
        assert isinstance(again, Posted) and mock.public() == 1


async def test_429_with_an_epoch_and_no_retry_after_is_measured_by_the_servers_clock(
    mock, token_file
):
    reset = {"X-RateLimit-Reset": str(int(time.time()) + 120)}
    outcome = await sent(mock, token_file, type="status", status=429, headers=reset)
    assert isinstance(outcome, Later)
    assert 115 <= outcome.not_before - FixedClock().now() <= 121


async def test_503_with_a_time_is_later_and_without_one_is_doubt(mock, token_file):
    said = {"type": "status", "status": 503}
    outcome = await sent(mock, token_file, headers={"Retry-After": "30"}, **said)
    assert outcome == Later("answered 503", FixedClock().now() + 30, "host")
    assert isinstance(await sent(mock, token_file, **said), Unsure)


async def test_an_answer_that_is_cut_is_doubt(mock, token_file):
    assert isinstance(await sent(mock, token_file, type="malformed"), Unsure)


async def test_an_answer_that_does_not_come_is_doubt(mock, token_file):
    outcome = await sent(mock, token_file, timeout_s=0.5, type="timeout")
    assert isinstance(outcome, Unsure)


async def test_a_wrong_token_is_named_with_its_remedy(mock, token_file, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("not-it")
    wrong.chmod(0o600)
    mock.reset()
    async with HttpOut(None) as http:
        settings = Mastodon.Settings(server=mock.url, token_file=str(wrong))
        bridge = Mastodon(settings, http, FixedClock())
        health = await bridge.check()
        assert "token" in health.trouble and "write:statuses" in health.trouble
        assert "not-it" not in health.trouble
        [part] = await bridge.prepare(a_post())
        assert isinstance(await bridge.send(attempt(part), Kept()), Stopped)
    assert mock.public() == 0


async def test_a_removed_post_is_looked_for_and_is_not_there(mock, token_file):
    async with bridging(mock, token_file) as (bridge, _):
        [part] = await bridge.prepare(a_post())
        posted = await bridge.send(attempt(part), Kept())
        await bridge.remove(posted.ref)
        assert await bridge.find(attempt(part)) == Absent(strong=True)
