"""Segments that come in any order, twice, late, or not at all: one message, and nothing lost."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from relay.exit.found import MORE, Finding
from relay.exit.join import DESTROYED, DROPPED, MISSING, RECAST, Joining
from relay.exit.read import read
from relay.exit.record import Record, restore, store
from relay.exit.review import review
from relay.exit.unseal import SEGMENT, join_names
from relay.exit.waits import OVER, WAIT_S
from relay.model import (
    AFTER,
    HOUR,
    Change,
    Command,
    Kind,
    Message,
    NewRow,
    Queue,
    Reading,
    Row,
    Sent,
    State,
    Unreadable,
    hour_of,
)
from relay.rules.join import GAP, MOST_BYTES
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
NOW = hour_of(1_800_000_000)
TODAY, YESTERDAY, TOMORROW = b"t" * 16, b"y" * 16, b"m" * 16
PARTS = ("یک ", "دو ", "سه")
WHOLE = "".join(PARTS)
ASKED = "STATUS 12345678"
_ids = itertools.count(1)


class Reader:
    """Reads what a phone wrote; an empty text cannot be read."""

    async def read(self, content: bytes, kind: Kind) -> Reading:
        text = content.decode("utf-16-be" if kind == "ucs2" else "ascii")
        if text == ASKED:
            return Command("status", "12345678")
        return Message(text.strip()) if text.strip() else Unreadable("empty")


@dataclass
class Hands:
    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass
class Exit:
    """The reading side of an exit, whose loops a test turns."""

    clock: Hands = field(default_factory=Hands)
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        self.opens(MemorySpool(self.clock))

    def opens(self, spool: MemorySpool) -> None:
        self.spool = spool
        self.joining = Joining(spool, KEYS, self.clock)

    def starts_anew(self) -> None:
        self.opens(self.spool.reopened())

    async def comes(
        self,
        number: int,
        text: str | bytes | None = None,
        *,
        of: int = 3,
        keys: Sequence[bytes] = (TODAY, YESTERDAY),
        channel: str = "news",
        note: bytes = b"",
        **more: object,
    ) -> bytes:
        """A segment, as it lies there once its envelope was opened; its id."""
        content = PARTS[number - 1] if text is None else text
        octets = content.encode("utf-16-be") if isinstance(content, str) else content
        fields = {"segment": number, "segments": of, "join_keys": tuple(keys), **more}
        secret = next(_ids).to_bytes(32, "big")
        record = Record(secret, "ucs2", "phone", channel, content=octets, **fields)  # type: ignore[arg-type]
        id = secret[16:]
        body = store(record, KEYS.storage, id)
        names = tuple(join_names(record, KEYS.desk_secret))
        row = NewRow(
            Queue.READ,
            State.WAITING,
            id,
            hour_of(self.clock.at),
            0,
            channel,
            SEGMENT,
            note,
            body=body,
            names=names,
        )
        await self.spool.put([row])
        return id

    async def turn(self, most: int = 16) -> bool:
        """One batch of the loop over what is to be read; False: nothing was due."""
        rows = await self.spool.take(Queue.READ, now=self.clock.at, limit=most)
        async with trio.open_nursery() as nursery:
            for row in rows:
                nursery.start_soon(self.step, row)
        return bool(rows)

    async def step(self, row: Row) -> None:
        if row.why == SEGMENT:
            await self.joining.join(row)
        else:
            await self.spool.settle(row, await read(row, Reader(), KEYS))

    async def runs(self) -> None:
        """Until nothing is due, reviews included."""
        while await self.turn() or await self.reviews():
            pass

    async def reviews(self) -> bool:
        rows = await self.spool.take(Queue.REVIEW, now=self.clock.at, limit=16)
        for row in rows:
            change = review(row, KEYS, {"news": self.policy}, self.clock.at, lambda low, _: low)
            await self.spool.settle(row, change)
        return bool(rows)

    async def time_is_over(self) -> None:
        """The process after this one finds what waited, and its time at rest is over."""
        self.starts_anew()
        await self.time_is_over_here()

    async def time_is_over_here(self) -> None:
        self.clock.at += 2 * HOUR
        await self.runs()

    async def messages(self) -> list[tuple[Row, Record]]:
        """What was read, in order of arrival."""
        rows = [row for row in await self.spool.look() if row.seq == row.root]
        made = [(row, await self.spool.body(row.seq)) for row in rows]
        opened = [(row, restore(body, KEYS.storage, row.id)) for row, body in made if body]
        return [(row, record) for row, record in opened if record.message is not None]

    async def texts(self) -> list[str]:
        return [record.message.text for _, record in await self.messages() if record.message]

    async def states(self) -> dict[str, int]:
        return (await self.spool.counts()).states


# ---------------------------------------------------------------- all there


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])), ids=str)
@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
async def test_in_any_order_they_make_one_message(order: Sequence[int], together: bool) -> None:
    exit = Exit()
    for number in order:
        await exit.comes(number)
        if not together:
            await exit.runs()
    await exit.runs()
    assert await exit.texts() == [WHOLE]
    assert await exit.states() == {"held": 1, "joined": 2}
    joined = [row for row in await exit.spool.look() if row.state == State.JOINED]
    assert [await exit.spool.body(row.seq) for row in joined] == [b"", b""]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_order_with_doubles_and_any_batches_and_restarts_makes_one_message(
    data: st.DataObject,
) -> None:
    coming = data.draw(st.permutations([1, 2, 3, 4, *data.draw(st.lists(st.integers(1, 4)))]))

    async def main() -> None:
        exit = Exit()
        for number in coming:
            await exit.comes(number, f"{number} ", of=4)
            match data.draw(st.sampled_from(["goes on", "turns", "starts anew", "later"])):
                case "turns":
                    await exit.turn(data.draw(st.integers(1, 4)))
                case "starts anew":
                    exit.starts_anew()
                case "later":
                    exit.clock.at += 60
        await exit.runs()
        assert await exit.texts() == ["1 2 3 4"]
        counts = await exit.spool.counts()
        assert counts.states == {"held": 1, "joined": len(coming) - 1}
        assert await exit.spool.self_check() == []

    trio.run(main)


async def test_the_message_is_that_of_the_lowest_number_and_has_what_all_of_them_had() -> None:
    exit = Exit()
    await exit.comes(3, flags=("sms",))
    await exit.comes(2, author_tags=(b"a" * 16, b"b" * 16), code="12345678")
    id = await exit.comes(1, author_tags=(b"b" * 16, b"c" * 16))
    await exit.runs()
    [(row, record)] = await exit.messages()
    assert row.id == id
    assert (record.flags, record.code) == (("sms",), "12345678")
    assert record.author_tags == (b"b" * 16, b"c" * 16, b"a" * 16)


async def test_who_asks_in_segments_is_answered_by_the_newest_whose_key_lives_longest() -> None:
    exit = Exit()
    await exit.comes(2, "12345678", of=2, return_token=b"2" * 578, answer_key=b"2" * 32)
    await exit.comes(1, "STATUS ", of=2, return_token=b"1" * 578, answer_key=b"1" * 32)
    await exit.runs()
    [row] = await exit.spool.take(Queue.COMMAND, now=exit.clock.at, limit=2)
    record = restore(row.body, KEYS.storage, row.id)
    assert (record.return_token, record.answer_key) == (b"1" * 578, b"1" * 32)


async def test_across_midnight_they_are_known_by_the_key_of_the_day_before() -> None:
    exit = Exit(Hands(NOW - NOW % 86400 + 86400 - 60))
    await exit.comes(1, keys=(TODAY, YESTERDAY))
    await exit.runs()
    exit.clock.at += 120
    await exit.comes(3, keys=(TOMORROW, TODAY))
    await exit.runs()
    await exit.comes(2, keys=(TOMORROW, TODAY))
    await exit.runs()
    assert await exit.texts() == [WHOLE]


async def test_what_has_no_key_in_common_or_another_channel_is_another_message() -> None:
    exit = Exit()
    await exit.comes(1)
    await exit.comes(2, keys=(TOMORROW,))
    await exit.comes(3, channel="family")
    await exit.runs()
    assert await exit.states() == {"waiting": 3}
    assert await exit.texts() == []


async def test_what_comes_more_than_a_day_later_is_another_message() -> None:
    exit = Exit()
    await exit.comes(1, of=2)
    await exit.runs()
    exit.clock.at += 26 * HOUR
    await exit.comes(2, of=2)
    await exit.runs()
    assert await exit.texts() == [f"یک {GAP}".strip()]
    assert await exit.states() == {"held": 1, "waiting": 1}


async def test_an_sms_that_came_whole_waits_for_nobody() -> None:
    record = Record(bytes(32), "ucs2", "phone", "news", segment=1, segments=1, join_keys=(TODAY,))
    assert list(join_names(record, KEYS.desk_secret)) == []


async def test_what_is_longer_than_any_segment_is_none() -> None:
    """255 of such would make a message that nobody can keep, and end the process that tries."""
    record = Record(bytes(32), "ucs2", "phone", "news", segment=1, segments=255, join_keys=(TODAY,))
    longest = replace(record, content=bytes(MOST_BYTES))
    assert len(list(join_names(longest, KEYS.desk_secret))) == 1
    assert list(join_names(replace(record, content=bytes(MOST_BYTES + 1)), KEYS.desk_secret)) == []


async def test_the_longest_message_of_the_longest_segments_is_made() -> None:
    exit = Exit()
    for number in range(255, 0, -1):
        await exit.comes(number, "x" * (MOST_BYTES // 2), of=255)
    await exit.runs()
    assert await exit.states() == {"held": 1, "joined": 254}
    [text] = await exit.texts()
    assert len(text) == 255 * MOST_BYTES // 2


async def test_what_cannot_be_read_as_a_whole_is_set_aside_whole() -> None:
    exit = Exit()
    for number in (1, 2, 3):
        await exit.comes(number, " ")
    await exit.runs()
    assert await exit.states() == {"quarantined": 1, "joined": 2}
    [row] = [row for row in await exit.spool.look() if row.state == State.QUARANTINED]
    record = restore(await exit.spool.body(row.seq), KEYS.storage, row.id)
    assert record.content.decode("utf-16-be") == "   "


# ---------------------------------------------------------------- doubles, and others' numbers


async def test_of_two_that_differ_under_one_number_the_first_counts_and_none_is_lost() -> None:
    exit = Exit()
    await exit.comes(1)
    await exit.comes(2)
    await exit.comes(2, "not the second ")
    await exit.comes(3)
    await exit.runs()
    assert await exit.texts() == [WHOLE]
    await exit.time_is_over()
    assert await exit.texts() == [WHOLE, f"{GAP}not the second {GAP}".strip()]
    assert await exit.states() == {"held": 2, "joined": 2}


async def test_a_double_of_what_was_joined_is_joined() -> None:
    exit = Exit()
    for number in (1, 2, 3):
        await exit.comes(number)
    await exit.runs()
    await exit.comes(2)
    await exit.runs()
    assert await exit.texts() == [WHOLE]
    assert await exit.states() == {"held": 1, "joined": 3}


async def test_a_reference_that_comes_round_again_begins_another_message() -> None:
    exit = Exit()
    for number in (1, 2, 3):
        await exit.comes(number)
    await exit.runs()
    for number in (2, 1, 3):
        await exit.comes(number, f"{number} ")
        await exit.runs()
    assert sorted(await exit.texts()) == sorted([WHOLE, "1 2 3"])
    assert await exit.states() == {"held": 2, "joined": 4}


async def test_thousands_under_one_reference_are_not_each_compared_with_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exit = Exit()
    for n in range(200):
        await exit.comes(1, f"{n} ", of=2)
    await exit.runs()
    looked = 0

    async def body(spool: MemorySpool, seq: int) -> bytes:
        nonlocal looked
        looked += 1
        return await MemorySpool._read(spool, lambda store: store.body(seq))

    monkeypatch.setattr(MemorySpool, "body", body)
    await exit.comes(1, "one more ", of=2)
    await exit.turn()
    assert looked <= 2 * 2 + MORE
    assert await exit.states() == {"waiting": 201}


# ---------------------------------------------------------------- not all there


async def run_timers(exit: Exit, nursery: trio.Nursery) -> None:
    nursery.start_soon(exit.joining.run)
    await trio.testing.wait_all_tasks_blocked()


async def test_after_half_an_hour_what_is_there_goes_on_with_its_gap(
    autojump_clock: MockClock,
) -> None:
    exit = Exit()
    async with trio.open_nursery() as nursery:
        await run_timers(exit, nursery)
        await exit.comes(3)
        await exit.runs()
        await trio.sleep(600)
        await exit.comes(1)
        await exit.runs()
        await trio.sleep(WAIT_S - 600 - 1)
        await exit.runs()
        assert await exit.texts() == []
        await trio.sleep(2)
        await exit.runs()
        nursery.cancel_scope.cancel()
    assert await exit.texts() == [f"یک {GAP}سه"]
    [(_, record)] = await exit.messages()
    assert MISSING in record.flags
    assert await exit.states() == {"held": 1, "joined": 1}


async def test_one_that_comes_in_time_lets_the_others_wait_no_longer(
    autojump_clock: MockClock,
) -> None:
    exit = Exit()
    async with trio.open_nursery() as nursery:
        await run_timers(exit, nursery)
        for number in (3, 1, 2):
            await exit.comes(number)
            await exit.runs()
            await trio.sleep(500)
        await trio.sleep(2 * WAIT_S)
        await exit.runs()
        nursery.cancel_scope.cancel()
    assert await exit.texts() == [WHOLE]
    assert await exit.states() == {"held": 1, "joined": 2}


async def test_at_rest_a_segment_tells_no_more_than_the_hour_it_came_in() -> None:
    dues = set()
    for minute in (0, 17, 59):
        exit = Exit(Hands(NOW + minute * 60))
        await exit.comes(1)
        await exit.runs()
        [row] = await exit.spool.look()
        dues.add((row.hour, row.due))
    assert dues == {(NOW, NOW + HOUR + WAIT_S)}


async def test_a_process_that_is_started_anew_gives_them_half_an_hour_from_then_on(
    autojump_clock: MockClock,
) -> None:
    exit = Exit()
    await exit.comes(1)
    await exit.runs()
    exit.starts_anew()
    async with trio.open_nursery() as nursery:
        await run_timers(exit, nursery)
        await trio.sleep(WAIT_S + 1)
        await exit.runs()
        nursery.cancel_scope.cancel()
    assert await exit.texts() == [f"یک {GAP}".strip()]


async def test_after_a_long_stop_no_segment_waits_past_its_time_at_rest() -> None:
    exit = Exit()
    await exit.comes(2)
    await exit.comes(1)
    await exit.runs()
    await exit.time_is_over()
    assert await exit.texts() == [f"یک دو {GAP}".strip()]


async def test_segments_that_lay_unopened_for_weeks_are_joined_like_others() -> None:
    """While exit.key was locked: their hour is long over, but not their wait for each other."""
    exit = Exit()
    for number in (2, 3, 1):
        await exit.comes(number)
    exit.clock.at += 21 * 86400
    for _ in range(3):
        await exit.turn(1)
    await exit.runs()
    assert await exit.texts() == [WHOLE]


async def test_while_somebody_has_one_in_hand_the_timer_waits_a_moment(
    autojump_clock: MockClock,
) -> None:
    exit = Exit()
    async with trio.open_nursery() as nursery:
        await run_timers(exit, nursery)
        await exit.comes(1)
        await exit.runs()
        [row] = await exit.spool.take(Queue.READ, now=exit.clock.at + 9 * HOUR, limit=1)
        await trio.sleep(WAIT_S + 5)
        exit.spool.release(row)
        await trio.sleep(2)
        [row] = await exit.spool.look()
        assert row.due == OVER
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------- too late


async def with_a_gap(exit: Exit, *numbers: int) -> tuple[Row, Record]:
    for number in numbers:
        await exit.comes(number)
    await exit.runs()
    await exit.time_is_over()
    [made] = await exit.messages()
    return made


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_a_late_one_makes_what_is_not_public_yet_anew(lost: int) -> None:
    exit = Exit()
    row, _ = await with_a_gap(exit, *({1, 2, 3} - {lost}))
    await exit.comes(lost)
    await exit.runs()
    assert await exit.texts() == [WHOLE]
    [(again, record)] = await exit.messages()
    assert (again.seq, again.state) == (row.seq, State.HELD)
    assert MISSING not in record.flags
    assert await exit.states() == {"held": 1, "joined": 2}


async def test_of_several_late_ones_each_fills_its_own_gap() -> None:
    exit = Exit()
    await with_a_gap(exit, 2)
    await exit.comes(3)
    await exit.comes(1)
    await exit.runs()
    assert await exit.texts() == [WHOLE]
    assert await exit.states() == {"held": 1, "joined": 2}


async def test_what_a_person_released_without_having_seen_it_is_held_again() -> None:
    exit = Exit()
    row, _ = await with_a_gap(exit, 1, 3)
    assert await exit.spool.change(row, Change(Queue.DELIVER, State.WAITING, due=exit.clock.at))
    await exit.comes(2)
    await exit.runs()
    [(row, _)] = await exit.messages()
    assert (row.queue, row.state, await exit.texts()) == (Queue.REVIEW, State.HELD, [WHOLE])


async def test_where_nobody_reviews_it_goes_on_by_itself() -> None:
    exit = Exit(policy=Policy(review="none"))
    await with_a_gap(exit, 1, 3)
    await exit.comes(2)
    await exit.runs()
    [(row, _)] = await exit.messages()
    assert (row.queue, row.state, await exit.texts()) == (Queue.DELIVER, State.WAITING, [WHOLE])


async def test_what_a_person_held_stays_held_also_where_nobody_reviews() -> None:
    exit = Exit(policy=Policy(review="none"))
    row, _ = await with_a_gap(exit, 1, 3)
    held = Change(Queue.REVIEW, State.HELD, due=None, why="held by the operator")
    assert await exit.spool.change(row, held)
    await exit.comes(2)
    await exit.runs()
    [(row, _)] = await exit.messages()
    assert (row.state, row.why, await exit.texts()) == (State.HELD, RECAST, [WHOLE])


async def test_a_message_that_a_step_has_in_hand_is_waited_for() -> None:
    exit = Exit(policy=Policy(review="none"))
    await with_a_gap(exit, 1, 3)
    await exit.comes(2)
    [reviewed] = await exit.spool.take(Queue.DELIVER, now=exit.clock.at + HOUR, limit=1)

    async def gives_back() -> None:
        await trio.sleep(0.01)
        exit.spool.release(reviewed)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(gives_back)
        await exit.runs()
    assert await exit.texts() == [WHOLE]


async def assigned(exit: Exit, row: Row, sent: str = Sent.POSTED) -> None:
    """It goes out to one place, and has ended there."""
    [row] = [one for one in await exit.spool.look() if one.seq == row.seq]
    released = Change(Queue.DELIVER, State.WAITING, due=exit.clock.at)
    assert await exit.spool.change(row, released)
    [row] = await exit.spool.take(Queue.DELIVER, now=exit.clock.at, limit=1)
    to = NewRow(Queue.POST, Sent.WAITING, row.id, row.hour, name="box")
    await exit.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=[to])
    [row] = await exit.spool.take(Queue.POST, now=exit.clock.at, limit=1)
    await exit.spool.settle(row, Change(Queue.ENDED, sent, due=None))


async def test_what_is_public_keeps_its_row_and_the_late_one_carries_the_whole_text() -> None:
    exit = Exit()
    first, record = await with_a_gap(exit, 1, 3)
    await assigned(exit, first)
    await exit.comes(2)
    await exit.runs()
    (_, old), (row, new) = await exit.messages()
    assert old == record
    assert new.message is not None and new.message.text == WHOLE
    assert new.corrects is not None
    assert (new.corrects.id, new.corrects.secret) == (first.id, record.secret)
    assert (new.revision, new.secret != record.secret) == (2, True)
    assert (row.queue, row.state, row.name) == (Queue.REVIEW, State.HELD, "news")
    assert await exit.states() == {"posted": 1, "held": 1, "joined": 1}


async def test_a_second_late_one_makes_the_correction_anew_while_it_is_not_public() -> None:
    exit = Exit()
    first, _ = await with_a_gap(exit, 2)
    await assigned(exit, first)
    for number in (3, 1):
        await exit.comes(number)
        await exit.runs()
    assert await exit.texts() == [f"{GAP}دو {GAP}".strip(), WHOLE]
    assert await exit.states() == {"posted": 1, "held": 1, "joined": 1}


async def test_a_second_late_one_corrects_the_first_message_again_once_its_correction_is_out() -> (
    None
):
    exit = Exit()
    first, _ = await with_a_gap(exit, 2)
    await assigned(exit, first)
    await exit.comes(3)
    await exit.runs()
    await assigned(exit, (await exit.messages())[-1][0])
    await exit.comes(1)
    await exit.runs()
    _, record = (await exit.messages())[-1]
    assert record.message is not None and record.message.text == WHOLE
    assert record.corrects is not None and record.corrects.id == first.id
    assert record.revision == 3


async def test_a_late_part_of_what_was_withdrawn_is_not_published() -> None:
    exit = Exit(policy=Policy(review="none"))
    row, _ = await with_a_gap(exit, 1, 3)
    gone = Change(Queue.ENDED, State.WITHDRAWN, due=None, body=b"")
    assert await exit.spool.change(row, gone)
    await exit.comes(2)
    await exit.runs()
    await exit.time_is_over()
    [(row, _)] = await exit.messages()
    assert (row.state, row.why) == (State.HELD, DESTROYED)


async def test_where_a_withdrawn_text_is_still_kept_its_late_part_ends_with_it() -> None:
    exit = Exit(policy=Policy(review="none"))
    row, _ = await with_a_gap(exit, 1, 3)
    assert await exit.spool.change(row, Change(Queue.ENDED, State.WITHDRAWN, due=None))
    await exit.comes(2)
    await exit.runs()
    assert await exit.states() == {"withdrawn": 1, "joined": 2}


async def test_what_an_editor_dropped_with_a_gap_is_shown_again_when_it_is_whole() -> None:
    exit = Exit()
    row, _ = await with_a_gap(exit, 1, 3)
    assert await exit.spool.change(row, Change(Queue.ENDED, State.DROPPED, due=None))
    await exit.comes(2)
    await exit.runs()
    assert (await exit.texts())[-1] == WHOLE
    assert await exit.states() == {"dropped": 1, "held": 1, "joined": 1}


async def test_where_nobody_reviews_the_whole_of_what_was_dropped_is_shown_first() -> None:
    exit = Exit(policy=Policy(review="none"))
    row, _ = await with_a_gap(exit, 1, 3)
    assert await exit.spool.change(row, Change(Queue.ENDED, State.DROPPED, due=None))
    await exit.comes(2)
    await exit.runs()
    [_, (row, record)] = await exit.messages()
    assert (row.state, row.why, record.held) == (State.HELD, DROPPED, DROPPED)


@pytest.mark.parametrize("public", [False, True], ids=["not public yet", "public"])
async def test_what_any_part_came_with_the_whole_has_as_well(public: bool) -> None:
    """A flag for which a person must see it, an author's tag of another day."""
    exit = Exit()
    first, second = (b"a" * 16, b"b" * 16), (b"b" * 16, b"c" * 16)
    await exit.comes(1, flags=("flood",), author_tags=first)
    await exit.comes(3, flags=("sms",), author_tags=first)
    await exit.runs()
    await exit.time_is_over()
    if public:
        await assigned(exit, (await exit.messages())[0][0])
    await exit.comes(2, flags=("national-alphabet",), author_tags=second)
    await exit.runs()
    _, record = (await exit.messages())[-1]
    assert set(record.flags) == {"flood", "sms", "national-alphabet"}
    assert record.message is not None
    assert set(record.flags) <= set(record.message.flags)
    assert record.author_tags == (b"a" * 16, b"b" * 16, b"c" * 16)


async def test_a_command_whose_last_part_was_late_is_answered_by_that_one() -> None:
    exit = Exit()
    await exit.comes(1, "STATUS ", of=2, return_token=b"1" * 578, answer_key=b"1" * 32)
    await exit.runs()
    await exit.time_is_over()
    await exit.comes(2, "12345678", of=2, return_token=b"2" * 578, answer_key=b"2" * 32)
    await exit.runs()
    [row] = await exit.spool.take(Queue.COMMAND, now=exit.clock.at, limit=2)
    assert restore(row.body, KEYS.storage, row.id).return_token == b"2" * 578


async def test_what_is_taken_back_at_that_moment_gets_no_correction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the look at what was made and the commit its sender has taken it back."""
    exit = Exit(policy=Policy(review="none"))
    first, _ = await with_a_gap(exit, 1, 3)
    await assigned(exit, first)
    find = Finding.others

    async def finds(finding: Finding, row: Row, record: Record) -> object:
        found = await find(finding, row, record)
        [now] = [one for one in await exit.spool.look() if one.seq == first.seq]
        gone = Change(Queue.ENDED, State.WITHDRAWN, due=now.due, body=b"")
        if now.state != State.WITHDRAWN:
            assert await exit.spool.change(now, gone)
        return found

    monkeypatch.setattr(Finding, "others", finds)
    await exit.comes(2)
    await exit.runs()
    assert await exit.states() == {"withdrawn": 1, "joined": 1, "waiting": 1}
    await exit.time_is_over()
    [(row, _)] = await exit.messages()
    assert (row.state, row.why) == (State.HELD, DESTROYED)


async def test_a_message_that_could_not_be_read_with_its_gap_is_tried_again_whole() -> None:
    exit = Exit()
    row, _ = await with_a_gap(exit, 1, 3)
    aside = Change(Queue.ENDED, State.QUARANTINED, due=None, why="not understood")
    assert await exit.spool.change(row, aside)
    await exit.comes(2)
    await exit.runs()
    assert await exit.texts() == [WHOLE]
    assert await exit.states() == {"held": 1, "joined": 2}


# ---------------------------------------------------------------- what many cost


async def opens(exit: Exit, segments: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many bodies are opened while so many segments of one long SMS come one by one."""
    opened = 0

    async def body(spool: MemorySpool, seq: int) -> bytes:
        nonlocal opened
        opened += 1
        return await MemorySpool._read(spool, lambda store: store.body(seq))

    monkeypatch.setattr(MemorySpool, "body", body)
    for number in range(1, segments + 1):
        await exit.comes(number, f"{number} ", of=60)
        await exit.runs()
    return opened


async def test_each_segment_is_opened_once_however_many_come_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exit = Exit()
    assert await opens(exit, 59, monkeypatch) < 59
    assert await exit.states() == {"waiting": 59}


async def test_what_is_remembered_is_bounded_and_what_is_not_is_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relay.exit.found.MOST_REMEMBERED", 5)
    exit = Exit()
    assert await opens(exit, 60, monkeypatch) > 60 * 20
    assert await exit.states() == {"held": 1, "joined": 59}
    assert len(exit.joining._finding._remembered) <= 5
    assert await exit.texts() == [" ".join(map(str, range(1, 61)))]


async def test_those_that_came_within_a_minute_have_one_timer_and_none_goes_too_early(
    autojump_clock: MockClock,
) -> None:
    exit = Exit()
    async with trio.open_nursery() as nursery:
        await run_timers(exit, nursery)
        for n in range(40):
            await exit.comes(1, f"{n} ", of=2, keys=(bytes([n]) * 16,))
            await exit.runs()
            await trio.sleep(3)
        assert len(exit.joining._waits._minutes) <= 3
        await trio.sleep(WAIT_S - 120)
        await exit.runs()
        assert await exit.texts() == []
        await trio.sleep(120)
        await exit.runs()
        nursery.cancel_scope.cancel()
    assert len(await exit.texts()) == 40
    assert len(exit.joining._waits._minutes) == 0


# ---------------------------------------------------------------- another exit


@pytest.mark.parametrize("which", [1, 2, 3])
async def test_what_is_made_of_parts_may_be_public_if_one_of_them_came_to_another_exit_before(
    which: int,
) -> None:
    exit = Exit()
    for number in (1, 2, 3):
        await exit.comes(number, note=AFTER if number == which else b"")
    await exit.turn()
    [message] = [one for one in await exit.spool.look(queue=Queue.READ) if one.why != SEGMENT]
    assert message.note == AFTER


async def test_a_part_too_late_that_another_exit_has_may_have_been_put_right_there() -> None:
    exit = Exit(policy=Policy(review="none", delay=(0, 0)))
    await exit.comes(1)
    await exit.comes(3)
    await exit.turn()
    exit.clock.at += WAIT_S + HOUR
    await exit.runs()
    rows = await exit.spool.take(Queue.DELIVER, now=exit.clock.at + HOUR, limit=1)
    for row in rows:
        posted = NewRow(Queue.ENDED, Sent.POSTED, row.id, row.hour, due=None, name="page")
        await exit.spool.settle(row, Change(Queue.ASSIGNED, State.POSTED, due=None), then=[posted])
    late = await exit.comes(2, note=AFTER)
    await exit.turn()
    [row] = [one for one in await exit.spool.look(queue=Queue.READ) if one.id == late]
    assert rows and row.note == AFTER
