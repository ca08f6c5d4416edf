"""What has waited too long is held for a person: not sent, not dropped, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.config import parse
from relay.exit.account import Account
from relay.exit.assign import assign
from relay.exit.progress import Progress, progressed
from relay.model import Change, NewRow, Outcome, Posted, Queue, Row, Sent, State, hour_of
from relay.node.board import Board
from relay.node.brake import PUT_ASIDE, Brake
from relay.node.orders import Orders
from relay.node.overview import Overview
from relay.node.poster import Poster
from relay.node.stale import LOOK_S, Stale
from relay.rules.policy import STALE, Policy, is_stale
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
START = 1_800_000_000
HOUR = 3600
DAY = 86400
ID = bytes(range(16))


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


class Node:
    """Two channels, one of which grows old after a day; two destinations, of which ``down`` has no
    poster. ``orders.Node`` as far as these tests go."""

    def __init__(self, limits: Mapping[str, int] | None = None) -> None:
        self.clock = Loop()
        self.spool = MemorySpool(self.clock)
        self.keys = KEYS
        self.policies: dict[str, Policy] = {}
        self.sent: list[bytes] = []
        self.brake = Brake(self.spool, self.clock, ["news", "family"], ["box", "down"], {})
        self.frozen = False
        self.stale = Stale(
            self.spool,
            self.clock,
            KEYS,
            limits or {"news": DAY, "family": 0, "weekly": 7 * DAY},
            frozen=lambda: self.frozen,
        )
        self.overview: Any = SimpleNamespace(hiding=SimpleNamespace(shown=lambda row: {}))
        account = Account("box", "account", False, "hold", 60)
        self.poster = Poster(
            self.spool,
            self.clock,
            self,  # type: ignore[arg-type]
            account,
            1,
            self.brake,
            lambda outcome: None,
            lambda: None,
            too_old=self.stale.put_aside,
        )

    async def turn(self, row: Row) -> Outcome:
        self.sent.append(row.id)
        await self.spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None))
        return Posted("1")

    def nudge(self, name: str) -> None:
        self.poster.nudge()

    async def released(
        self,
        channel: str,
        destination: str,
        state: Sent = Sent.WAITING,
        note: bytes = b"",
        due: int | None = 0,
        why: str = "",
    ) -> bytes:
        """A message that is assigned at this moment; its id."""
        id = f"{channel}{destination}{state}".encode()[:16].ljust(16, b"-")
        await self.spool.put([NewRow(Queue.DELIVER, State.WAITING, id, START, name=channel)])
        [row] = await self.spool.take(Queue.DELIVER, now=self.clock.now(), limit=1)
        hour = hour_of(self.clock.now())
        new = NewRow(Queue.POST, state, id, hour, due, destination, why, note)
        await self.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=[new])
        return id

    async def delivery(self) -> tuple[str, str]:
        [row] = [row for row in await self.spool.look() if row.seq != row.root]
        return str(row.state), row.why


@pytest.mark.parametrize(
    ("age", "after", "old"),
    [
        (3 * DAY + HOUR - 1, 3 * DAY, False),
        (3 * DAY + HOUR, 3 * DAY, True),
        (10**9, 0, False),
        (-DAY, DAY, False),
    ],
)
def test_an_age_is_judged_by_the_hour_and_never_too_early(age: int, after: int, old: bool) -> None:
    assert is_stale(START, after, START + age) is old


async def test_the_age_of_a_delivery_counts_from_its_release_and_is_kept_by_the_hour() -> None:
    message = Row(1, 1, 1, Queue.DELIVER, State.WAITING, ID, START - 9 * DAY, 0, "news", "")
    _, [delivery] = assign(message, {"news": Policy()}, {}, START + 1234)
    assert delivery.hour == hour_of(START + 1234)


async def test_what_is_too_old_is_not_sent_and_what_is_young_is(autojump_clock: MockClock) -> None:
    node = Node()
    await node.released("news", "box")
    await trio.sleep(DAY + 2 * HOUR)
    young = await node.released("weekly", "box")
    never = await node.released("family", "box")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.poster.run)
        await trio.sleep(1)
        node.poster.finish()
    assert node.sent == [young, never]
    held = [row for row in await node.spool.look(queue=Queue.POST) if row.state == Sent.HELD]
    assert [(row.why, row.due) for row in held] == [(STALE, None)]
    assert (await node.spool.counts()).states == {"held": 1, "posted": 2}


@pytest.mark.parametrize(
    ("state", "due", "why"),
    [
        (Sent.WAITING, 0, ""),
        (Sent.WAITING, None, PUT_ASIDE),
        (Sent.PREPARED, 0, ""),
        (Sent.STOPPED, None, "the token is old"),
    ],
)
async def test_what_grows_old_while_its_destination_is_away_is_held_in_time(
    autojump_clock: MockClock, state: Sent, due: int | None, why: str
) -> None:
    node = Node()
    await node.released("news", "down", state, due=due, why=why)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.stale.run)
        await trio.sleep(DAY)
        assert (await node.delivery()) == (state, why)
        await trio.sleep(HOUR + LOOK_S)
        assert (await node.delivery()) == ("held", STALE)
        nursery.cancel_scope.cancel()


TRIED = Progress(n=4, tries=4, first=START)
IN_DOUBT = Progress(n=2, first=START, open=True)


@pytest.mark.parametrize(
    ("state", "progress", "held"),
    [
        (Sent.WAITING, Progress(index=3, refs=("a", "b", "c")), False),
        (Sent.WAITING, IN_DOUBT, False),
        (Sent.UNSURE, TRIED, False),
        (Sent.SENDING, TRIED, False),
        (Sent.WAITING, TRIED, True),
    ],
    ids=["a thread under way", "in doubt", "unsure", "sending", "tried in vain"],
)
async def test_only_what_has_not_begun_is_held(
    autojump_clock: MockClock, state: Sent, progress: Progress, held: bool
) -> None:
    node = Node()
    id = f"newsdown{state}".encode()[:16].ljust(16, b"-")
    await node.released("news", "down", state, progressed(progress, KEYS.storage, id))
    await trio.sleep(9 * DAY)
    with trio.move_on_after(1):
        await node.stale.run()
    assert ((await node.delivery())[0] == "held") is held


async def test_a_damaged_note_is_left_to_the_one_who_says_so(autojump_clock: MockClock) -> None:
    node = Node()
    await node.released("news", "down", note=b"no note")
    await trio.sleep(9 * DAY)
    with trio.move_on_after(1):
        await node.stale.run()
    assert (await node.delivery())[0] == "waiting"


@pytest.mark.parametrize("word", ["release", "retry"])
async def test_a_person_releases_what_was_held_and_it_is_sent(
    autojump_clock: MockClock, word: str
) -> None:
    node = Node()
    id = await node.released("news", "box")
    await trio.sleep(9 * DAY)
    with trio.move_on_after(1):
        await node.stale.run()
    assert await node.delivery() == ("held", STALE)
    orders = Orders(node)  # type: ignore[arg-type]
    assert [one async for one in orders.answers({"do": word, "id": id.hex()})]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.stale.run)
        nursery.start_soon(node.poster.run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert node.sent == [id]


async def test_nobody_knows_how_old_anything_is_while_the_clock_is_frozen(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    await node.released("news", "down")
    await trio.sleep(9 * DAY)
    node.frozen = True
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.stale.run)
        await trio.sleep(2 * LOOK_S + 1)
        assert (await node.delivery()) == ("waiting", "")
        [row] = await node.spool.take(Queue.POST, now=node.clock.now(), limit=1)
        assert not await node.stale.put_aside(row)
        node.spool.release(row)
        node.frozen = False
        await trio.sleep(LOOK_S)
        assert (await node.delivery()) == ("held", STALE)
        nursery.cancel_scope.cancel()


async def test_where_nothing_grows_old_nobody_looks(autojump_clock: MockClock) -> None:
    node = Node({"news": 0})
    await node.released("news", "down")
    with trio.fail_after(1):
        await node.stale.run()
    await trio.sleep(10**7)
    [row] = await node.spool.take(Queue.POST, now=node.clock.now(), limit=1)
    assert not await node.stale.put_aside(row)


async def test_the_board_counts_what_is_held_and_it_is_an_alarm(autojump_clock: MockClock) -> None:
    node = Node()
    for channel in ("news", "weekly"):
        await node.released(channel, "down")
    await trio.sleep(2 * DAY)
    with trio.move_on_after(1):
        await node.stale.run()
    settings = parse({}, Path("relay.toml"))
    board = Board(node.spool, node.clock)
    await board.load(["down"])
    overview = Overview(
        node.spool, board, node.brake, node.clock, settings, lambda: "ok", lambda: 0
    )
    place = (await overview.board())["down"]
    assert (place["stale"], place["waiting"]) == (1, 2)
    said = {one.key: one.said for one in await overview.troubles()}
    assert "1 waited too long for down" in said["stale down"]
