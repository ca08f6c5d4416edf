"""Links on the board, in the status and in the alarms; and who knocks at them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from relay.config import parse
from relay.errors import Damaged, SpoolFull
from relay.journal import Journal
from relay.model import HOUR
from relay.node.board import FLUSH_S, Board
from relay.node.crossing.faring import SILENT_S, Faring
from relay.rules.alarm import KNOCKS, Facts, Patience, Shown, troubles
from relay.spool.memory import MemorySpool
from relay.wire import frames
from relay.wire.batch import NOTHING, Batch, Carried
from relay.wire.linkkeys import link_key_of

NOW = 1_800_000_000 - 1_800_000_000 % HOUR


class Clock:
    def now(self) -> int:
        return NOW


class Node:
    def __init__(self, folder: Path) -> None:
        self.settings = parse(
            {
                "node": {"role": "exit"},
                "channels": {"news": {}},
                "peers": {"entry": {"link": link_key_of(b"t" * 32).written}},
                "links": {
                    "tls": {"kind": "https", "listen": "127.0.0.1:0"},
                    "share": {"kind": "folder", "folder": "share", "peer": "entry"},
                },
            },
            folder / "relay.toml",
        )
        self.spool = MemorySpool(Clock())
        self.board = Board(self.spool, Clock())
        self.said = io.StringIO()

    async def begin(self) -> Faring:
        await self.board.load(self.settings.links)
        return Faring(self.board, self.spool, Journal("core", self.said), self.settings)

    def state(self, name: str) -> str:
        return next(place.state for place in self.board.places() if place.name == name)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(tmp_path)
    yield made
    made.spool.close()


async def test_a_link_has_a_row_of_the_board_and_says_how_it_fares(node: Node) -> None:
    faring = await node.begin()
    assert node.state("share") == "works"
    faring.fares(frames.Fares("share", "blocked", "the folder is not there"))
    assert node.state("share") == "blocked"
    faring.crossed("share", NOTHING)
    assert node.state("share") == "blocked"  # something came, and nothing goes out
    faring.fares(frames.Fares("share", "works", ""))
    assert node.state("share") == "works"
    assert node.said.getvalue() == "relay: link share: blocked\nrelay: link share: works\n"


async def test_what_crossed_is_counted_to_the_hour(node: Node) -> None:
    faring = await node.begin()
    faring.crossed("tls", Batch((Carried(b"one"), Carried(b"two"))))
    place = next(one for one in node.board.places() if one.name == "tls")
    assert (place.posted, place.last) == (2, NOW)


async def test_what_was_given_counts_when_there_is_a_receipt_for_it(node: Node) -> None:
    faring = await node.begin()
    faring.crossed("share", NOTHING)
    faring.crossed("share", Batch(durable=(b"i" * 16, b"j" * 16)))
    place = next(one for one in node.board.places() if one.name == "share")
    assert (place.posted, place.last) == (2, NOW)


async def test_a_link_that_listens_is_silent_when_nobody_came_for_long(
    node: Node, autojump_clock: MockClock
) -> None:
    faring = await node.begin()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.board.run)
        await trio.sleep(SILENT_S - 60)
        faring.crossed("tls", NOTHING)  # somebody asked, and there was nothing
        await trio.sleep(SILENT_S - 60)
        assert node.state("tls") == "works"
        await trio.sleep(60 + 2 * FLUSH_S)
        assert node.state("tls") == "silent"
        assert node.state("share") == "works"  # a folder may be quiet for weeks
        faring.crossed("tls", NOTHING)
        assert node.state("tls") == "works"
        nursery.cancel_scope.cancel()


async def test_a_route_of_another_link_is_damage(node: Node) -> None:
    faring = await node.begin()
    with pytest.raises(Damaged):
        faring.fares(frames.Routed("tls", "tor", {}))
    with pytest.raises(Damaged):
        faring.fares(frames.Routed("share", "direct", {}))


async def test_the_status_shows_each_link(node: Node) -> None:
    faring = await node.begin()
    await faring.turned_away("tls", 2)
    row = {"state": "works", "since": NOW, "last": None, "waiting": 3, "why": "", "oldest_s": 0}
    assert faring.shown({"tls": row, "share": row, "page": row}) == {
        "tls": {"kind": "https", "peer": None, **row, "turned_away": 2},
        "share": {"kind": "folder", "peer": "entry", **row, "turned_away": 0},
    }


# ---------------------------------------------------------------- who knocks


async def test_who_was_turned_away_is_counted_with_all_others(node: Node) -> None:
    faring = await node.begin()
    await faring.turned_away("tls", 3)
    faring.knocked("tls", 2)  # counted already, with what came with them
    assert (await node.spool.counts()).turned_away == 3
    assert faring.knocks == {"tls": 5}


async def test_on_a_full_disk_they_are_counted_when_there_is_room(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    faring = await node.begin()
    count = node.spool.count

    async def full(**counts: int) -> None:
        raise SpoolFull

    monkeypatch.setattr(node.spool, "count", full)
    await faring.turned_away("tls", 3)
    monkeypatch.setattr(node.spool, "count", count)
    await faring.turned_away("tls", 1)
    assert (await node.spool.counts()).turned_away == 4


async def test_knocks_are_forgotten_after_an_hour(node: Node, autojump_clock: MockClock) -> None:
    faring = await node.begin()
    faring.knocked("tls", 1)
    await trio.sleep(HOUR - 1)
    faring.knocked("tls", 1)
    assert faring.knocks == {"tls": 2}
    await trio.sleep(2)
    assert faring.knocks == {"tls": 1}


async def test_many_knocks_take_no_more_memory_than_the_minutes_of_an_hour(
    node: Node, autojump_clock: MockClock
) -> None:
    faring = await node.begin()
    for _ in range(1000):
        await trio.sleep(7)
        for link in ("tls", "share"):
            faring.knocked(link, 1)
    assert 510 < faring.knocks["tls"] == faring.knocks["share"] < 520
    assert len(faring._knocks["tls"]) <= 60


# ---------------------------------------------------------------- alarms


def told(facts: Facts) -> dict[str, str]:
    return {one.key: one.said for one in troubles(facts, Patience())}


def of(state: str, lasts_s: float = 3600.0) -> Facts:
    return Facts(board={"tls": Shown(state, lasts_s, 7, 0)}, links={"tls": "exit"})


def test_a_link_that_is_blocked_for_long_is_told() -> None:
    assert told(of("blocked")) == {"blocked tls": "tls is blocked, 7 wait: see `relay board`"}
    assert told(of("blocked", 10.0)) == {}


@pytest.mark.parametrize(
    ("state", "said"), [("login", "its mailbox needs you"), ("silent", "nobody came over it")]
)
def test_what_a_link_needs_is_said_in_words_of_links(state: str, said: str) -> None:
    assert said in told(of(state))[f"{state} tls"]


def test_what_waits_long_for_a_peer_is_told_once_however_many_links_lead_there() -> None:
    waits = Shown("works", 0.0, 7, 12 * HOUR)
    facts = Facts(board={"tls": waits, "box": waits}, links={"tls": "exit", "box": "exit"})
    assert list(told(facts)) == ["waiting exit"]
    assert told(facts)["waiting exit"].startswith("7 wait for exit, the oldest for 12 h")


def test_many_who_knock_are_told_and_a_few_are_not() -> None:
    assert told(Facts(knocks={"tls": KNOCKS - 1})) == {}
    said = told(Facts(knocks={"tls": KNOCKS}))["knocks tls"]
    assert said.startswith(f"{KNOCKS} were turned away at tls within an hour")
