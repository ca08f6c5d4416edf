"""Posting once: every ending of a send, every way of doubt, and nothing repeated blindly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.errors import Damaged, SpoolFull
from relay.exit.account import Account
from relay.exit.post import SOON_TRIES, Posting
from relay.exit.preparing import PREPARE_TRIES
from relay.exit.progress import thaw
from relay.exit.record import Record, store
from relay.exit.rest import USED_UP, Rest
from relay.model import (
    FIRST,
    Absent,
    Attempt,
    Change,
    Found,
    Health,
    Later,
    Lookup,
    Message,
    NewRow,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    State,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import Keep
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
ID = bytes(range(16))
START = 1_800_000_000


@dataclass
class Hands:
    """A clock that a test moves."""

    at: int = START

    def now(self) -> int:
        return self.at


@dataclass
class Scripted:
    """A bridge that does what it is told, and remembers every attempt and look-up."""

    outcomes: list[object]
    once: Once = field(default_factory=lambda: Once("exact"))
    at_once: int = 1
    parts: int = 1
    lookups: list[object] = field(default_factory=list)
    sent: list[Attempt] = field(default_factory=list)
    looked: list[Attempt] = field(default_factory=list)
    prepared: int = 0
    broken: int = 0
    keeps: bytes = b""
    payload: bytes | None = None

    async def prepare(self, post: Post) -> Sequence[Part]:
        self.prepared += 1
        if self.prepared <= self.broken:
            raise RuntimeError("a plug-in's fault")
        return [
            Part(f"key{n}", n, self.parts, self.payload or post.text.encode() + b"%d" % n)
            for n in range(self.parts)
        ]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self.sent.append(attempt)
        if self.keeps:
            await keep(self.keeps)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        if outcome == "hang":
            await trio.sleep_forever()
        return outcome  # type: ignore[return-value]

    async def find(self, attempt: Attempt) -> Lookup:
        self.looked.append(attempt)
        found = self.lookups.pop(0)
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[return-value]

    async def check(self) -> Health:
        return Health("account")


class Desk:
    """One delivery of one message in a memory spool, and a way to take its turns."""

    def __init__(self, bridge: Scripted, on_unsure: str = "hold", signed: bool = False) -> None:
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)
        self.bridge = bridge
        self.late = 0
        account = Account("box", "account", signed, on_unsure, 60)  # type: ignore[arg-type]
        self.posting = Posting(self.spool, bridge, account, KEYS, self.clock, self._was_late)

    def _was_late(self) -> None:
        self.late += 1

    async def open(self) -> Desk:
        record = Record(bytes(32), "text", "phone", "news", message=Message("hello", "Title"))
        body = store(record, KEYS.storage, ID)
        new = NewRow(Queue.DELIVER, State.WAITING, ID, START, name="news", body=body)
        await self.spool.put([new])
        [row] = await self.spool.take(Queue.DELIVER, now=START, limit=1)
        delivery = NewRow(Queue.POST, Sent.WAITING, ID, START, name="box")
        change = Change(Queue.ASSIGNED, State.WAITING, due=None)
        await self.spool.settle(row, change, then=[delivery])
        return self

    async def turn(self) -> Outcome | Rest | None:
        rows = await self.spool.take(Queue.POST, now=self.clock.at, limit=1, name="box")
        return await self.posting.turn(rows[0]) if rows else None

    async def delivery(self) -> Row:
        for queue in (Queue.POST, Queue.ENDED):
            for row in await self.spool.look(queue=queue):
                if row.seq != row.root:
                    return row
        raise AssertionError("it is gone")

    async def state(self) -> tuple[str, str]:
        """The delivery's state, and its message's in the sum."""
        counts = await self.spool.counts()
        [whole] = [state for state, n in counts.states.items() if n]
        return str((await self.delivery()).state), whole


async def desk(*outcomes: object, **more: object) -> Desk:
    on_unsure = str(more.pop("on_unsure", "hold"))
    return await Desk(Scripted(list(outcomes), **more), on_unsure).open()  # type: ignore[arg-type]


async def test_a_post_is_prepared_sent_and_posted() -> None:
    it = await desk(Posted("7", "https://x/7"))
    await it.turn()
    assert await it.state() == ("posted", "posted")
    assert [(a.n, a.part.payload, a.after) for a in it.bridge.sent] == [(1, b"hello0", None)]
    row = await it.delivery()
    assert thaw(row, KEYS.storage).refs == ("7",)
    assert await it.spool.body(row.seq) == b""


async def test_a_thread_goes_part_by_part_each_after_the_one_before() -> None:
    it = await desk(Posted("a"), Posted("b"), Posted("c"), parts=3)
    await it.turn()
    assert [(a.part.index, a.n, a.after) for a in it.bridge.sent] == [
        (0, 1, None),
        (1, 1, "a"),
        (2, 1, "b"),
    ]
    assert it.bridge.prepared == 1


async def test_a_thread_goes_on_at_the_part_that_failed() -> None:
    it = await desk(Posted("a"), Later("busy"), Posted("b"), parts=2)
    await it.turn()
    assert (await it.state())[0] == "waiting"
    it.clock.at += 60
    await it.turn()
    assert [(a.part.index, a.n, a.after) for a in it.bridge.sent] == [
        (0, 1, None),
        (1, 1, "a"),
        (1, 2, "a"),
    ]
    assert await it.state() == ("posted", "posted")


async def test_a_refusal_in_the_middle_is_marked_with_its_part() -> None:
    it = await desk(Posted("a"), Refused("too rude"), parts=2)
    await it.turn()
    assert (await it.delivery()).why == "part 2 of 2: too rude"
    assert await it.state() == ("refused", "refused")


async def test_later_waits_as_long_as_the_platform_says() -> None:
    it = await desk(Later("rate", START + 500), Posted("1"))
    await it.turn()
    assert (await it.delivery()).due == START + 500
    it.clock.at += 499
    assert await it.turn() is None
    it.clock.at += 1
    assert await it.turn() == Posted("1")


async def test_stopped_waits_for_the_operator() -> None:
    it = await desk(Stopped("token revoked", "log in again"))
    await it.turn()
    assert await it.state() == ("stopped", "waiting")
    assert (await it.delivery()).due is None


async def test_an_exact_bridge_is_asked_again_at_once_with_the_same_bytes() -> None:
    it = await desk(Unsure("cut"), Posted("1"))
    await it.turn()
    assert (await it.state())[0] == "unsure"
    await it.turn()
    assert [(a.n, a.part) for a in it.bridge.sent] == [
        (1, it.bridge.sent[0].part),
        (2, it.bridge.sent[0].part),
    ]
    assert it.bridge.prepared == 1
    assert await it.state() == ("posted", "posted")


async def test_the_third_sending_of_the_same_bytes_waits() -> None:
    it = await desk(Unsure("cut"), Unsure("cut"), Posted("1"))
    await it.turn()
    await it.turn()
    await it.turn()
    assert len(it.bridge.sent) == 2
    it.clock.at += 1
    await it.turn()
    assert (await it.state())[0] == "posted"


@pytest.mark.parametrize(
    "ending", [RuntimeError("x"), "hang", "no outcome", None, OSError("x"), ValueError("x")]
)
async def test_whatever_goes_wrong_in_a_send_is_unsure(
    ending: object, autojump_clock: MockClock
) -> None:
    it = await desk(ending, once=Once("none"))
    assert isinstance(await it.turn(), Unsure)
    await it.turn()
    assert await it.state() == ("held", "held")
    assert len(it.bridge.sent) == 1


async def test_where_nobody_can_tell_doubt_is_held() -> None:
    it = await desk(Unsure("cut"), once=Once("none"))
    await it.turn()
    await it.turn()
    it.clock.at += 10**6
    assert await it.turn() is None
    assert await it.state() == ("held", "held")


async def test_the_operator_may_choose_one_resend() -> None:
    it = await desk(Unsure("cut"), Unsure("cut"), once=Once("none"), on_unsure="resend_once")
    for _ in range(4):
        await it.turn()
    assert len(it.bridge.sent) == 2
    assert await it.state() == ("held", "held")


async def looked_up(*lookups: object, turns: int = 6, resent: Outcome | None = None) -> Desk:
    it = await desk(Unsure("cut"), resent, once=Once("lookup"), lookups=list(lookups))
    for _ in range(turns):
        await it.turn()
        it.clock.at += 601
    return it


async def test_what_is_found_is_posted_without_a_second_send() -> None:
    it = await looked_up(Found("9", "https://x/9"))
    assert (len(it.bridge.sent), len(it.bridge.looked)) == (1, 1)
    assert await it.state() == ("posted", "posted")


async def test_the_first_look_is_not_made_before_thirty_seconds() -> None:
    it = await desk(Unsure("cut"), once=Once("lookup"), lookups=[Found("9")])
    await it.turn()
    await it.turn()
    it.clock.at += 29
    await it.turn()
    assert it.bridge.looked == []
    it.clock.at += 1
    await it.turn()
    assert len(it.bridge.looked) == 1


async def test_two_strong_absents_give_one_resend() -> None:
    absent = Absent(strong=True)
    it = await looked_up(absent, absent, resent=Posted("2"))
    assert [a.n for a in it.bridge.sent] == [1, 2]
    assert await it.state() == ("posted", "posted")


async def test_a_resend_that_is_doubtful_too_is_held_when_it_is_not_found() -> None:
    absent = Absent(strong=True)
    it = await looked_up(absent, absent, absent, absent, turns=12, resent=Unsure("cut"))
    assert len(it.bridge.sent) == 2
    assert await it.state() == ("held", "held")


async def test_weak_answers_and_faults_never_lead_to_a_resend() -> None:
    answers = [Unknown(), Absent(strong=False), RuntimeError("x"), *([Unknown()] * 7)]
    it = await looked_up(*answers, turns=14)
    assert len(it.bridge.sent) == 1
    assert await it.state() == ("held", "held")


async def test_an_exact_key_that_is_over_is_looked_up() -> None:
    it = await desk(Unsure("cut"), once=Once("exact", 3600), lookups=[Found("9")])
    await it.turn()
    it.clock.at += 3600
    await it.turn()
    it.clock.at += 30
    await it.turn()
    assert (len(it.bridge.sent), len(it.bridge.looked)) == (1, 1)


@pytest.mark.parametrize("then", [Later("rate", START + 7200), Stopped("token", "renew it")])
async def test_a_doubt_outlives_the_answer_to_its_repeat(then: Outcome) -> None:
    it = await desk(Unsure("cut"), then, once=Once("exact", 3600), lookups=[Found("9")])
    await it.turn()
    await it.turn()  # the repeat may not have been the first to arrive
    it.clock.at += 7200
    if isinstance(then, Stopped):  # as when the account can post again
        row = await it.delivery()
        await it.spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))
    await it.turn()
    it.clock.at += 30
    await it.turn()
    assert (len(it.bridge.sent), len(it.bridge.looked)) == (2, 1)
    assert await it.state() == ("posted", "posted")


async def test_a_doubt_ends_with_two_strong_absents() -> None:
    absent = Absent(strong=True)
    later = Later("rate", START + 7200)
    it = await desk(
        Unsure("cut"), later, later, Posted("2"), once=Once("exact", 3600), lookups=[absent, absent]
    )
    for _ in range(8):
        await it.turn()
        it.clock.at += 7200 if len(it.bridge.sent) == 2 else 601
    assert (len(it.bridge.sent), len(it.bridge.looked)) == (4, 2)
    assert await it.state() == ("posted", "posted")


async def test_later_without_a_doubt_before_it_is_simply_sent_again() -> None:
    it = await desk(Later("rate", START + 7200), Posted("1"), once=Once("exact", 3600))
    await it.turn()
    it.clock.at += 7200
    await it.turn()
    assert (len(it.bridge.sent), len(it.bridge.looked)) == (2, 0)


async def test_what_a_bridge_keeps_is_given_to_its_next_attempt() -> None:
    it = await desk(Later("half"), Posted("1"), keeps=b"session 5")
    await it.turn()
    it.clock.at += 60
    await it.turn()
    assert [a.kept for a in it.bridge.sent] == [b"", b"session 5"]


async def test_a_bridge_keeps_at_most_4_kib() -> None:
    it = await desk(Posted("1"), keeps=b"x" * 4096)
    await it.turn()
    assert (await it.state())[0] == "posted"
    it = await desk(Posted("1"), keeps=b"x" * 4097, once=Once("none"))
    await it.turn()
    assert (await it.state())[0] == "unsure"


async def test_a_bridge_that_cannot_prepare_is_shown_to_a_person_in_the_end() -> None:
    it = await desk(Posted("1"), broken=PREPARE_TRIES - 1)
    for _ in range(PREPARE_TRIES):
        await it.turn()
        it.clock.at += 3600
    assert (await it.state())[0] == "posted"
    it = await desk(broken=99)
    for _ in range(PREPARE_TRIES + 2):
        await it.turn()
        it.clock.at += 3600
    assert await it.state() == ("held", "held")
    assert it.bridge.prepared == PREPARE_TRIES


async def test_a_report_about_an_attempt_that_is_not_the_current_one_changes_nothing() -> None:
    it = await desk(Posted("1"))

    async def meddle(attempt: Attempt, keep: Keep) -> Outcome:
        row = await it.delivery()
        it.spool.release(row)
        await it.spool.change(row, Change(Queue.POST, Sent.HELD, due=None, why="by hand"))
        return Posted("1")

    it.bridge.send = meddle  # type: ignore[method-assign]
    await it.turn()
    assert (await it.state())[0] == "held"
    assert it.late == 1


async def test_a_damaged_message_is_held_and_says_so() -> None:
    it = await desk(Posted("1"))
    [message] = await it.spool.look(queue=Queue.ASSIGNED)
    await it.spool.change(message, Change(Queue.ASSIGNED, State.WAITING, due=None, body=b"x"))
    await it.turn()
    assert (await it.delivery()).why == "its message is damaged"


async def test_the_page_gets_an_item_signed_by_the_core() -> None:
    it = Desk(Scripted([Posted("1")]), signed=True)
    seen: list[Post] = []

    async def prepare(post: Post) -> Sequence[Part]:
        seen.append(post)
        return [Part("k", 0, 1, post.item)]

    it.bridge.prepare = prepare  # type: ignore[method-assign]
    await (await it.open()).turn()
    from relay.wire.primitives import signed, signing_public

    [post] = seen
    prefixed = b"outword/1/item" + post.item
    assert signed(signing_public(KEYS.page), prefixed, post.signature)
    assert post.date == START - START % 3600


async def test_a_send_that_ends_while_it_keeps_something_is_settled_all_the_same(
    autojump_clock: MockClock,
) -> None:
    it = await desk(once=Once("none"))

    async def broken_off(attempt: Attempt, keep: Keep) -> Outcome:
        async with trio.open_nursery() as nursery:
            slow = it.spool.settle

            async def settle(*given: Any, **more: Any) -> Row | None:
                it.spool.settle = slow  # type: ignore[method-assign]
                started.set()
                await trio.sleep(1)
                return await slow(*given, **more)

            started = trio.Event()
            it.spool.settle = settle  # type: ignore[method-assign]
            keeping.start_soon(keep, b"session 5")
            await started.wait()
            nursery.cancel_scope.cancel()
        return Unsure("its outlet ended while sending")

    it.bridge.send = broken_off  # type: ignore[method-assign]
    async with trio.open_nursery() as keeping:
        await it.turn()
    assert it.late == 0
    assert (await it.delivery()).state == Sent.UNSURE
    await it.turn()
    assert await it.state() == ("held", "held")


async def test_nothing_is_kept_for_a_send_that_has_ended() -> None:
    it = await desk(Later("half"), Posted("1"))
    keeps: list[Keep] = []
    send = it.bridge.send

    async def remembered(attempt: Attempt, keep: Keep) -> Outcome:
        keeps.append(keep)
        return await send(attempt, keep)

    it.bridge.send = remembered  # type: ignore[method-assign]
    await it.turn()
    with pytest.raises(Damaged):
        await keeps[0](b"too late")
    it.clock.at += 7200
    await it.turn()
    assert it.bridge.sent[1].kept == b""
    assert await it.state() == ("posted", "posted")


async def test_what_was_sent_is_written_down_when_the_full_disk_has_room_again(
    autojump_clock: MockClock,
) -> None:
    it = await desk(Posted("1"))
    fulls = 3
    settle = it.spool.settle

    async def full(row: Row, to: Change, **more: Any) -> Row | None:
        nonlocal fulls
        if to.state == Sent.POSTED and fulls:
            fulls -= 1
            raise SpoolFull
        return await settle(row, to, **more)

    it.spool.settle = full  # type: ignore[method-assign]
    await it.turn()
    assert len(it.bridge.sent) == 1
    assert await it.state() == ("posted", "posted")


@pytest.mark.parametrize(
    ("means", "state"), [("exact", "posted"), ("lookup", "held"), ("none", "held")]
)
async def test_a_spool_that_was_set_back_posts_unprepared_what_can_be_posted_once(
    means: str, state: str
) -> None:
    it = await desk(Posted("1"), once=Once(means))  # type: ignore[arg-type]
    unsure = Change(Queue.POST, Sent.UNSURE, due=0)
    assert await it.spool.change(await it.delivery(), unsure)
    await it.turn()
    assert await it.state() == (state, state)
    assert "damaged" not in (await it.delivery()).why


async def test_what_is_in_doubt_goes_before_all_that_waits() -> None:
    """A backlog may take longer than a platform remembers its keys."""
    it = await desk(Unsure("cut"), Posted("1"))
    await it.turn()
    it.clock.at += 1
    waits = NewRow(Queue.POST, Sent.WAITING, bytes(16), START, START - 99, "box")
    await it.spool.put([waits])
    [first] = await it.spool.take(Queue.POST, now=it.clock.at, limit=1, name="box")
    assert first.state == Sent.UNSURE


# ---------------------------------------------------------------- the brake, put on meanwhile


async def test_what_is_paused_while_it_is_prepared_is_not_sent_and_not_prepared_again() -> None:
    it = await desk(Posted("7"))
    held = [True]

    async def holds(row: Row) -> bool:
        return held[0]

    account = Account("box", "account", False, "hold", 60)
    it.posting = Posting(it.spool, it.bridge, account, KEYS, it.clock, it._was_late, holds)
    assert await it.turn() is None
    assert (await it.state())[0] == "waiting"
    held[0] = False
    it.clock.at += 500
    await it.turn()
    assert await it.state() == ("posted", "posted")
    assert (it.bridge.prepared, [(a.n, a.first) for a in it.bridge.sent]) == (1, [(1, START + 500)])


@pytest.mark.parametrize("once", [Once("exact"), Once("lookup")])
async def test_what_is_in_doubt_is_not_sent_again_while_it_is_paused(once: Once) -> None:
    absent = Absent(strong=True)
    it = await desk(Unsure("cut"), Posted("7"), once=once, lookups=[absent] * 9)
    held = [False]

    async def holds(row: Row) -> bool:
        return held[0]

    account = Account("box", "account", False, "hold", 60)
    it.posting = Posting(it.spool, it.bridge, account, KEYS, it.clock, it._was_late, holds)
    await it.turn()
    held[0] = True
    for _ in range(5):
        it.clock.at += 700
        await it.turn()
    assert ((await it.state())[0], len(it.bridge.sent)) == ("unsure", 1)
    held[0] = False
    await it.turn()
    assert (await it.state())[0] == "posted"


async def test_a_thread_that_is_paused_goes_on_at_the_part_where_it_stopped() -> None:
    it = await desk(Posted("a"), Posted("b"), parts=2)
    paused = True

    async def holds(row: Row) -> bool:
        return paused and bool(it.bridge.sent)  # said while the first part was on its way

    account = Account("box", "account", False, "hold", 60)
    it.posting = Posting(it.spool, it.bridge, account, KEYS, it.clock, it._was_late, holds)
    await it.turn()
    assert [a.part.index for a in it.bridge.sent] == [0]
    assert await it.state() == ("waiting", "waiting")
    assert thaw(await it.delivery(), KEYS.storage).refs == ("a",)
    paused = False
    await it.turn()
    assert [(a.part.index, a.n, a.after) for a in it.bridge.sent] == [(0, 1, None), (1, 1, "a")]
    assert await it.state() == ("posted", "posted")


# ---------------------------------------------------------------- a limit that is used up


async def test_a_thread_whose_platform_takes_no_more_stops_there_and_goes_on_in_time() -> None:
    it = await desk(Posted("a"), Posted("b", rest=START + 500), Posted("c"), parts=3)
    assert await it.turn() == Rest(START + 500)
    row = await it.delivery()
    assert (row.state, row.due, row.why) == (Sent.WAITING, FIRST, USED_UP)
    it.clock.at += 499
    assert await it.turn() == Rest(START + 500)  # as a new process, which knows of no rest
    assert len(it.bridge.sent) == 2
    it.clock.at += 1
    assert await it.turn() == Posted("c")
    assert [(a.part.index, a.n, a.after) for a in it.bridge.sent] == [
        (0, 1, None),
        (1, 1, "a"),
        (2, 1, "b"),
    ]
    assert it.bridge.sent[2].first == START + 500
    assert await it.state() == ("posted", "posted")


@pytest.mark.parametrize(("rest", "until"), [(10**9, 6 * 3600), (-5, None), (0, None)])
async def test_a_rest_is_at_most_six_hours_and_one_that_is_over_is_none(
    rest: int, until: int | None
) -> None:
    it = await desk(Posted("a", rest=START + rest), Posted("b"), parts=2)
    ended = await it.turn()
    assert ended == (Posted("b") if until is None else Rest(START + until))


async def test_the_last_part_of_a_thread_is_posted_whatever_its_platform_says_of_rest() -> None:
    it = await desk(Posted("a", rest=START + 500))
    assert await it.turn() == Posted("a", rest=START + 500)
    assert await it.state() == ("posted", "posted")


async def test_a_thread_that_rests_goes_on_when_a_person_says_so_or_the_clock_was_set() -> None:
    for_a_person = await desk(Posted("a", rest=START + 500), Posted("b"), parts=2)
    await for_a_person.turn()
    again = Change(Queue.POST, Sent.WAITING, due=0)
    await for_a_person.spool.change(await for_a_person.delivery(), again)
    assert await for_a_person.turn() == Posted("b")

    set_back = await desk(Posted("a", rest=START + 500), Posted("b"), parts=2)
    await set_back.turn()
    set_back.clock.at -= 10**6
    assert await set_back.turn() == Posted("b")


async def test_parts_too_large_to_be_kept_are_shown_to_a_person_and_end_nothing_else() -> None:
    desk = await Desk(Scripted([], payload=bytes(17 << 20))).open()
    assert await desk.turn() is None
    delivery = await desk.delivery()
    assert delivery.state == Sent.HELD
    assert delivery.why == "what its bridge makes of it is too large to be kept"
    assert desk.bridge.sent == []


async def test_a_bridge_that_always_says_at_once_is_asked_ever_less_often() -> None:
    it = await desk(*[Later("busy", not_before=7)] * (SOON_TRIES + 3))
    waits = []
    for _ in range(SOON_TRIES + 3):
        await it.turn()
        due = (await it.delivery()).due
        assert due is not None
        waits.append(due - it.clock.at)
        it.clock.at = due
    assert waits[:SOON_TRIES] == [1] * SOON_TRIES
    assert all(wait >= 1800 for wait in waits[SOON_TRIES:])


def another(desk: Desk, bridge: str) -> None:
    """The destination has this bridge from now on, under the same name."""
    account = Account("box", "account", False, "hold", 60, bridge)
    args = (desk.spool, desk.bridge, account, KEYS, desk.clock, desk._was_late)
    desk.posting = Posting(*args)


async def test_parts_that_another_bridge_made_are_made_anew_where_nothing_is_public() -> None:
    it = await desk(Later("busy"), Posted("1"))
    another(it, "pigeon")
    await it.turn()
    another(it, "raven")
    it.clock.at += 3600
    await it.turn()
    assert (await it.state())[0] == "posted"
    assert it.bridge.prepared == 2


@pytest.mark.parametrize("ends", [[Posted("1"), Later("busy")], [Unsure("?")]])
async def test_a_thread_that_another_bridge_began_is_for_a_person(ends: list[Outcome]) -> None:
    it = await desk(*ends, parts=2)
    another(it, "pigeon")
    await it.turn()
    sent = len(it.bridge.sent)
    another(it, "raven")
    it.clock.at += 3600
    await it.turn()
    delivery = await it.delivery()
    assert (delivery.state, len(it.bridge.sent)) == ("held", sent)
    assert "prepared for the bridge pigeon" in delivery.why


async def test_a_doubt_about_what_is_exact_for_ever_outlives_a_later_too() -> None:
    it = await desk(Unsure("cut"), Later("rate", START + 7200), Posted("1"), once=Once("exact"))
    await it.turn()
    await it.turn()
    row = await it.delivery()
    assert thaw(row, KEYS.storage).open  # whoever takes it back meanwhile must look
    it.clock.at += 7200
    for _ in range(3):
        await it.turn()
        it.clock.at += 10
    assert await it.state() == ("posted", "posted")
