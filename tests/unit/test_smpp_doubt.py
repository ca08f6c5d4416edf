"""The mark by which a message that comes again is known: on the disk before it is used, and another
one as soon as the centre has all our answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from relay.testing.journey import VirtualClock
from relay.transports.smpp.doubt import AGAIN_S, Doubt


class File:
    def __init__(self) -> None:
        self.content: bytes | None = None
        self.broken = False

    def load(self) -> bytes | None:
        return self.content

    def save(self, content: bytes) -> None:
        if self.broken:
            raise OSError
        self.content = content


def told(story: Callable[[File, VirtualClock], Awaitable[None]]) -> None:
    asyncio.run(story(File(), VirtualClock(0)))


def test_the_first_mark_is_kept_before_it_is_used():
    async def story(file: File, clock: VirtualClock) -> None:
        doubt = Doubt(file, clock)
        await doubt.load()
        assert file.content == await doubt.mark()

    told(story)


def test_the_mark_changes_when_all_is_settled_and_not_before_it_was_used():
    async def story(file: File, clock: VirtualClock) -> None:
        doubt = Doubt(file, clock)
        await doubt.load()
        first = file.content
        await doubt.settled()
        assert file.content == first
        assert await doubt.mark() == first
        await doubt.settled()
        assert file.content != first and await doubt.mark() == file.content

    told(story)


def test_after_a_break_the_mark_stays_for_hours():
    async def story(file: File, clock: VirtualClock) -> None:
        doubt = Doubt(file, clock)
        await doubt.load()
        first = await doubt.mark()
        doubt.broke()
        clock.at = AGAIN_S - 1
        await doubt.settled()
        assert await doubt.mark() == first
        clock.at = AGAIN_S
        await doubt.settled()
        assert await doubt.mark() != first

    told(story)


def test_the_next_process_goes_on_with_the_mark_and_doubts_all_of_it():
    async def story(file: File, clock: VirtualClock) -> None:
        before, after = Doubt(file, clock), Doubt(file, clock)
        await before.load()
        first = await before.mark()
        await after.load()
        await after.settled()
        assert await after.mark() == first

    told(story)


def test_a_process_that_took_over_too_early_learns_the_newer_mark_or_puts_back_its_own():
    async def story(file: File, clock: VirtualClock) -> None:
        before, idle, busy = Doubt(file, clock), Doubt(file, clock), Doubt(file, clock)
        await before.load()
        await before.mark()
        await idle.load()
        idle._used = False  # nothing has come to it
        await busy.load()
        own = await busy.mark()
        await before.settled()
        await idle.load()
        assert await idle.mark() == file.content != own
        await busy.load()
        assert await busy.mark() == file.content == own

    told(story)


def test_a_disk_that_takes_no_other_mark_leaves_the_old_one_in_force():
    async def story(file: File, clock: VirtualClock) -> None:
        doubt = Doubt(file, clock)
        await doubt.load()
        first = await doubt.mark()
        file.broken = True
        await doubt.settled()
        assert await doubt.mark() == first == file.content

    told(story)


@pytest.mark.parametrize("content", [b"", b"2 other", b"1 short"])
def test_a_damaged_mark_is_replaced(content):
    async def story(file: File, clock: VirtualClock) -> None:
        file.content = content
        doubt = Doubt(file, clock)
        await doubt.load()
        assert file.content == await doubt.mark() != content

    told(story)
