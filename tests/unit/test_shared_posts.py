"""One message at two exits: the first, to which it was given, and one that has it after that."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from relay.exit.assign import assign, post_of
from relay.exit.post import PERHAPS_ELSEWHERE
from relay.exit.record import Record
from relay.exit.unseal import unseal
from relay.model import (
    AFTER,
    SET_BACK,
    SHARED,
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
    Posted,
    Queue,
    Row,
    Sent,
    State,
    Unknown,
    Unsure,
)
from relay.ports import Keep
from relay.rules.once import Hold, Look, OnUnsure, Resend, in_doubt
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.testing.bridge_contract import a_post
from relay.testing.dying import Dying
from relay.testing.journey import Journey, VirtualClock
from relay.wire.envelope import Inside, seal
from relay.wire.keys import ExitKeys, make_exit_keys

HOUR = 3600
NOON = 1_795_003_200
EXACT, ALONE, LOOKUP, NONE = (
    Once("exact", everywhere=True),
    Once("exact"),
    Once("lookup"),
    Once("none"),
)


class Board:
    """A platform on which every exit of a test posts."""

    at_once = 1

    def __init__(self, once: Once, clock: VirtualClock) -> None:
        self.once = once
        self.clock = clock
        self.sent: list[str] = []
        self.asked: list[Attempt] = []
        self.shows: Callable[[str], Lookup] = self._shown
        self.outcomes: list[Outcome] = []
        self.parts = 1

    async def prepare(self, post: object) -> Sequence[Part]:
        return [Part(f"part {n}", n, self.parts, b"words") for n in range(self.parts)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Posted(attempt.part.key)
        if isinstance(outcome, Posted | Unsure):
            self.sent.append(attempt.part.key)
        return outcome

    async def find(self, attempt: Attempt) -> Lookup:
        self.asked.append(attempt)
        return self.shows(attempt.part.key)

    async def check(self) -> Health:
        return Health("account")

    def _shown(self, key: str) -> Lookup:
        return Found(key) if key in self.sent else Absent(strong=True)


def board(once: Once) -> Board:
    return Board(once, VirtualClock(NOON + 600))


def walk(
    there: Board,
    *,
    ours: bool = False,
    on_unsure: OnUnsure = "hold",
    spool: MemorySpool | None = None,
) -> Journey:
    return Journey(
        lambda fate: (there, Dying(None, fate)),  # type: ignore[arg-type, return-value]
        a_post(),
        there.clock,
        since=NOON - HOUR,
        ours=ours,
        on_unsure=on_unsure,
        spool=spool,
    )


async def taken(there: Board, *, ours: bool = False, on_unsure: OnUnsure = "hold") -> Row:
    journey = walk(there, ours=ours, on_unsure=on_unsure)
    try:
        return await journey.run()
    finally:
        journey.close()


# ---------------------------------------------------------------- the second


async def test_what_is_exact_everywhere_is_sent_at_once() -> None:
    there = board(EXACT)
    assert (await taken(there)).state == "posted"
    assert there.asked == [] and there.clock.at == NOON + 600


@pytest.mark.parametrize("once", [ALONE, LOOKUP])
async def test_what_one_exit_alone_makes_exact_is_looked_up(once: Once) -> None:
    there = board(once)
    there.sent.append("part 0")
    row = await taken(there)
    assert row.state == "posted" and there.sent == ["part 0"]
    [asked] = there.asked
    assert (asked.n, asked.first, asked.kept) == (0, NOON - HOUR, b"")


@pytest.mark.parametrize("once", [ALONE, LOOKUP])
async def test_what_is_twice_not_there_is_posted(once: Once) -> None:
    there = board(once)
    assert (await taken(there)).state == "posted"
    assert there.sent == ["part 0"] and len(there.asked) == 2
    assert there.clock.at == NOON + 600 + 30 + 600


async def test_exact_for_an_hour_counts_from_when_the_entry_took_it() -> None:
    there = board(Once("exact", 2 * HOUR, everywhere=True))
    await taken(there)
    assert there.asked == []
    late = board(Once("exact", HOUR, everywhere=True))
    await taken(late)
    assert len(late.asked) == 2


async def test_where_nobody_can_tell_a_person_decides() -> None:
    there = board(NONE)
    row = await taken(there)
    assert (row.state, row.why, there.sent) == ("held", PERHAPS_ELSEWHERE, [])


@pytest.mark.parametrize(
    ("once", "tells", "outcomes"),
    [(NONE, Unknown(), []), (LOOKUP, Unknown(), []), (LOOKUP, Unknown(), [Unsure("cut")])],
)
@pytest.mark.parametrize("ours", [True, False])
async def test_what_a_person_lets_go_is_sent_and_not_looked_for_again(
    once: Once, tells: Lookup, outcomes: list[Outcome], ours: bool
) -> None:
    there = board(once)
    there.shows = lambda key: tells
    there.outcomes = outcomes
    spool = MemorySpool(there.clock)
    journey = walk(there, ours=ours, spool=spool)
    row = await journey.run()
    if row.state == "posted":
        assert ours and not outcomes
        return
    assert row.state == "held"
    before, looks = len(there.sent), len(there.asked)
    await spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))
    await journey.life(there.clock.at + 86400)
    assert (await journey.delivery()).state == "posted"
    assert (len(there.sent), len(there.asked)) == (before + 1, looks)
    journey.close()


async def test_where_nobody_can_tell_it_is_sent_if_its_operator_wants_it_so() -> None:
    there = board(NONE)
    row = await taken(there, on_unsure="resend_once")
    assert (row.state, there.sent, there.asked) == ("posted", ["part 0"], [])


async def test_a_platform_that_does_not_tell_is_asked_for_a_while_and_then_a_person_is() -> None:
    there = board(LOOKUP)
    there.shows = lambda key: Unknown()
    row = await taken(there)
    assert row.state == "held" and there.sent == [] and len(there.asked) == 10


async def test_after_each_wait_it_is_looked_for_once_more() -> None:
    there = board(LOOKUP)
    there.outcomes = [Later("slow", NOON + 3 * HOUR)]

    def shows(key: str) -> Lookup:
        return Found("theirs") if there.clock.at >= NOON + 3 * HOUR else Absent(strong=True)

    there.shows = shows
    row = await taken(there)
    assert row.state == "posted" and there.sent == []


async def test_its_own_lost_answer_is_looked_up_like_any_other() -> None:
    there = board(LOOKUP)
    there.outcomes = [Unsure("cut")]
    row = await taken(there)
    assert row.state == "posted" and there.sent == ["part 0"] and len(there.asked) == 3


async def test_what_was_sent_again_once_and_told_to_wait_goes_on() -> None:
    there = board(LOOKUP)
    there.outcomes = [Unsure("cut"), Later("slow")]
    there.shows = lambda key: Absent(strong=True)  # what was cut never came there
    row = await taken(there)
    assert row.state == "posted" and there.sent == ["part 0", "part 0"]


async def test_of_a_thread_each_part_is_looked_for_before_it_is_sent() -> None:
    there = board(LOOKUP)
    there.parts = 3
    there.sent += ["part 0", "part 1"]
    row = await taken(there)
    assert row.state == "posted" and there.sent == ["part 0", "part 1", "part 2"]


# ---------------------------------------------------------------- the first


@pytest.mark.parametrize("once", [EXACT, NONE])
async def test_the_first_sends_at_once_what_needs_no_look_or_has_none(once: Once) -> None:
    there = board(once)
    assert (await taken(there, ours=True)).state == "posted"
    assert there.asked == [] and there.clock.at == NOON + 600


@pytest.mark.parametrize("tells", [Absent(strong=True), Absent(strong=False), Unknown()])
async def test_the_first_looks_once_and_goes_on_whatever_it_is_told(tells: Lookup) -> None:
    there = board(LOOKUP)
    there.shows = lambda key: tells
    assert (await taken(there, ours=True)).state == "posted"
    assert there.sent == ["part 0"] and len(there.asked) == 1
    assert there.clock.at == NOON + 600


async def test_the_first_that_is_late_finds_what_the_second_has_posted() -> None:
    there = board(ALONE)
    there.sent.append("part 0")
    assert (await taken(there, ours=True)).state == "posted"
    assert there.sent == ["part 0"]


@pytest.mark.parametrize("order", [(True, False), (False, True)])
@pytest.mark.parametrize("once", [EXACT, ALONE, LOOKUP])
async def test_two_exits_make_one_post_though_each_loses_its_answer(
    once: Once, order: tuple[bool, bool]
) -> None:
    there = board(once)
    for ours in order:
        there.outcomes = [Unsure("cut")]
        await taken(there, ours=ours)
    assert set(there.sent) == {"part 0"}
    assert once.everywhere or len(there.sent) == 1


# ---------------------------------------------------------------- how it comes so far


def test_only_what_is_exact_everywhere_is_so_for_two() -> None:
    def doubt(once: Once, age: int = 0) -> object:
        return in_doubt(
            once,
            first=NOON - age,
            now=NOON,
            resent=False,
            on_unsure="hold",
            elsewhere=True,
        )

    assert doubt(EXACT) == Resend()
    assert isinstance(doubt(ALONE), Look) and isinstance(doubt(LOOKUP), Look)
    assert isinstance(doubt(replace(EXACT, exact_for_s=HOUR), HOUR), Look)
    assert isinstance(doubt(NONE), Hold)


@pytest.fixture(scope="module")
def exits() -> tuple[ExitKeys, ExitKeys]:
    return make_exit_keys(), make_exit_keys()


async def arrived(keys: ExitKeys, envelope: bytes, id: bytes, note: bytes) -> Row:
    spool = MemorySpool(VirtualClock(NOON))
    await spool.put([NewRow(Queue.INBOX, State.WAITING, id, NOON, note=note, body=envelope)])
    [row] = await spool.take(Queue.INBOX, now=NOON, limit=1)
    await spool.settle(row, unseal(row, keys))
    [row] = await spool.take(Queue.READ, now=NOON, limit=1)
    spool.close()
    return row


@pytest.mark.parametrize(
    ("exits_named", "note", "kept"),
    [(1, b"", b""), (2, b"", SHARED), (2, AFTER, AFTER), (2, SET_BACK, SET_BACK)],
)
async def test_whether_another_exit_has_it_is_known_once_it_is_opened(
    exits: tuple[ExitKeys, ExitKeys], exits_named: int, note: bytes, kept: bytes
) -> None:
    inside = Inside("text", "mail", b"words", "news")
    to = [keys.epochs[-1].public for keys in exits][:exits_named]
    sealed = seal(inside, to, arrival=NOON - HOUR, expiry=NOON + HOUR)
    row = await arrived(exits[0], sealed.envelope, sealed.id, note)
    assert row.note == kept


@pytest.mark.parametrize(
    ("note", "state"), [(b"", Sent.WAITING), (SHARED, Sent.WAITING), (AFTER, Sent.UNSURE)]
)
def test_deliveries_of_what_another_exit_may_have_begin_as_unsure(note: bytes, state: Sent) -> None:
    row = Row(1, 1, 1, Queue.DELIVER, State.WAITING, bytes(16), NOON, NOON, "news", "", note, b"")
    _, deliveries = assign(row, {"news": Policy(("page", "board"))}, {}, NOON)
    assert {one.state for one in deliveries} == {state}


def test_two_exits_give_their_bridges_one_secret_and_their_pages_one_item(
    exits: tuple[ExitKeys, ExitKeys],
) -> None:
    record = Record(bytes(range(32)), "text", "mail", "news", message=Message("words", "", "en"))
    one, two = (
        post_of(record, "mastodon example.org 7", keys, NOON, signed=True) for keys in exits
    )
    assert one.secret == two.secret and one.signature != two.signature
    ids = {json.loads(made.item)["id"] for made in (one, two)}
    assert len(ids) == 1 and ids.pop().startswith("urn:uuid:")
    other = post_of(record, "mastodon example.org 8", exits[0], NOON, signed=False)
    assert other.secret != one.secret
