"""SIGKILL around every request that publishes, for each bridge of ours: two hundred of them.

The process that posts is killed when the platform has the request and has not acted, when it has
acted and not answered, or a moment after the answer; then it is started anew, until the message has
come to its end. Listings lag by nothing, a minute or five. Where the platform gives any means, each
message stands there exactly once; where it gives none, every doubtful one is held and none doubled.
"""

from __future__ import annotations

import random
from collections import Counter
from fnmatch import fnmatchcase
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import trio
from lives import End, begin, end, shared_clock, told

from relay.testing.loopback import Fault, Request
from relay.testing.stand import NOW, Stand

MOMENTS = ("held", "acted", "answered")
LIVES = 12
"""Of one message at most: more deaths than that it is not dealt."""

BRIDGES = {
    "mastodon": ("bridges.mastodon:Mastodon", "mastodon:stand"),
    "gotosocial": ("bridges.mastodon:Mastodon", "mastodon:gotosocial"),
    "bluesky": ("bridges.bluesky:Bluesky", "bluesky:stand"),
    "nostr": ("bridges.nostr:Nostr", "nostr:stand"),
    "telegram by number": ("bridges.telegram:Telegram", "telegram:probed"),
    "telegram by its page": ("bridges.telegram:Telegram", "telegram:read"),
    "telegram blind": ("bridges.telegram:Telegram", "telegram:blind"),
    "x": ("bridges.x:X", "x:stand"),
    "facebook": ("bridges.facebook:Facebook", "facebook:stand"),
    "facebook at once": ("bridges.facebook:Facebook", "facebook:at_once"),
    "wordpress": ("bridges.wordpress:WordPress", "wordpress:stand"),
    "blogger": ("bridges.blogger:Blogger", "blogger:stand"),
    "youtube": ("bridges.youtube:YouTube", "youtube:stand"),
    "peertube": ("bridges.peertube:PeerTube", "peertube:stand"),
    "matrix": ("bridges.matrix:Matrix", "matrix:stand"),
    "email": ("bridges.email_list:EmailList", "email_list:stand"),
    "discord": ("bridges.discord:Discord", "discord:stand"),
    "slack bot": ("bridges.slack:Slack", "slack:bot"),
    "slack webhook": ("bridges.slack:Slack", "slack:webhook"),
    "apprise": ("bridges.by_apprise:ByApprise", "apprise:stand"),
}
"""The bridge, and where in ``stands`` its stand-in is."""

EXACT = {"mastodon", "bluesky", "nostr", "matrix"}
"""Those that a repeat cannot double: nothing is ever held there."""

LIFE_S = 0.3
"""About as long as a life takes that is not cut short: in it somewhere are the requests."""


LONGEST_S = 120
"""Real seconds that a life may take on a machine that does much else."""


class Aim:
    """Kills the life that posts, once, at a moment of a publishing request."""

    def __init__(self, stand: Stand, nursery: trio.Nursery) -> None:
        self._publishing = stand.publishing
        self._nursery = nursery
        self._sees_requests = not (stand.publishing[0].isupper() and " " not in stand.publishing[0])
        if self._sees_requests:
            self._meet = stand.platform.meet
            stand.platform.meet = self._met
        self.moment = ""
        self.life: BaseProcess | None = None
        self.kills: Counter[str] = Counter()

    def takes(self, moment: str, life: BaseProcess) -> None:
        """Kill this life at this moment of its first request; ``""``: let it live."""
        self.moment, self.life = moment, life
        if moment and not self._sees_requests:  # no HTTP: then at any time
            self.moment = ""
            self._nursery.start_soon(self._soon, LIFE_S)

    async def _met(self, request: Request, fault: Fault | None) -> Fault:
        if not self.moment or not any(fnmatchcase(request.line, one) for one in self._publishing):
            answer: Fault = await self._meet(request, fault)
            return answer
        moment, self.moment = self.moment, ""
        if moment == "held":
            await self._kill(moment)
        answer = await self._meet(request, fault)
        if moment == "acted":
            await self._kill(moment)
        elif moment == "answered":
            self._nursery.start_soon(self._soon, 0.01)
        return answer

    async def _soon(self, within_s: float) -> None:
        await trio.sleep(random.random() * within_s)
        await self._kill("answered" if self._sees_requests else "at any time")

    async def _kill(self, moment: str) -> None:
        if self.life is None or not self.life.is_alive():
            return  # it had ended before
        self.kills[moment] += 1
        await trio.to_thread.run_sync(end, self.life)


async def one_message(
    name: str, chance: random.Random, folder: Path, kills: Counter[str]
) -> tuple[End, list[str]]:
    """A message through as many deaths as chance gives it: how it ended, and what stands there."""
    kind, where = BRIDGES[name]
    module, _, made = where.partition(":")
    clock, at = shared_clock(NOW)
    stands = getattr(import_module(f"stands.{module}"), made)
    async with stands(clock, folder) as stand, trio.open_nursery() as nursery:
        if hasattr(stand.platform, "lists_late_s"):
            stand.platform.lists_late_s = chance.choice([0, 0, 60, 300])
        aim = Aim(stand, nursery)
        post = stand.post()
        deaths = chance.randint(1, 3)
        for number in range(LIVES):
            life = begin(kind, stand, post, at, folder)
            aim.takes(chance.choice(MOMENTS) if number < deaths else "", life)
            await trio.to_thread.run_sync(life.join, LONGEST_S)
            if life.is_alive():
                await trio.to_thread.run_sync(end, life)
                raise AssertionError("a life that nobody killed hangs")
            ended = told(folder)
            if ended is not None:
                kills.update(aim.kills)
                return ended, [stand.bare(one) for one in stand.platform.texts]
    raise AssertionError("it came to no end")


async def rounds(name: str, most: int, tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    kills: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    while kills.total() < most:
        folder = tmp_path / str(ends.total())
        folder.mkdir()
        ended, shown = await one_message(name, chance, folder, kills)
        ends[ended.state] += 1
        said = f"seed {seed}: {ended}, {len(shown)} there"
        assert max(Counter(shown).values(), default=0) <= 1, said
        if ended.state == "posted":
            assert len(shown) == ended.parts, said
        else:  # a person's: only ever because nobody can tell, never lost and never doubled
            assert ended.state == "held" and "unsure" in ended.why, said
            assert len(shown) <= ended.parts + 1, said
            assert name not in EXACT, said
    print(f"{name}: seed {seed}, {ends.total()} messages, {dict(kills)}, {dict(ends)}")


@pytest.mark.parametrize("name", BRIDGES)
async def test_a_few_kills_around_a_request(name: str, tmp_path: Path) -> None:
    await rounds(name, 3, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", BRIDGES)
async def test_two_hundred_kills_around_a_request(name: str, tmp_path: Path) -> None:
    await rounds(name, 200, tmp_path)
