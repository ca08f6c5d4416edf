"""A message that is asked for again, moved or released is cut as the channel wants it by then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from obey_parts import CODE, Exit, an_exit
from trio.testing import MockClock

from relay.exit.guard import as_written, guarded
from relay.exit.record import store
from relay.model import Change, Queue, Row, State
from relay.node.decisions import Decisions
from relay.ports import Spool
from relay.rules.policy import Policy
from relay.rules.wordlist import word_list

TEXT = "call 0912 345 6789"
CUTS = Policy(review="none", danger="redact")


@dataclass
class Core:
    """What decisions need of an exit."""

    at: Exit

    def __post_init__(self) -> None:
        self.clock, self.keys, self.policies = self.at.clock, self.at.keys, self.at.policies

    @property
    def spool(self) -> Spool:
        spool: Spool = self.at.spool
        return spool

    def nudge(self, name: str) -> None: ...


async def test_what_is_asked_for_once_more_is_cut_by_the_policy_of_now(
    autojump_clock: MockClock,
) -> None:
    at = an_exit(policies={"news": Policy(("page", "masto"), review="none", danger="redact")})
    await at.posted(TEXT, code=CODE)
    await at.asks("again", CODE)
    [row] = [one for one in await at.spool.look(queue=Queue.REVIEW)]
    again = await at.record(row.seq)
    assert again.message is not None and again.message.text == "call […]"
    assert as_written(again).text == TEXT


async def test_what_a_person_holds_is_cut_when_it_moves_to_a_channel_that_cuts(
    autojump_clock: MockClock,
) -> None:
    at = an_exit(policies={"news": Policy(danger="mark"), "family": Policy(danger="redact")})
    seq = await at.message(TEXT, state=State.HELD)
    await at.asks("to", "family")
    moved = await at.record(seq)
    assert moved.channel == "family"
    assert moved.message is not None and moved.message.text == "call […]"


async def test_it_moves_to_no_channel_that_knows_fewer_of_the_words(
    autojump_clock: MockClock,
) -> None:
    words = word_list(["Ali Reza"])
    at = an_exit(policies={"news": Policy(words=words), "family": Policy()})
    seq = await at.message("Ali Reza came")
    await at.asks("to", "family")
    assert (await at.record(seq)).channel == "news"


async def test_what_was_held_before_its_channel_began_to_cut_is_cut_when_it_is_released() -> None:
    at = an_exit(policies={"news": CUTS})
    seq = await at.message(TEXT, state=State.HELD)
    assert await Decisions(Core(at)).release([await at.row(seq)]) == 1
    assert (await at.row(seq)).queue == Queue.DELIVER
    released = await at.record(seq)
    assert released.message is not None and released.message.text == "call […]"


async def test_what_a_person_has_seen_marked_is_released_as_it_is() -> None:
    at = an_exit(policies={"news": Policy(danger="hold")})
    seq = await at.message(TEXT, state=State.HELD)
    await Decisions(Core(at)).release([await at.row(seq)])
    released = await at.record(seq)
    assert released.message is not None and released.message.text == TEXT


async def test_what_a_person_has_seen_cut_is_released_as_it_is_whatever_its_channel_wants_now() -> (
    None
):
    """She has seen what would be published, and it had no number in it."""
    at = an_exit(policies={"news": Policy(danger="hold")})
    for release in (Decisions(Core(at)).release, _with_no_media(Decisions(Core(at)))):
        seq = await at.message(TEXT, state=State.HELD)
        await _cut(at, seq)
        assert await release([await at.row(seq)]) == 1
        released = await at.record(seq)
        assert released.message is not None and released.message.text == "call […]"


async def _cut(at: Exit, seq: int) -> None:
    """As its channel had it when it redacted."""
    row = await at.row(seq)
    body = store(guarded(await at.record(seq), CUTS), at.keys.storage, row.id)
    await at.spool.change(row, Change(row.queue, row.state, due=None, why=row.why, body=body))


def _with_no_media(decisions: Decisions) -> Callable[[Sequence[Row]], Awaitable[int]]:
    return lambda rows: decisions.release_with(rows, ())
