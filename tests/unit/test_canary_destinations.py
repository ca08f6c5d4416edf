"""A destination is tried: checked, or posted to and cleared, whatever happens in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.money import SPENT
from relay.model import (
    Absent,
    Attempt,
    Found,
    Health,
    Later,
    Lookup,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Removed,
    Stopped,
    Unknown,
    Unsure,
)
from relay.node.canary.destinations import ASKED, STOPPED, Destinations
from relay.node.canary.kept import FORGOTTEN_S, Kept, Memory
from relay.node.canary.result import Came, Failed, Waits
from relay.node.canary.taking_back import DOUBTFUL, LOOKING, NOT_BACK, SETTLED_S
from relay.ports import Keep
from relay.spool.memory import MemorySpool


@dataclass
class Hands:
    at: int = 1_800_000_000

    def now(self) -> int:
        return self.at


@dataclass
class Platform:
    """An account, and what stands there; ``bridge`` and ``paying`` are both this."""

    clock: Hands = field(default_factory=Hands)
    outcome: Outcome = field(default_factory=lambda: Posted("1"))
    removal: Removal | None = field(default_factory=Removed)
    lookup: Lookup = field(default_factory=Unknown)
    health: Health = field(default_factory=lambda: Health("me"))
    serving: bool = True
    removes: bool = True
    parts: int = 1
    texts: list[str] = field(default_factory=list)
    there: set[str] = field(default_factory=set)
    stops: str = ""
    planned: str = ""
    takes_s: float = 1.0
    spool: Any = None

    def __post_init__(self) -> None:
        self.spool = MemorySpool(self.clock)

    async def made(self) -> Destinations:
        """As a new core has it, with what was kept."""
        memory = Memory(self.spool, self.clock)
        await memory.load(["masto"], ["masto"])
        return Destinations(self, memory, self.clock, self)  # type: ignore[arg-type]

    def posts(self, name: str) -> str:
        return self.stops or self.planned

    def asks(self, name: str) -> str:
        return self.planned

    def bridge(self, name: str) -> Platform:
        return self

    paying = bridge

    async def healthy(self, deadline_s: float) -> Health:
        await trio.sleep(self.takes_s)
        return self.health

    async def prepare(self, post: Post) -> Sequence[Part]:
        self.texts.append(post.text)
        content = post.text.encode()
        return [Part(f"{n}", n, self.parts, content) for n in range(self.parts)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        await trio.sleep(self.takes_s)
        await keep(b"upload 7")
        if isinstance(self.outcome, Posted):
            self.there.add(self.outcome.ref)
        return self.outcome

    async def find(self, attempt: Attempt) -> Lookup:
        assert attempt.kept == b"upload 7"
        return self.lookup

    async def remove(self, ref: str, deadline_s: float) -> Removal | None:
        if isinstance(self.removal, Removed):
            self.there.discard(ref)
        return self.removal


async def posted(platform: Platform) -> Came | Failed | Waits:
    return await (await platform.made()).posted("masto", 60)


async def test_a_check_asks_for_the_account_and_says_how_long_it_took(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(takes_s=4)
    made = await platform.made()
    assert await made.checked("masto", 60) == Came(4.0)
    platform.health = Health("", "its token is not accepted")
    assert await made.checked("masto", 60) == Failed("its token is not accepted")
    assert platform.texts == []


async def test_what_is_in_a_window_is_not_even_asked(autojump_clock: MockClock) -> None:
    made = await Platform(planned="it is in a window").made()
    assert await made.checked("masto", 60) == Waits("it is in a window")
    assert trio.current_time() == 0


async def test_a_line_is_posted_and_taken_back_at_once(autojump_clock: MockClock) -> None:
    platform = Platform()
    assert await posted(platform) == Came(1.0)
    assert platform.there == set() and len(platform.texts) == 1
    await posted(platform)
    assert len(set(platform.texts)) == 2  # the same twice, platforms refuse


@pytest.mark.parametrize("why", ["it is paused", "its budget is used up", "exit.key is locked"])
async def test_nothing_is_posted_where_nothing_may_be(why: str, autojump_clock: MockClock) -> None:
    platform = Platform(stops=why)
    assert await posted(platform) == Waits(why)
    assert platform.texts == []


async def test_what_its_purse_does_not_pay_is_no_fault_of_the_platform(
    autojump_clock: MockClock,
) -> None:
    why = next(iter(SPENT))
    platform = Platform(outcome=Later(why, scope="destination"))
    assert await posted(platform) == Waits(why)


async def test_where_nothing_can_be_taken_back_nothing_is_posted(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(removes=False)
    why = 'its bridge can take nothing back: set canary = "check"'
    assert await posted(platform) == Failed(why)
    assert platform.texts == []


async def test_an_outlet_that_does_not_start_says_so_and_nothing_of_its_bridge(
    autojump_clock: MockClock,
) -> None:
    health = Health("", "its outlet does not start")
    platform = Platform(serving=False, removes=False, health=health)
    assert await posted(platform) == Failed("its outlet does not start")


@pytest.mark.parametrize("parts", [0, 2])
async def test_a_line_must_be_one_post(parts: int, autojump_clock: MockClock) -> None:
    platform = Platform(parts=parts)
    assert await posted(platform) == Failed("its bridge makes no single post of one line")


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (Later("it is busy"), "it is busy"),
        (Refused("no"), "no"),
        (Stopped("its token is gone", "relay login masto"), "its token is gone: relay login masto"),
    ],
)
async def test_what_was_not_posted_leaves_nothing_behind(
    outcome: Outcome, why: str, autojump_clock: MockClock
) -> None:
    platform = Platform(outcome=outcome)
    assert await posted(platform) == Failed(why)
    platform.outcome = Posted("2")
    assert await posted(platform) == Came(1.0)


async def test_until_a_post_is_back_nothing_else_is_posted(autojump_clock: MockClock) -> None:
    platform = Platform(removal=Later("busy"))
    assert await posted(platform) == Failed(NOT_BACK)
    assert await posted(platform) == Failed(NOT_BACK)  # also after a restart
    assert (len(platform.texts), platform.there) == (1, {"1"})
    platform.removal = Removed()
    assert await posted(platform) == Came(1.0)
    assert (len(platform.texts), platform.there) == (2, set())


async def test_a_post_of_unknown_fate_is_looked_up_and_taken_back(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(outcome=Unsure("no answer"), lookup=Found("9"), there={"9"})
    assert await posted(platform) == Failed("no answer")
    assert platform.there == set()


async def test_what_cannot_be_looked_up_now_is_looked_up_later(autojump_clock: MockClock) -> None:
    platform = Platform(outcome=Unsure("no answer"))
    assert await posted(platform) == Failed(DOUBTFUL)
    assert await posted(platform) == Failed(DOUBTFUL)
    assert len(platform.texts) == 1
    platform.lookup = Absent(strong=True)
    platform.clock.at += SETTLED_S
    platform.outcome = Posted("2")
    assert await posted(platform) == Came(1.0)


async def test_what_is_not_seen_yet_may_come_and_is_looked_for_until_it_would_be_there(
    autojump_clock: MockClock,
) -> None:
    """A platform that answers 500 and posts all the same, a while later."""
    platform = Platform(outcome=Unsure("it answered 500"), lookup=Absent(strong=True))
    assert await posted(platform) == Failed("it answered 500")
    platform.clock.at += SETTLED_S - 1
    assert await posted(platform) == Waits(LOOKING)
    platform.there.add("9")
    platform.lookup, platform.outcome = Found("9"), Posted("10")
    assert await posted(platform) == Came(1.0)
    assert platform.there == set()


async def test_a_window_is_kept_to_by_what_is_to_be_taken_back_and_a_brake_does_not_stop_it(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(removal=Later("busy"))
    await posted(platform)
    platform.removal, platform.planned = Removed(), "it is in a window"
    assert await posted(platform) == Waits("it is in a window")
    assert platform.there == {"1"}
    platform.planned, platform.stops = "", "it is paused"
    assert await posted(platform) == Waits("it is paused")
    assert platform.there == set()


@pytest.mark.parametrize("removal", [Refused("too old"), None])
async def test_what_its_platform_never_takes_back_is_told_for_a_day(
    removal: Removal | None, autojump_clock: MockClock
) -> None:
    platform = Platform(removal=removal)
    assert await posted(platform) == Failed(NOT_BACK)
    platform.clock.at += FORGOTTEN_S - 1
    assert await posted(platform) == Failed(NOT_BACK)
    platform.clock.at += 1
    assert await posted(platform) == Failed(NOT_BACK)
    assert len(platform.texts) == 2  # another one, which it keeps as well


@pytest.mark.parametrize("answer", [Later("busy", 1_800_000_600), Posted("1", rest=1_800_000_600)])
async def test_a_platform_that_asks_to_wait_is_left_alone(
    answer: Outcome, autojump_clock: MockClock
) -> None:
    platform = Platform(outcome=answer)
    made = await platform.made()
    await made.posted("masto", 60)
    platform.clock.at += 599
    assert await made.posted("masto", 60) == Waits(ASKED)
    assert len(platform.texts) == 1
    platform.clock.at += 1
    platform.outcome = Posted("2")
    assert await made.posted("masto", 60) == Came(1.0)


async def test_a_node_that_is_stopped_lets_a_post_be_taken_back_and_begins_no_other(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    made = await platform.made()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(made.posted, "masto", 60)
        await trio.sleep(0.5)
        made.finish()
        await made.ended()
        assert (trio.current_time(), len(platform.texts), platform.there) == (1.0, 1, set())
    assert await made.posted("masto", 60) == Waits(STOPPED)
    await made.ended()


async def test_by_a_clock_that_jumped_nothing_is_given_up(autojump_clock: MockClock) -> None:
    platform, frozen = Platform(outcome=Unsure("no answer")), True
    await posted(platform)
    platform.clock.at += 10 * 365 * FORGOTTEN_S
    memory = Memory(platform.spool, platform.clock, lambda: frozen)
    await memory.load(["masto"], ["masto"])
    posting = memory.of("masto").posting
    assert posting is not None and not memory.is_old(posting)
    frozen = False
    assert memory.is_old(posting)


async def test_what_the_disk_had_no_room_for_is_written_when_it_has() -> None:
    platform = Platform()
    memory = Memory(platform.spool, platform.clock)
    await memory.load(["masto"], ["masto"])
    remember, kept = platform.spool.remember, Kept(last_good=3600)

    async def full(name: str, value: bytes) -> None:
        raise SpoolFull

    platform.spool.remember = full
    assert not await memory.save("masto", kept) and not await memory.save("masto", kept)
    platform.spool.remember = remember
    assert await memory.save("masto", kept)
    assert "canary masto" in await platform.spool.remembered()


async def test_a_doubt_that_nobody_can_settle_ends_after_a_day(autojump_clock: MockClock) -> None:
    platform = Platform(outcome=Unsure("no answer"), lookup=Absent(strong=False))
    assert await posted(platform) == Failed(DOUBTFUL)
    platform.clock.at += FORGOTTEN_S
    platform.outcome = Posted("2")
    assert await posted(platform) == Came(1.0)


@pytest.mark.parametrize("after_s", [0.5, 1.5])
async def test_a_node_that_dies_in_between_takes_it_back_at_its_next_try(
    after_s: float, autojump_clock: MockClock
) -> None:
    """Killed before the answer, and between the answer and the removal."""

    class Slow(Platform):
        async def remove(self, ref: str, deadline_s: float) -> Removal | None:
            await trio.sleep(1)
            return await super().remove(ref, deadline_s)

    platform = Slow(lookup=Found("1"))
    with trio.move_on_after(after_s):
        await posted(platform)
    platform.there.add("1")  # it was on its way
    if after_s < 1:
        platform.lookup = Unknown()

        async def find(attempt: Attempt) -> Lookup:
            return Found("1")

        platform.find = find  # type: ignore[method-assign]
    assert isinstance(await posted(platform), Came)
    assert platform.there == set() and len(platform.texts) == 2
