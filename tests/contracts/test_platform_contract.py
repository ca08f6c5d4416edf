"""The suite of platforms can fail: four bridges as people write them, each wrong in one way.

They are the worked examples of docs/write-a-bridge.md: what doubles a post, what loses one.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel, ConfigDict

from bridges import kit
from relay.model import (
    NO_MEDIA,
    Absent,
    Found,
    Health,
    Later,
    Once,
    Part,
    Posted,
    Unknown,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent
from relay.testing.loopback import Fault, Loopback, on_loopback
from relay.testing.platform_contract import PlatformContract
from relay.testing.stand import Stand


class Board(Loopback):
    """A platform that knows no key: POST makes a post, GET lists them, later."""

    def __init__(self, clock):
        super().__init__()
        self.lists_late_s = 0
        self._clock = clock
        self._posts: list[tuple[int, str]] = []

    @property
    def texts(self):
        return [text for _, text in self._posts]

    @property
    def public(self):
        return self._posts

    async def meet(self, request, fault):
        if request.method == "POST":
            self._posts.append((self._clock.now(), json.loads(request.body)["text"]))
            said = {"id": str(len(self._posts))}
        else:
            late = self._clock.now() - self.lists_late_s
            listed = [(n, text) for n, (at, text) in enumerate(self._posts, 1) if at <= late]
            said = {"posts": [{"id": str(n), "text": text} for n, text in listed]}
        return fault or Fault(
            headers={"Content-Type": "application/json"}, body=json.dumps(said).encode()
        )


class Honest:
    """Right: doubt is doubt, and a list is believed when it can be whole."""

    api = 1
    fits = NO_MEDIA

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        url: str

    def __init__(self, settings, http, clock):
        self.once, self.at_once = Once("lookup"), 1
        self._url, self._http, self._clock = settings.url, http, clock

    async def prepare(self, post):
        return [Part(kit.part_key(post.secret, 0), 0, 1, post.text.encode())]

    async def send(self, attempt, keep):
        body = json.dumps({"text": attempt.part.payload.decode()}).encode()
        answer = await kit.ask(self._http, "POST", self._url, body=body)
        if not isinstance(answer, Answer):
            return answer
        said = kit.json_object(answer) if answer.status == 200 else None
        if said and kit.is_ref(said.get("id")):
            return Posted(said["id"])
        return kit.outcome(answer, now=self._clock.now(), action="look")

    async def find(self, attempt):
        listed = await self._listed()
        if listed is None:
            return Unknown()
        for one in listed:
            if one["text"] == attempt.part.payload.decode():
                return Found(one["id"])
        return Absent(strong=self._clock.now() >= attempt.first + 30)

    async def _listed(self):
        try:
            answer = await self._http.request("GET", self._url)
        except (NotSent, NoAnswer):
            return None
        return (kit.json_object(answer) or {}).get("posts")

    async def check(self):
        return Health("board") if await self._listed() is not None else Health("board", "away")


class CallsDoubtLater(Honest):
    async def send(self, attempt, keep):
        outcome = await super().send(attempt, keep)
        return Later(outcome.why) if isinstance(outcome, Unsure) else outcome


class TakesAnyPageForAPost(Honest):
    async def send(self, attempt, keep):
        body = json.dumps({"text": attempt.part.payload.decode()}).encode()
        answer = await kit.ask(self._http, "POST", self._url, body=body)
        if not isinstance(answer, Answer):
            return answer
        if answer.status < 400:
            return Posted("1")
        return kit.outcome(answer, now=self._clock.now(), action="look")


class SaysAbsentTooEarly(Honest):
    """Looks once, at once, and trusts what it sees."""

    async def send(self, attempt, keep):
        if attempt.n > 1:
            listed = await self._listed() or []
            if not any(one["text"] == attempt.part.payload.decode() for one in listed):
                return await super().send(attempt, keep)
        outcome = await super().send(attempt, keep)
        return Later("looked, and absent") if isinstance(outcome, Unsure) else outcome


class ClaimsToBeExact(Honest):
    def __init__(self, settings, http, clock):
        super().__init__(settings, http, clock)
        self.once = Once("exact")


@asynccontextmanager
async def stand(clock, folder):
    async with on_loopback(Board(clock)) as platform:
        yield Stand(
            platform, {"url": platform.base}, publishing=("POST /*",), threads=False, images=False
        )


class TestAnHonestBridge(PlatformContract):
    bridge_class = Honest
    stand = staticmethod(stand)


class Wrong(PlatformContract):
    stand = staticmethod(stand)


def of(kind):
    suite = Wrong()
    suite.bridge_class = kind
    return suite


@pytest.mark.parametrize("kind", [CallsDoubtLater, SaysAbsentTooEarly, ClaimsToBeExact])
def test_who_repeats_blindly_is_found_out(kind):
    with pytest.raises(BaseExceptionGroup) as caught:
        of(kind).test_however_the_platform_fails_a_post_stands_there_once_or_is_held()
    assert caught.group_contains(AssertionError, match="posted twice", depth=None)


def test_who_trusts_a_listing_that_lags_is_found_out():
    with pytest.raises(BaseExceptionGroup) as caught:
        of(SaysAbsentTooEarly).test_a_listing_that_lags_doubles_nothing(60)
    assert caught.group_contains(AssertionError, match="posted twice", depth=None)


def test_who_takes_a_log_in_page_for_a_post_is_found_out():
    with pytest.raises(BaseExceptionGroup) as caught:
        of(
            TakesAnyPageForAPost
        ).test_however_the_platform_fails_a_post_stands_there_once_or_is_held()
    assert caught.group_contains(AssertionError, match="lost", depth=None)
