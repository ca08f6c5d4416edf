"""Media on their way from the reader to a review: made anew, what came kept apart, nothing lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
import trio
from media_path_parts import FILM, PAPER, PHOTO, FakeCleaner
from spool_parts import NOW, Disk, HandClock
from trio.testing import MockClock

from relay.cli.media import lines_of
from relay.exit.clean import ROOM, clean, left_out, publishable
from relay.exit.obey import Obeying
from relay.exit.originals import Originals
from relay.exit.record import Record, restore, store
from relay.exit.review import review
from relay.exit.withdraw import Withdrawal
from relay.model import (
    Change,
    Kind,
    Media,
    Message,
    NewRow,
    Queue,
    Reading,
    Row,
    State,
)
from relay.node.arrivals import Arrivals
from relay.node.brake import Brake
from relay.node.media_shown import media_of
from relay.node.workers import Steps
from relay.ports import Cleaner, Spool
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.custody import reveal
from relay.wire.keys import make_exit_keys
from relay.wire.pack import unpack

KEYS = make_exit_keys()
ID = bytes(range(16))


@dataclass
class Reads:
    """A reader: a text is a message, and the media of the test come with it."""

    media: tuple[Media, ...] = ()
    of: dict[bytes, tuple[Media, ...]] = field(default_factory=dict)

    async def read(self, content: bytes, kind: Kind) -> Reading:
        media = self.of.get(content, self.media)
        return Message(content.decode(), media=media, flags=("media",) if media else ())


@dataclass
class Node:
    """The steps of an exit, over a spool in memory."""

    media: tuple[Media, ...]
    cleaner: Cleaner = field(default_factory=FakeCleaner)
    policy: Policy = field(default_factory=Policy)
    spool: MemorySpool = field(default_factory=lambda: MemorySpool(HandClock()))
    reads: Reads = field(default_factory=Reads)

    async def comes(self, text: str = "see", id: bytes = ID, spool: Spool | None = None) -> None:
        record = Record(bytes(32), "mail", "mail", "news", content=text.encode())
        body = store(record, KEYS.storage, id)
        new = NewRow(Queue.READ, State.WAITING, id, NOW, name="news", body=body)
        await (spool or self.spool).put([new])

    def steps(self, spool: Spool) -> Steps:
        self.reads.media = self.media
        withdrawal = Withdrawal(spool, KEYS, _nothing, _nothing)  # type: ignore[arg-type]
        policies = {"news": self.policy}
        return Steps(
            spool,
            HandClock(),
            KEYS,
            self.reads,
            self.cleaner,
            policies,
            {},
            Brake(spool, HandClock(), ["news"], ["page"], {}),
            lambda: None,
            Arrivals(),
            Obeying(spool, HandClock(), KEYS, policies, withdrawal, _nothing),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.steps(self.spool).run)
            yield
            nursery.cancel_scope.cancel()

    async def reviewed(self, spool: Spool | None = None) -> Row:
        """The message, once a person may see it."""
        with trio.fail_after(5):
            while True:
                for row in await (spool or self.spool).look(queue=Queue.REVIEW):
                    if row.state == State.HELD:
                        return row
                await trio.sleep(0.001)


async def _nothing(*_: object) -> None:
    return None


async def record_of(spool: Spool, row: Row) -> Record:
    return restore(await spool.body(row.seq), KEYS.storage, row.id)


async def kept_beside(spool: Spool, row: Row) -> tuple[bytes, ...]:
    [original] = await spool.originals(row.seq)
    body = await spool.body(original.seq)
    plain = reveal(body, KEYS.storage, bind=row.id + b"originals")
    return unpack(Originals, plain).contents


async def test_a_film_without_its_sound_is_seen_by_a_person_wherever_it_goes(
    autojump_clock: MockClock,
) -> None:
    lets_go = Policy(review="none", media_review="none")
    node = Node((FILM,), FakeCleaner(lacks="no sound"), policy=lets_go)
    await node.comes()
    async with node.running():
        row = await node.reviewed()
    assert row.why == "media not published: no sound"
    [film] = media_of(await record_of(node.spool, row))
    [line] = lines_of({"media": [film], "originals": []})
    assert line == "media    1: video/mp4, 40 bytes, 640 x 480, 7 s; no sound"


async def test_of_what_came_new_media_are_reviewed_and_the_rest_is_said(
    autojump_clock: MockClock,
) -> None:
    node = Node((PHOTO, PAPER, FILM))
    await node.comes()
    async with node.running():
        row = await node.reviewed()
    assert row.why == "media; media not published: a document; review"
    record = await record_of(node.spool, row)
    assert [one.content for one in publishable(record)] == [b"c" * 40, b"c" * 40]
    assert publishable(record)[0].alt == "a bridge"
    assert [(one.type, one.size, one.why) for one in record.originals] == [
        ("image/jpeg", len(PHOTO.content), ""),
        ("application/pdf", len(PAPER.content), "a document"),
        ("video/mp4", len(FILM.content), ""),
    ]
    assert record.originals[0].sha256 == sha256(PHOTO.content).digest()


async def test_what_came_is_kept_byte_for_byte_beside_its_message(
    autojump_clock: MockClock,
) -> None:
    node = Node((PHOTO, PAPER))
    await node.comes()
    async with node.running():
        row = await node.reviewed()
    assert await kept_beside(node.spool, row) == (PHOTO.content, PAPER.content)
    record = await node.spool.body(row.seq)
    assert PHOTO.content not in reveal(record, KEYS.storage, bind=row.id)


async def test_a_text_passes_by_no_cleaner(autojump_clock: MockClock) -> None:
    node = Node(())
    await node.comes()
    async with node.running():
        row = await node.reviewed()
    assert await node.spool.originals(row.seq) == []


async def test_other_texts_pass_while_a_film_is_cleaned(autojump_clock: MockClock) -> None:
    node = Node((), FakeCleaner(film_s=500))
    node.reads.of = {b"film": (FILM,), b"second film": (FILM,), b"photo": (PHOTO,)}

    async def seen() -> set[int]:
        return {row.id[0] for row in await node.spool.look(queue=Queue.REVIEW)}

    await node.comes("film", bytes([0]) * 16)
    async with node.running():
        await trio.sleep(1)
        for n, text in enumerate(["second film", "a text", "photo"], 1):
            await node.comes(text, bytes([n]) * 16)
        await trio.sleep(1)
        assert await seen() == {2}
        await trio.sleep(500)
        assert await seen() == {0, 2, 3}
        await trio.sleep(500)
        assert await seen() == {0, 1, 2, 3}


async def test_pictures_that_wait_are_cleaned_before_films(autojump_clock: MockClock) -> None:
    cleaner = FakeCleaner()
    node = Node((), cleaner)
    node.reads.of = {b"film": (FILM,), b"photo": (PHOTO,)}
    for queue, due, media in ((Queue.CLEAN, 1, FILM), (Queue.CLEAN, 0, PHOTO)):
        record = Record(bytes(32), "mail", "mail", "news", message=Message("x", media=(media,)))
        body = store(record, KEYS.storage, ID)
        new = NewRow(queue, State.WAITING, ID, NOW, due=due, name="news", body=body)
        await node.spool.put([new])
    async with node.running():
        await trio.sleep(5)
    assert cleaner.asked == [PHOTO, FILM]


async def test_a_message_that_is_dropped_while_its_film_is_cleaned_is_gone_at_once(
    autojump_clock: MockClock,
) -> None:
    node = Node((FILM,), FakeCleaner(film_s=500))
    await node.comes()
    async with node.running():
        await trio.sleep(1)
        [row] = await node.spool.look(queue=Queue.CLEAN)
        dropped = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")
        assert await node.spool.change(row, dropped)
        await trio.sleep(600)
    [row] = await node.spool.look(queue=Queue.ENDED)
    assert (row.state, await node.spool.body(row.seq)) == (State.DROPPED, b"")
    assert await node.spool.originals(row.seq) == []


class Died(Exception):
    """The process ended here."""


class Dies:
    """A spool whose process ends before its ``n``-th write, or right after it."""

    def __init__(self, spool: Spool, n: int, *, after: bool) -> None:
        self._spool = spool
        self._left = n
        self._after = after

    def __getattr__(self, name: str) -> object:
        real = getattr(self._spool, name)
        if name not in ("settle", "change"):
            return real

        async def written(*args: object, **more: object) -> object:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Died
            done = await real(*args, **more)
            if self._left == 0:
                raise Died
            return done

        return written


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("n", [1, 2, 3])
async def test_a_crash_anywhere_loses_no_medium_and_doubles_no_original(
    tmp_path: Path, n: int, after: bool
) -> None:
    disk = Disk(tmp_path)
    node = Node((PHOTO, PAPER))
    with disk.spool() as spool:
        await node.comes(spool=spool)
        dying = Dies(spool, n, after=after)
        with pytest.RaisesGroup(Died, flatten_subgroups=True):
            await node.steps(dying).run()  # type: ignore[arg-type]
    with disk.spool() as spool:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(node.steps(spool).run)
            row = await node.reviewed(spool)
            nursery.cancel_scope.cancel()
        assert await kept_beside(spool, row) == (PHOTO.content, PAPER.content)
        assert len(publishable(await record_of(spool, row))) == 1
        assert (await spool.counts()).states == {State.HELD: 1}
        assert await spool.self_check() == []


# ---------------------------------------------------------------- sizes


async def cleaned_of(*came: Media, cleaner: Cleaner) -> Record:
    record = Record(bytes(32), "mail", "mail", "news", message=Message("see", media=came))
    body = store(record, KEYS.storage, ID)
    row = Row(1, 1, 1, Queue.CLEAN, State.WAITING, ID, NOW, 0, "news", "", body=body)
    change, _ = await clean(row, cleaner, KEYS)
    assert change.body is not None
    return restore(change.body, KEYS.storage, ID)


async def test_media_that_are_too_large_together_are_pressed_and_then_left_out() -> None:
    cleaner = FakeCleaner(size=ROOM // 2 - 50_000)
    record = await cleaned_of(PHOTO, PHOTO, PHOTO, cleaner=cleaner)
    assert [one.why for one in record.originals] == ["", "", ""]
    cleaner.fitted_to.clear()
    cleaner.size = ROOM // 2
    record = await cleaned_of(PHOTO, PHOTO, PHOTO, cleaner=cleaner)
    assert [one.why for one in record.originals] == ["", "", "too large together"]
    assert sum(len(one.content) for one in publishable(record)) <= ROOM


async def test_no_more_media_are_published_than_an_item_shows() -> None:
    record = await cleaned_of(*[PHOTO] * 51, cleaner=FakeCleaner())
    assert len(publishable(record)) == 50
    assert left_out(record) == ("one too many",)


async def test_a_message_of_nothing_but_a_document_is_held_with_the_reason() -> None:
    record = await cleaned_of(PAPER, cleaner=FakeCleaner())
    body = store(record, KEYS.storage, ID)
    row = Row(1, 1, 1, Queue.REVIEW, State.WAITING, ID, NOW, 0, "news", "", body=body)
    freely = Policy(review="none", media_review="none")
    change = review(row, KEYS, {"news": freely}, NOW, lambda low, high: low)
    assert (change.state, change.why) == (State.HELD, "media not published: a document")


# ---------------------------------------------------------------- the policy


async def test_a_channel_may_let_clean_media_go_unseen() -> None:
    record = await cleaned_of(PHOTO, cleaner=FakeCleaner())
    body = store(record, KEYS.storage, ID)
    row = Row(1, 1, 1, Queue.REVIEW, State.WAITING, ID, NOW, 0, "news", "", body=body)
    for media_review, queue in (("all", Queue.REVIEW), ("none", Queue.DELIVER)):
        policy = Policy(review="none", media_review=media_review)  # type: ignore[arg-type]
        change = review(row, KEYS, {"news": policy}, NOW, lambda low, high: low)
        assert change.queue == queue


async def test_what_an_older_version_read_is_never_published_as_it_came() -> None:
    old = Record(bytes(32), "mail", "mail", "news", message=Message("see", media=(PHOTO,)))
    assert publishable(old) == ()
    body = store(old, KEYS.storage, ID)
    row = Row(1, 1, 1, Queue.REVIEW, State.WAITING, ID, NOW, 0, "news", "", body=body)
    freely = Policy(review="none", media_review="none")
    change = review(row, KEYS, {"news": freely}, NOW, lambda low, high: low)
    assert change.state == State.HELD
    assert change.why == "media not published: it came before media were cleaned"
