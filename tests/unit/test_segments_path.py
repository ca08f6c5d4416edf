"""Segments from the door to the page: the loops of a real core in virtual time, over midnights."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trio
from media_path_parts import NoCleaner
from trio.testing import MockClock

from bridges.feed import Feed
from relay.entry.seal import seal_row
from relay.entry.strip import EntrySecrets, strip
from relay.exit.account import Account
from relay.exit.obey import Obeying
from relay.exit.post import Posting
from relay.exit.waits import WAIT_S
from relay.exit.withdraw import Withdrawal
from relay.model import (
    HOUR,
    Arrival,
    Change,
    Kind,
    NewRow,
    Queue,
    Reading,
    State,
    Submission,
)
from relay.node.arrivals import Arrivals
from relay.node.brake import Brake
from relay.node.poster import Poster
from relay.node.workers import Steps
from relay.reader.read import read
from relay.rules.gsm import segments
from relay.rules.join import GAP
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.item import verify_document
from relay.wire.keys import make_exit_keys
from relay.wire.primitives import signing_public

KEYS = make_exit_keys()
MIDNIGHT = 1_800_000_000 - 1_800_000_000 % 86400
PERSIAN = " ".join(["امروز در میدان آزادی هزاران نفر ایستاده بودند و هیچ‌کس نمی‌ترسید."] * 3)
KIND, PARTS = segments(PERSIAN)
OPEN = Policy(("page",), review="none", delay=(60, 60), danger="off")
_ids = itertools.count()


class Virtual:
    """Wall time that goes with the loop's; it begins an hour before a midnight."""

    def now(self) -> int:
        return MIDNIGHT - HOUR + int(trio.current_time())


class HereReader:
    async def read(self, content: bytes, kind: Kind) -> Reading:
        return read(content, kind)


class Phone:
    """What a gateway hears of one person's phone, and what the door makes of it."""

    def __init__(self, spool: MemorySpool, clock: Virtual) -> None:
        self.spool = spool
        self.clock = clock
        self.days = [bytes([day]) * 32 for day in range(9)]

    async def sends(
        self,
        *numbers: int,
        of: tuple[Kind, Sequence[bytes]] | None = None,
        reference: bytes = b"the persian one",
    ) -> None:
        """These segments of a text, in this order."""
        kind, parts = of or (KIND, PARTS)
        day = 1 + (self.clock.now() - MIDNIGHT + HOUR * 24) // (24 * HOUR)
        secrets = EntrySecrets(b"n" * 32, self.days[day], b"t" * 32, b"y" * 32, self.days[day - 1])
        for number in numbers:
            arrival = Arrival(
                "phone",
                kind,
                parts[number - 1],
                ("news",),
                b"+989120000000",
                b"+1555",
                provider_id=next(_ids).to_bytes(4, "big"),
                segment=number,
                segments=len(parts),
                reference=reference,
            )
            for submission in strip(arrival, secrets):
                await self._put(submission)

    async def _put(self, submission: Submission) -> None:
        sealed = seal_row(submission, KEYS.public.epochs, self.clock.now())
        id, hour = sealed.id, sealed.hour
        row = NewRow(Queue.INBOX, State.WAITING, id, hour, body=sealed.envelope, keys=sealed.keys)
        await self.spool.put([row])


class Core:
    """The exit's side of a node, with a page."""

    def __init__(self, folder: Path, policy: Policy = OPEN) -> None:
        self.folder = folder
        self.policy = policy
        self.clock = Virtual()
        self.spool = MemorySpool(self.clock)
        self.phone = Phone(self.spool, self.clock)

    @asynccontextmanager
    async def runs(self) -> AsyncIterator[None]:
        """One process; what is in it dies at the end, and what was stored is there for the next."""
        feed = Feed(Feed.Settings(folder=str(self.folder / "public")), None, self.clock)  # type: ignore[arg-type]
        brake = Brake(self.spool, self.clock, ["news"], ["page"], {})
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._steps(brake).run)
            account = Account("page", "page", True, "hold", 60)
            posting = Posting(self.spool, feed, account, KEYS, self.clock, lambda: None)
            poster = Poster(
                self.spool,
                self.clock,
                posting,
                account,
                1,
                brake,
                lambda _: None,
                lambda: None,
            )
            nursery.start_soon(poster.run)
            yield
            nursery.cancel_scope.cancel()
        self.spool = self.spool.reopened()
        self.phone.spool = self.spool

    def _steps(self, brake: Brake) -> Steps:
        async def nothing(*_: Any) -> None:
            return None

        policies = {"news": self.policy}
        withdrawal = Withdrawal(self.spool, KEYS, nothing, nothing)  # type: ignore[arg-type]
        return Steps(
            self.spool,
            self.clock,
            KEYS,
            HereReader(),
            NoCleaner(),
            policies,
            {},
            brake,
            lambda: None,
            Arrivals(),
            Obeying(self.spool, self.clock, KEYS, policies, withdrawal, nothing),
        )

    def shown(self) -> list[str]:
        """The texts on the page, the oldest first, as anybody can check them."""
        document = (self.folder / "public" / "feed.json").read_bytes()
        verified = verify_document(document, signing_public(KEYS.page))
        items = json.loads(document)["items"]
        assert (verified.count, verified.faults) == (len(items), ())
        return [item["content_text"] for item in reversed(items)]


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    async def here(act: Callable[..., Any], *given: Any) -> Any:
        return act(*given)  # virtual time would not wait for a thread

    monkeypatch.setattr(trio.to_thread, "run_sync", here)
    return Core(tmp_path)


async def all_is_done(core: Core) -> None:
    """What came by now has gone wherever it goes by itself."""
    await trio.sleep(300)
    assert await core.spool.self_check() == []


async def states(core: Core) -> dict[str, int]:
    return (await core.spool.counts()).states


async def test_in_reverse_and_doubled_over_a_restart_and_midnight_they_are_one_item(
    core: Core, autojump_clock: MockClock
) -> None:
    assert (KIND, len(PARTS)) == ("ucs2", 3)
    await trio.sleep(HOUR - 600)
    async with core.runs():
        await core.phone.sends(3, 3)
        await trio.sleep(300)
    await trio.sleep(240)
    await core.phone.sends(2)
    async with core.runs():
        await trio.sleep(120)
        assert core.clock.now() > MIDNIGHT
        await core.phone.sends(1)
        await all_is_done(core)
    assert core.shown() == [PERSIAN]
    assert await states(core) == {"posted": 1, "joined": 3}


async def test_one_that_lost_a_segment_appears_with_its_gap_and_is_corrected_when_it_comes(
    core: Core, autojump_clock: MockClock
) -> None:
    async with core.runs():
        await core.phone.sends(3, 1)
        await trio.sleep(WAIT_S - 5)
        await all_is_done(core)
        first, _, last = (part.decode("utf-16-be") for part in PARTS)
        assert core.shown() == [f"{first}{GAP}{last}"]
        await trio.sleep(5 * HOUR)
    async with core.runs():
        await core.phone.sends(2)
        await all_is_done(core)
    assert core.shown() == [PERSIAN]
    assert await states(core) == {"posted": 2, "joined": 1}


async def test_before_half_an_hour_nothing_of_it_is_shown(
    core: Core, autojump_clock: MockClock
) -> None:
    async with core.runs():
        await core.phone.sends(2)
        await trio.sleep(WAIT_S - 2)
        assert not (core.folder / "public" / "feed.json").exists()
        assert await states(core) == {"waiting": 1}


async def test_two_texts_of_one_phone_are_two_items(core: Core, autojump_clock: MockClock) -> None:
    other = segments("english and long enough for two of them " * 5)
    async with core.runs():
        await core.phone.sends(1)
        await core.phone.sends(2, of=other, reference=b"other")
        await core.phone.sends(2, 3)
        await all_is_done(core)
        await core.phone.sends(1, of=other, reference=b"other")
        await all_is_done(core)
    assert core.shown() == [PERSIAN, ("english and long enough for two of them " * 5).strip()]
    assert await states(core) == {"posted": 2, "joined": 3}


async def test_ten_texts_at_once_in_any_order_are_ten_items(
    core: Core, autojump_clock: MockClock
) -> None:
    texts = [f"{n} {PERSIAN}" for n in range(10)]
    coming = [(number, n) for n in range(10) for number in range(len(segments(texts[n])[1]), 0, -1)]
    Random(7).shuffle(coming)
    async with core.runs():
        for number, n in coming:
            await core.phone.sends(number, of=segments(texts[n]), reference=b"%d" % n)
        await all_is_done(core)
    assert sorted(core.shown()) == texts
    assert await states(core) == {"posted": 10, "joined": len(coming) - 10}


async def test_where_a_person_reviews_the_correction_waits_for_them_as_well(
    core: Core, autojump_clock: MockClock
) -> None:
    async with core.runs():
        await core.phone.sends(1, 3)
        await trio.sleep(WAIT_S)
        await all_is_done(core)
        core.policy = replace(OPEN, review="all")
    async with core.runs():
        await core.phone.sends(2)
        await all_is_done(core)
        assert core.shown() != [PERSIAN]
        assert await states(core) == {"posted": 1, "held": 1, "joined": 1}
        [row] = await core.spool.look(queue=Queue.REVIEW)
        released = Change(Queue.DELIVER, State.WAITING, due=core.clock.now())
        assert await core.spool.change(row, released)
        await all_is_done(core)
    assert core.shown() == [PERSIAN]
