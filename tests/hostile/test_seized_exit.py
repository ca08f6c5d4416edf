"""A copy of an exit's disk made on an earlier day, with all keys and files of today: nothing opens
that was destroyed meanwhile, and no sender is in it at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest
import trio
from disk_thief import Thief, by_passphrase, keys_of_files
from kept_rows import SetClock
from seized_exit import NUMBER, PASSPHRASE, SENDER, STATES, Exit
from trio.testing import MockClock

from relay.model import HOUR
from relay.node.rolling import anew
from relay.wire.epochs import DAY_S

NOON = 20_255 * DAY_S + 12 * HOUR
ROAD_S = 2 * DAY_S
PURGED = "posted"
"""It ends, and goes with the others that have."""

DAYS = 4
"""The day of the key, the road, and an hour more."""


@dataclass
class Story:
    """What was on the disk on the first day: of each state one that is destroyed since, and one
    that is there still."""

    at: Exit
    first_day: Path
    went: dict[str, str]
    stays: dict[str, str]
    seqs: Sequence[int]

    @classmethod
    async def begun(cls, folder: Path, road_s: int, each: int = 1) -> Story:
        at = Exit(folder / "exit", SetClock(NOON), road_s)
        at.open()
        went = {token_hex(12): state for state in STATES * each}
        stays = {token_hex(12): state for state in STATES * each if state != PURGED}
        seqs = [await at.brought_to(state, words) for words, state in went.items()]
        for words, state in stays.items():
            await at.brought_to(state, words)
        return cls(at, await at.copied(folder / "first day"), went, stays, seqs)

    async def goes_on(self, days: int, *, rolls: bool = True) -> Thief:
        """Messages end and are purged, the inbox is opened, days pass; then everything is taken."""
        await self.at.ends(self.seqs)
        await self.at.opens_its_inbox()
        for _ in range(days):
            self.at.clock.at += DAY_S
            for _ in range(2 * rolls):
                await self.at.rolling.look()
                await trio.sleep(anew.QUIET_S)
        return await self.taken()

    async def taken(self) -> Thief:
        """Both disks, and the memory of today."""
        folder = self.first_day.parent
        today = await self.at.copied(folder / f"day {self.at.clock.at // DAY_S}")
        return Thief([self.first_day, today], self.at.memory())


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    made = await Story.begun(tmp_path, ROAD_S)
    yield made
    made.at.spool.close()


async def test_after_the_road_nothing_opens_that_was_destroyed_meanwhile(
    autojump_clock: MockClock, story: Story
) -> None:
    thief = await story.goes_on(days=DAYS)
    assert thief.found(story.went) == set()
    assert thief.found(story.stays) == set(story.stays)


async def test_on_the_next_day_only_what_waited_in_the_inbox_still_opens(
    autojump_clock: MockClock, story: Story
) -> None:
    """The price of the road: an envelope on its way must open at its end, a copy of it does too."""
    thief = await story.goes_on(days=1)
    assert {story.went[words] for words in thief.found(story.went)} == {"inbox"}
    assert thief.found(story.stays) == set(story.stays)


async def test_if_no_key_had_rolled_all_of_it_would_open(
    autojump_clock: MockClock, story: Story
) -> None:
    thief = await story.goes_on(days=DAYS, rolls=False)
    assert thief.found(story.went) == set(story.went)


@pytest.mark.slow
async def test_with_the_passphrase_the_first_day_opens_whatever_was_destroyed_since(
    autojump_clock: MockClock, story: Story
) -> None:
    await story.goes_on(days=1)
    memory = by_passphrase(story.first_day, PASSPHRASE.secret)
    both = {**story.went, **story.stays}
    assert Thief([story.first_day], memory).found(both) == set(both)


async def test_no_link_of_today_opens_an_exit_key_that_was_there_before(
    autojump_clock: MockClock, story: Story
) -> None:
    story.at.clock.at += DAY_S
    await story.at.rolling.look()
    today = await story.at.copied(story.first_day.with_name("today"))
    of_today = story.at.memory().turning
    assert list(keys_of_files([story.first_day, today], of_today)) == []
    before = by_passphrase(story.first_day, PASSPHRASE.secret)
    assert list(keys_of_files([today], before.turning))  # the chain leads onward


async def test_no_sender_is_anywhere_at_an_exit(autojump_clock: MockClock, story: Story) -> None:
    thief = await story.taken()
    everything = [*thief.raw(), *thief.opened]
    assert thief.found(story.stays) == set(story.stays)
    local, domain = SENDER.split(b"@")
    for name in (SENDER, local, domain, NUMBER, NUMBER.removeprefix(b"+")):
        assert not any(name in one for one in everything)
    assert any(b"Subject: s" in one for one in everything)  # what came beside it is there


@pytest.mark.slow
async def test_many_messages_in_three_weeks_with_restarts_between(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    story = await Story.begun(tmp_path, 14 * DAY_S, each=4)
    half = len(story.seqs) // 2
    await story.at.ends(story.seqs[:half])
    for day in range(20):
        story.at.clock.at += DAY_S
        if day % 3 == 0:
            story.at.spool.close()
            story.at.open()
            await story.at.rolling.begin()
        await story.at.opens_its_inbox()
        for _ in range(2):
            await story.at.rolling.look()
            await trio.sleep(anew.QUIET_S)
        if day == 10:
            await story.at.ends(story.seqs[half:])
    thief = await story.taken()
    story.at.spool.close()
    assert thief.found(story.went) == set()
    assert thief.found(story.stays) == set(story.stays)
