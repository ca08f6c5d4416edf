"""What its sender wants back: at once what nobody has seen, by a person what the world has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import trio
from obey_parts import CODE, KEYS, OTHER, Exit, Person, an_exit
from trio.testing import MockClock

from relay.errors import Asked
from relay.exit.withdraw import ASKED, Withdrawal, is_withdrawn
from relay.model import Change, Later, Queue, Sent, State
from relay.node.decisions import Decisions
from relay.rules.policy import Policy
from relay.rules.words import say
from relay.wire.names import DAY_S

AT_ONCE = Policy(("page", "masto"), withdraw="at once", withdraw_per_day=2)
POSTED = ("posted", "")
WANTED = ("held", ASKED)


class Core:
    """What decisions need of a core."""

    def __init__(self, at: Exit) -> None:
        self.spool = at.spool
        self.clock = at.clock
        self.keys = KEYS
        self.policies: Mapping[str, Policy] = at.policies

    def nudge(self, name: str) -> None:
        pass


def desk(at: Exit) -> Decisions:
    return Decisions(Core(at))


async def rows(at: Exit, seq: int) -> list[Any]:
    every = await at.spool.look()
    return [row for row in every if row.root == seq]


@pytest.mark.parametrize(
    ("queue", "state"),
    [
        (Queue.REVIEW, State.HELD),
        (Queue.REVIEW, State.WAITING),
        (Queue.DELIVER, State.WAITING),
    ],
)
async def test_what_nobody_has_seen_ends_at_once_and_nothing_is_kept_of_it(
    queue: Queue, state: State, autojump_clock: MockClock
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE, queue=queue, state=state)
    assert await at.asks("delete", CODE) == say("deleted", "en")
    assert await at.state(seq) == ("withdrawn", "")
    assert await at.spool.body(seq) == b""
    assert (await at.spool.counts()).states == {"withdrawn": 1, "command": 1}


async def test_all_messages_of_a_code_are_taken_back(autojump_clock: MockClock) -> None:
    at = an_exit()
    seqs = [await at.message(code=CODE) for _ in range(3)]
    other = await at.message(code="99887700")
    await at.asks("delete", CODE)
    assert {(await at.state(seq))[0] for seq in seqs} == {"withdrawn"}
    assert (await at.state(other))[0] == "held"


async def test_a_wrong_code_or_a_code_of_another_takes_nothing_back(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    async with at.running():
        seq = await at.message(code=CODE)
        for code, by in (("48151624", Person()), ("", Person()), (CODE, OTHER)):
            await at.command("delete", code, by=by)
        await at.all_done()
    assert await at.state(seq) == ("held", "")
    assert set(at.said) == {say("deleted", "en")}


async def test_what_is_public_waits_for_a_person_and_is_not_posted_again(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.posted(code=CODE)
    await at.asks("delete", CODE)
    assert await at.deliveries(seq) == {"page": WANTED, "masto": WANTED}
    assert await at.state(seq) == ("held", ASKED)
    assert at.removed == []
    with pytest.raises(Asked, match="withdraw"):
        await desk(at).retry(await rows(at, seq))
    assert await at.asks("status", CODE) == say("unknown", "en")


async def test_of_what_is_half_public_the_rest_ends_at_once(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.message(code=CODE, state=State.WAITING, queue=Queue.DELIVER, due=0)
    await at.deliver(seq, page=Sent.POSTED, masto=Sent.WAITING, hook=Sent.REFUSED)
    await at.asks("delete", CODE)
    assert await at.deliveries(seq) == {
        "page": WANTED,
        "masto": ("withdrawn", ""),
        "hook": ("refused", ""),
    }


async def test_a_doubtful_delivery_is_held_and_a_person_sees_why(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE, state=State.WAITING, queue=Queue.DELIVER, due=0)
    await at.deliver(seq, masto=Sent.UNSURE)
    await at.asks("delete", CODE)
    assert await at.deliveries(seq) == {"masto": ("held", "unsure: begun; withdrawal asked")}
    [row] = (await rows(at, seq))[1:]
    assert is_withdrawn(row)


async def test_what_is_being_sent_is_waited_for(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.message(code=CODE, state=State.WAITING, queue=Queue.DELIVER, due=0)
    await at.deliver(seq, masto=Sent.WAITING)
    [row] = await at.spool.take(Queue.POST, now=at.clock.now(), limit=1)
    sending = Change(Queue.POST, Sent.SENDING, due=None)
    row = await at.spool.settle(row, sending, keep=True)
    async with at.running():
        await at.command("delete", CODE)
        await trio.sleep(60)
        assert at.said == [say("deleted", "en")]
        await at.spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None))
        await at.all_done()
    assert await at.deliveries(seq) == {"masto": WANTED}


async def test_what_waits_for_a_person_can_be_taken_away(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.posted(code=CODE)
    await at.asks("delete", CODE)
    withdrawal = Withdrawal(at.spool, KEYS, at.remove, at.find)
    assert [one.gone async for one in withdrawal.of(seq)] == [True, True]
    assert await at.state(seq) == ("withdrawn", "")
    assert await at.spool.body(seq) == b""


@pytest.mark.parametrize("decide", ["release", "hold", "drop"])
async def test_an_editor_who_decides_a_moment_later_changes_nothing(
    decide: str, autojump_clock: MockClock
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    looked_at = await rows(at, seq)
    await at.asks("delete", CODE)
    with pytest.raises(Asked):
        await getattr(desk(at), decide)(looked_at)
    assert await at.state(seq) == ("withdrawn", "")


async def test_what_an_editor_releases_a_moment_earlier_is_taken_back_all_the_same(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    async with at.running():
        await at.command("delete", CODE)
        await trio.sleep(0.1)
        assert await desk(at).release(await rows(at, seq)) == 1
        await at.all_done()
    assert await at.state(seq) == ("withdrawn", "")


@pytest.mark.parametrize("set_back", [False, True])
@pytest.mark.parametrize("decide", ["release", "drop"])
async def test_a_person_may_let_it_stand(
    decide: str, set_back: bool, autojump_clock: MockClock
) -> None:
    at = an_exit()
    seq = await at.posted(code=CODE)
    await at.asks("delete", CODE)
    if set_back:  # as the spool marks what is held when it is older than what was posted since
        for row in (await rows(at, seq))[1:]:
            why = f"unsure: set back; {row.why}"
            await at.spool.change(row, Change(row.queue, row.state, due=row.due, why=why))
    assert await getattr(desk(at), decide)(await rows(at, seq)) == 2
    assert await at.deliveries(seq) == {"page": POSTED, "masto": POSTED}
    assert await at.state(seq) == ("posted", "")


async def test_what_is_destroyed_while_it_is_wanted_back_still_counts_as_posted(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.posted(code=CODE)
    await at.asks("delete", CODE)
    await desk(at).destroy(await rows(at, seq))
    assert await at.deliveries(seq) == {"page": POSTED, "masto": POSTED}
    assert await at.spool.body(seq) == b""


async def test_it_is_not_purged_before_a_person_has_decided(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.posted(code=CODE)
    await at.asks("delete", CODE)
    assert await at.spool.purge(at.clock.now() + 30 * DAY_S) == 1  # the command
    assert (await at.row(seq)).seq == seq


# ---------------------------------------------------------------- at once


async def test_where_the_channel_says_so_it_is_taken_away_at_once(
    autojump_clock: MockClock,
) -> None:
    at = an_exit(policies={"news": AT_ONCE})
    seq = await at.posted(code=CODE)
    await at.asks("delete", CODE)
    assert at.removed == [("page", f"page/{seq}"), ("masto", f"masto/{seq}")]
    assert await at.state(seq) == ("withdrawn", "")


async def test_what_cannot_be_taken_away_at_once_is_held_and_said(
    autojump_clock: MockClock,
) -> None:
    at = an_exit(policies={"news": AT_ONCE}, removal=Later("answered 503"))
    seq = await at.posted(code=CODE)
    await at.asks("delete", CODE)
    stays = ("held", "withdrawn, but it stays: answered 503: try again")
    assert await at.deliveries(seq) == {"page": stays, "masto": stays}


async def test_so_many_a_day_are_taken_away_at_once_and_the_next_waits_for_a_person(
    autojump_clock: MockClock,
) -> None:
    at = an_exit(policies={"news": AT_ONCE})
    seqs = [await at.posted(code=f"4815162{n}") for n in range(4)]
    for n in range(3):
        await at.asks("delete", f"4815162{n}")
    assert [(await at.state(seq))[0] for seq in seqs[:3]] == ["withdrawn", "withdrawn", "held"]
    at.clock.at += DAY_S
    await at.asks("delete", "48151623")
    assert (await at.state(seqs[3]))[0] == "withdrawn"


async def test_another_channel_has_a_limit_of_its_own(autojump_clock: MockClock) -> None:
    one_a_day = replace(AT_ONCE, withdraw_per_day=1)
    at = an_exit(policies={"news": one_a_day, "family": one_a_day})
    seqs = [
        await at.posted(code="48151620"),
        await at.posted(code="48151621", channel="family"),
    ]
    for n in range(2):
        await at.asks("delete", f"4815162{n}")
    assert {(await at.state(seq))[0] for seq in seqs} == {"withdrawn"}
