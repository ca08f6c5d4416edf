"""Whose media are cleaned when: nobody's films hold up everybody's pictures, and a full disk loses
nothing."""

from __future__ import annotations

import pytest
import trio
from media_path_parts import FILM, PAPER, PHOTO, FakeCleaner
from test_media_path import Node, cleaned_of, kept_beside
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.clean import left_out, publishable
from relay.exit.naming import FILMS, PICTURES
from relay.model import Change, Media, Queue, State
from relay.ports import Spool


async def test_pictures_wait_for_one_film_and_not_for_fifty(autojump_clock: MockClock) -> None:
    node = Node((), FakeCleaner(film_s=100))
    node.reads.of = {b"films": (FILM,) * 5, b"photo": (PHOTO,)}
    await node.comes("films", bytes([0]) * 16)
    async with node.running():
        await trio.sleep(1)
        await node.comes("photo", bytes([1]) * 16)
        await trio.sleep(101)
        assert [row.id[0] for row in await node.spool.look(queue=Queue.REVIEW)] == [1]
        await trio.sleep(400)
        rows = await node.spool.look(queue=Queue.REVIEW)
        assert sorted(row.id[0] for row in rows) == [0, 1]


@pytest.mark.parametrize("content", [b"\0\0\0\x18ftypisom", b"RIFF\0\0\0\0AVI ", b"\xff\xfbf"])
async def test_a_film_that_says_it_is_a_picture_waits_like_a_film(
    content: bytes, autojump_clock: MockClock
) -> None:
    node = Node((), FakeCleaner(film_s=100))
    node.reads.of = {b"film": (FILM,), b"lies": (Media("image/jpeg", content),)}
    await node.comes("film")
    async with node.running():
        await trio.sleep(1)
        await node.comes("lies", bytes([1]) * 16)
        await trio.sleep(1)
        dues = {row.id[0]: row.due for row in await node.spool.look(queue=Queue.CLEAN)}
        assert dues[1] == FILMS


async def test_what_is_no_film_does_not_wait_like_one(autojump_clock: MockClock) -> None:
    node = Node((), FakeCleaner(film_s=100))
    unknown = Media("application/octet-stream", b"\xff\xd8\xff\xe0")
    node.reads.of = {b"film": (FILM,), b"paper": (PHOTO, PAPER, unknown)}
    await node.comes("film")
    async with node.running():
        await trio.sleep(1)
        await node.comes("paper", bytes([1]) * 16)
        await trio.sleep(1)
        dues = {row.id[0]: row.due for row in await node.spool.look(queue=Queue.CLEAN)}
        assert dues[1] == PICTURES


async def test_one_message_does_not_keep_a_cleaner_for_hours(autojump_clock: MockClock) -> None:
    record = await cleaned_of(*[FILM] * 50, cleaner=FakeCleaner(film_s=290))
    assert len(publishable(record)) == 7
    assert left_out(record) == ("too much work together",) * 43


class Full:
    """A spool whose disk has no room for the next ``n`` changes."""

    def __init__(self, spool: Spool, n: int) -> None:
        self._spool = spool
        self.left = n

    def __getattr__(self, name: str) -> object:
        real = getattr(self._spool, name)
        if name != "change":
            return real

        async def changed(*args: object, **more: object) -> object:
            self.left -= 1
            if self.left >= 0:
                raise SpoolFull
            return await real(*args, **more)

        return changed


async def test_a_full_disk_keeps_what_came_waiting_and_cleans_it_once(
    autojump_clock: MockClock,
) -> None:
    cleaner = FakeCleaner()
    node = Node((PHOTO,), cleaner)
    await node.comes()
    full = Full(node.spool, 30)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.steps(full).run)  # type: ignore[arg-type]
        await trio.sleep(20)
        [row] = await node.spool.look(queue=Queue.CLEAN)
        assert await node.spool.originals(row.seq) == []
        await trio.sleep(20)
        [row] = await node.spool.look(queue=Queue.REVIEW)
        nursery.cancel_scope.cancel()
    assert await kept_beside(node.spool, row) == (PHOTO.content,)
    assert cleaner.asked == [PHOTO]


async def test_what_waits_for_room_on_the_disk_may_be_dropped(autojump_clock: MockClock) -> None:
    node = Node((PHOTO,))
    await node.comes()
    full = Full(node.spool, 30)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.steps(full).run)  # type: ignore[arg-type]
        await trio.sleep(20)
        [row] = await node.spool.look(queue=Queue.CLEAN)
        dropped = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")
        assert await node.spool.change(row, dropped)
        await trio.sleep(20)
        nursery.cancel_scope.cancel()
    [row] = await node.spool.look(queue=Queue.ENDED)
    assert row.state == State.DROPPED and await node.spool.originals(row.seq) == []
