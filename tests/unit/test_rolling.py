"""The keys of an exit change with the days, and old ones are destroyed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

import pytest
import trio
from kept_rows import EVERY_KIND, ROAD_S, SetClock, fill, message, opened
from trio.testing import MockClock

from relay.entry.seal import seal_row
from relay.errors import Damaged, KeyFileError
from relay.exit.anew import ENDINGS
from relay.exit.remembering import remembered
from relay.journal import Journal
from relay.model import HOUR, Change, NewRow, Place, Queue, State, Submission
from relay.node.arrivals import Arrivals
from relay.node.desk.handovers import Handovers, Note, Notes
from relay.node.desk.word import DayWords
from relay.node.replies import Replies
from relay.node.rolling.anew import QUIET_S
from relay.node.rolling.rolling import Rolling, rolling_of
from relay.rules.exits import Exits, Own, troubles_of
from relay.spool.memory import MemorySpool
from relay.wire import primitives
from relay.wire.custody import wrapped_by
from relay.wire.epochs import DAY_S, EpochPublic
from relay.wire.exitfile import lock_exit, unlock_exit
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys
from relay.wire.pack import pack, unpack
from relay.wire.rolling import rolled

NOON = 20_255 * DAY_S + 12 * HOUR
BASE = rolled(make_exit_keys(NOON), NOON, ROAD_S)
SUBMISSION = Submission("mail", "text", b"x", "news", (), ())
NO_PASSPHRASE = Passphrase(bytes(32), stretched=False)


@dataclass
class File:
    """exit.key on a disk that may be full."""

    content: bytes
    trouble: Exception | None = None
    written: int = 0

    def write(self, keys: ExitKeys) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.content = pack(keys)
        self.written += 1

    @property
    def keys(self) -> ExitKeys:
        return unpack(ExitKeys, self.content)


@dataclass
class Exit:
    """An exit, its rows and its keys. ``told``: what was in the file when doors were told."""

    clock: SetClock = field(default_factory=lambda: SetClock(NOON))
    keys: ExitKeys = field(default_factory=lambda: unpack(ExitKeys, pack(BASE)))
    told: list[ExitKeys] = field(default_factory=list)
    said: StringIO = field(default_factory=StringIO)
    was_told: trio.Event = field(default_factory=trio.Event)

    def __post_init__(self) -> None:
        self.file = File(pack(self.keys))
        self.spool = MemorySpool(self.clock)
        self.rolling = self.opened()

    def opened(self) -> Rolling:
        return rolling_of(
            self.keys,
            self.file,
            self.tell,
            self.spool,
            self.clock,
            ROAD_S,
            Journal("core", self.said),
            Arrivals(),
            lambda: None,
            lambda: self.clock.frozen,
            lambda: self.clock.doubted,
        )

    def restarted(self) -> None:
        """The core was killed, and the next one has opened what is on the disk."""
        self.spool, self.keys = self.spool.reopened(), self.file.keys
        self.rolling = self.opened()

    async def tell(self) -> None:
        self.told.append(self.file.keys)
        self.was_told.set()

    async def next_day(self, days: int = 1) -> None:
        self.clock.at += days * DAY_S
        await self.rolling.look()

    async def quiet(self) -> None:
        """Who has read something had the time to use it."""
        await trio.sleep(QUIET_S)
        await self.rolling.look()

    async def arrives(self, key: EpochPublic) -> bytes:
        sealed = seal_row(SUBMISSION, [key], self.clock.at, ROAD_S)
        row = NewRow(Queue.INBOX, State.WAITING, sealed.id, sealed.hour, body=sealed.envelope)
        await self.spool.put([row])
        return sealed.id

    async def opens_its_inbox(self) -> None:
        for row in await self.spool.take(Queue.INBOX, now=self.clock.at, limit=100):
            await self.spool.settle(row, Change(Queue.READ, State.WAITING, due=None, body=b"read"))


@pytest.fixture
def at() -> Exit:
    return Exit()


def ids(keys: ExitKeys) -> set[bytes]:
    return {one.id for one in keys.epochs}


# ---------------------------------------------------------------- a new day


async def test_on_the_same_day_nothing_is_written(autojump_clock: MockClock, at: Exit) -> None:
    await at.rolling.look()
    assert (at.file.written, at.told) == (0, [])


async def test_a_new_day_has_a_new_storage_key_and_keys_for_sixty_days(
    autojump_clock: MockClock, at: Exit
) -> None:
    was = at.keys.storage[-1].id
    await at.next_day()
    assert at.keys.storage[-1].id != was
    assert at.keys.public.until() == at.clock.at // DAY_S * DAY_S + 61 * DAY_S
    assert "keys of this day" in at.said.getvalue()


async def test_the_object_that_everybody_has_is_renewed_in_place(
    autojump_clock: MockClock, at: Exit
) -> None:
    had = at.keys
    await at.next_day()
    assert had is at.rolling.ring.keys
    assert pack(had) == pack(at.file.keys)


async def test_doors_are_told_of_no_key_that_is_not_on_the_disk(
    autojump_clock: MockClock, at: Exit
) -> None:
    await at.next_day()
    assert ids(at.told[0]) == ids(at.keys) != ids(BASE)


async def test_a_node_that_was_off_for_months_has_the_keys_of_its_day(
    autojump_clock: MockClock, at: Exit
) -> None:
    await at.next_day(100)
    assert at.keys.public.of(at.clock.at) is not None


async def test_where_exit_key_cannot_be_written_nothing_changes_and_it_is_said(
    autojump_clock: MockClock, at: Exit
) -> None:
    at.file.trouble = OSError(28, "No space left on device")
    before = pack(at.keys)
    await at.next_day()
    assert pack(at.keys) == before == at.file.content
    assert at.told == []
    assert at.rolling.notices == [
        "exit.key cannot be written (No space left on device): no key is made and none destroyed"
        " until then"
    ]
    at.file.trouble = None
    await at.rolling.look()
    assert at.rolling.notices == []
    assert pack(at.keys) == at.file.content != before


async def test_the_last_keys_are_not_destroyed_while_none_can_be_made(
    autojump_clock: MockClock, at: Exit
) -> None:
    at.file.trouble = KeyFileError("exit.key was written too often")
    await at.next_day(200)
    assert ids(at.keys) == ids(BASE)


async def test_a_new_day_is_noticed_by_itself(
    autojump_clock: MockClock, at: Exit, nursery: trio.Nursery
) -> None:
    nursery.start_soon(at.rolling.run)
    await trio.sleep(1)
    at.clock.at += DAY_S
    await at.was_told.wait()
    assert at.file.written == 1
    nursery.cancel_scope.cancel()


async def test_an_order_makes_a_new_storage_key_on_the_same_day(
    autojump_clock: MockClock, at: Exit
) -> None:
    shown = await at.rolling.now()
    assert shown["storage_keys"] == len(at.file.keys.storage) == 2
    assert shown["until"] == BASE.public.until()


# ---------------------------------------------------------------- wrapped anew


async def test_what_is_still_needed_is_wrapped_anew_and_then_the_old_key_is_destroyed(
    autojump_clock: MockClock,
    at: Exit,
) -> None:
    seqs = await fill(at.spool, at.keys, NOON)
    old = at.keys.storage
    await at.next_day()
    assert await opened(at.spool, seqs, at.keys.storage[-1:]) == EVERY_KIND
    assert old[-1] in at.file.keys.storage
    await at.quiet()
    assert len(at.keys.storage) == len(at.file.keys.storage) == 1
    assert await opened(at.spool, seqs, at.keys.storage) == EVERY_KIND
    assert await opened(at.spool, seqs, old) == []


async def test_no_old_key_is_destroyed_before_those_who_read_had_time_to_use_it(
    autojump_clock: MockClock, at: Exit
) -> None:
    await fill(at.spool, at.keys, NOON)
    await at.next_day()
    await trio.sleep(QUIET_S - 1)
    await at.rolling.look()
    assert len(at.file.keys.storage) == 2


async def test_a_row_that_somebody_holds_keeps_its_key(autojump_clock: MockClock, at: Exit) -> None:
    await at.spool.put([replace(message(at.keys, NOON), due=0)])
    (row,) = await at.spool.take(Queue.REVIEW, now=NOON, limit=1)
    await at.next_day()
    await at.quiet()
    await at.quiet()
    assert len(at.file.keys.storage) == 2
    at.spool.release(row)
    await at.quiet()
    await at.quiet()
    assert len(at.file.keys.storage) == 1
    assert await opened(at.spool, [row.seq], at.keys.storage) == ["record"]


async def test_what_was_written_back_under_an_old_key_is_found(
    autojump_clock: MockClock, at: Exit
) -> None:
    seqs = await fill(at.spool, at.keys, NOON)
    (row,) = [one for one in await at.spool.look() if one.seq == seqs[0]]
    body = await at.spool.body(row.seq)
    await at.next_day()
    await at.spool.change(row, Change(row.queue, row.state, row.due, body=body))
    await at.quiet()
    assert len(at.file.keys.storage) == 2
    await at.quiet()
    assert len(at.file.keys.storage) == 1
    assert await opened(at.spool, seqs, at.keys.storage) == EVERY_KIND


async def test_a_damaged_row_keeps_the_old_key_and_is_told_of(
    autojump_clock: MockClock, at: Exit
) -> None:
    new = message(at.keys, NOON)
    body = new.body[:20] + bytes([new.body[20] ^ 1]) + new.body[21:]
    await at.spool.put([replace(new, body=body)])
    await at.next_day()
    await at.quiet()
    assert len(at.file.keys.storage) == 2
    assert at.rolling.notices[0].startswith("1 rows are damaged")


async def test_of_many_days_all_old_keys_are_destroyed_together(
    autojump_clock: MockClock, at: Exit
) -> None:
    seqs = await fill(at.spool, at.keys, NOON)
    for _ in range(3):
        await at.next_day()
    assert len(at.keys.storage) == 4
    await at.quiet()
    assert len(at.keys.storage) == 1
    assert await opened(at.spool, seqs, at.keys.storage) == EVERY_KIND


async def test_where_replies_were_asked_for_last_is_kept_as_well(
    autojump_clock: MockClock, at: Exit
) -> None:
    replies = Replies(at.spool, at.keys, {})
    await replies._write("here", b"cursor")
    await at.spool.place(Place("replies there", account="garbage"))
    await at.next_day()
    await at.quiet()
    assert len(at.keys.storage) == 1
    assert await Replies(at.spool, at.keys, {})._cursor("here") == b"cursor"


async def test_what_editors_wrote_is_wrapped_anew_and_what_is_forgotten_opens_no_more(
    autojump_clock: MockClock, at: Exit
) -> None:
    notes = Handovers(at.spool, at.clock, lambda: at.keys)
    words = DayWords(at.spool)
    await words.begin(at.keys)
    await words.set("news", "lantern")
    await notes.add("the night was quiet", "ann")
    before = dict(await at.spool.remembered())
    was = unpack(ExitKeys, pack(at.keys))
    await at.next_day()
    await at.quiet()
    assert len(at.keys.storage) == 1
    assert [one["text"] for one in await notes.last()] == ["the night was quiet"]
    await words.begin(at.keys)
    assert words.words == {"news": "lantern"}
    assert remembered(Notes, "handovers", before["handovers"], was).notes
    with pytest.raises(Damaged):
        remembered(Notes, "handovers", before["handovers"], at.keys)


async def test_a_note_that_is_written_while_all_is_wrapped_anew_is_not_lost(
    autojump_clock: MockClock, at: Exit, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Handovers(at.spool, at.clock, lambda: at.keys)
    await notes.add("first", "ann")
    exchange = at.spool.exchange

    async def after_another_note(name: str, was: bytes, now: bytes) -> bool:
        await notes.add("second", "ann")
        return await exchange(name, was, now)

    monkeypatch.setattr(at.spool, "exchange", after_another_note)
    await at.next_day()
    monkeypatch.setattr(at.spool, "exchange", exchange)
    await at.quiet()
    await at.quiet()
    assert len(at.keys.storage) == 1
    assert [one["text"] for one in await notes.last()] == ["second", "first"]


async def test_what_an_older_version_has_sealed_opens_until_it_is_written_anew(
    autojump_clock: MockClock, at: Exit
) -> None:
    info = b"outword/1/handovers"
    key = primitives.derive(at.keys.desk_secret, info)
    note = Note(NOON, "ann", "of last year")
    await at.spool.remember("handovers", primitives.seal(key, pack(Notes((note,))), info))
    notes = Handovers(at.spool, at.clock, lambda: at.keys)
    assert [one["text"] for one in await notes.last()] == ["of last year"]
    await notes.add("of today", "ann")
    sealed = (await at.spool.remembered())["handovers"]
    assert wrapped_by(sealed) == at.keys.storage[-1].id


def test_whatever_binds_a_record_to_its_row_is_known_where_it_is_wrapped_anew() -> None:
    sources = (Path(__file__).parents[2] / "relay").rglob("*.py")
    found = {
        ending
        for path in sources
        for ending in re.findall(r'\bid \+ b"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert found == {ending.decode() for ending in ENDINGS.values() if ending}


async def test_keys_and_messages_of_two_days_are_told_of(
    autojump_clock: MockClock, at: Exit
) -> None:
    await fill(at.spool, at.keys, NOON)
    await at.rolling.begin()
    assert at.rolling.notices == []
    older = at.file.content
    await at.next_day()
    await at.quiet()
    at.file.content = older
    at.restarted()
    await at.rolling.begin()
    assert at.rolling.notices[0].startswith("4 of the newest messages")
    told = troubles_of(Exits(own=Own(60, odd=at.rolling.odd)))
    assert [(key, said[:8]) for key, said in told] == [("keys strange", "4 of the")]


# ---------------------------------------------------------------- epochs


def of_today(at: Exit) -> EpochPublic:
    key = at.keys.public.of(at.clock.at)
    assert key is not None
    return key


async def test_an_epoch_is_destroyed_when_its_road_is_over_and_an_hour_more(
    autojump_clock: MockClock, at: Exit
) -> None:
    key = of_today(at)
    at.clock.at = key.not_after + ROAD_S + HOUR - 1
    await at.rolling.look()
    assert key.id in ids(at.file.keys)
    at.clock.at += 1
    await at.rolling.look()
    assert key.id not in ids(at.file.keys) | ids(at.keys)


async def test_soon_after_a_boot_keys_are_made_and_none_destroyed(
    autojump_clock: MockClock, at: Exit
) -> None:
    before = ids(at.keys)
    at.clock.doubted = True
    await at.next_day(100)
    await at.quiet()
    assert of_today(at).id not in before and before <= ids(at.file.keys)
    assert len(at.file.keys.storage) > 1
    at.clock.doubted = False
    await at.quiet()
    assert not before & ids(at.file.keys) and len(at.file.keys.storage) == 1


async def test_an_epoch_that_something_in_the_inbox_names_stays(
    autojump_clock: MockClock, at: Exit
) -> None:
    key = of_today(at)
    await at.arrives(key)
    await at.next_day(40)
    assert key.id in ids(at.file.keys)
    await at.opens_its_inbox()
    await at.rolling.look()
    assert key.id not in ids(at.file.keys)


async def test_of_a_node_that_was_locked_for_weeks_only_the_keys_go_that_nothing_names(
    autojump_clock: MockClock,
    at: Exit,
) -> None:
    first = of_today(at)
    await at.arrives(first)
    at.clock.at += DAY_S
    unnamed = of_today(at)
    at.clock.at += 30 * DAY_S
    at.restarted()
    await at.rolling.begin()
    await at.rolling.look()
    assert first.id in ids(at.keys)
    assert unnamed.id not in ids(at.keys)


async def test_of_an_envelope_for_several_exits_each_key_it_names_counts(
    autojump_clock: MockClock, at: Exit
) -> None:
    other = rolled(make_exit_keys(NOON), NOON, ROAD_S).public.of(NOON)
    key = of_today(at)
    assert other is not None
    sealed = seal_row(SUBMISSION, [other, key], NOON, ROAD_S)
    row = NewRow(Queue.INBOX, State.WAITING, sealed.id, sealed.hour, body=sealed.envelope)
    await at.spool.put([row])
    await at.next_day(40)
    assert key.id in ids(at.keys)


async def test_nothing_is_made_or_destroyed_while_nobody_knows_what_time_it_is(
    autojump_clock: MockClock, at: Exit
) -> None:
    before = pack(at.keys)
    at.clock.frozen = True
    await at.next_day(400)
    await at.quiet()
    assert pack(at.keys) == before == at.file.content
    at.clock.frozen = False
    await at.rolling.look()
    assert pack(at.keys) != before


# ---------------------------------------------------------------- killed


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Dying:
    """Kills before the nth thing that is made durable, or just after it."""

    left: int
    after: bool

    def around(self, act: Callable[..., object]) -> Callable[..., object]:
        async def awaited(*args: object, **more: object) -> object:
            self._before()
            made = await act(*args, **more)  # type: ignore[misc]
            self._after()
            return made

        return awaited

    def blocking(self, act: Callable[..., object]) -> Callable[..., object]:
        def done(*args: object) -> None:
            self._before()
            act(*args)
            self._after()

        return done

    def _before(self) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed

    def _after(self) -> None:
        if self.left == 0 and self.after:
            raise Killed


@pytest.mark.parametrize("after", [False, True], ids=["just before", "just after"])
@pytest.mark.parametrize("nth", range(1, 6))
async def test_killed_between_any_two_steps_it_loses_nothing(
    autojump_clock: MockClock, at: Exit, nth: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.node.rolling.anew.PAGE", 3)
    seqs = [*await fill(at.spool, at.keys, NOON), *await fill(at.spool, at.keys, NOON)]
    dying, whole = Dying(nth, after), at.file.write
    monkeypatch.setattr(at.spool, "put_heads", dying.around(at.spool.put_heads))
    monkeypatch.setattr(at.file, "write", dying.blocking(whole))
    with pytest.raises(Killed):
        await at.next_day()
        await at.quiet()
        raise AssertionError("there are fewer steps than that")
    monkeypatch.setattr(at.file, "write", whole)
    at.restarted()
    assert await opened(at.spool, seqs, at.keys.storage) == EVERY_KIND * 2
    await at.rolling.begin()
    await at.rolling.look()
    await at.quiet()
    assert len(at.file.keys.storage) == 1
    assert await opened(at.spool, seqs, at.keys.storage) == EVERY_KIND * 2


async def test_a_key_of_before_there_were_days_ends_with_the_day_and_goes_after_the_road(
    autojump_clock: MockClock,
) -> None:
    old = unlock_exit(lock_exit(make_exit_keys(), NO_PASSPHRASE), NO_PASSPHRASE.secret)
    at = Exit(keys=old)
    (forever,) = ids(old)
    await at.rolling.begin()
    assert {forever} < ids(at.file.keys)
    await at.next_day(1 + ROAD_S // DAY_S)
    assert forever not in ids(at.file.keys)
