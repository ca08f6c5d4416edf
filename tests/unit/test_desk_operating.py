"""What an operator asks: rows of the queue, drills, notes of a shift, and panic."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import trio
from canary_core import Core as CanaryCore
from canary_core import running, settings
from spool_parts import NOW, HandClock
from trio.testing import MockClock

from relay.errors import Asked
from relay.model import NewRow, Queue, Row, State
from relay.node.canary.result import Came, Failed, Result, Waits
from relay.node.canary.running import UNNAMED
from relay.node.desk import queue_rows
from relay.node.desk.drills import Drills
from relay.node.desk.handovers import MOST, MOST_TEXT, NAME, Handovers
from relay.node.desk.panicking import TYPED, Panicking
from relay.node.desk.queue_rows import QueueRows
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()

# ---------------------------------------------------------------- the queue


def line(row: Row) -> Mapping[str, Any]:
    return {"id": row.id.hex(), "why": row.why}


async def rows(count: int) -> QueueRows:
    spool = MemorySpool(HandClock())
    await spool.put(
        [
            NewRow(Queue.REVIEW, State.HELD, n.to_bytes(16, "big"), NOW, None, why=f"why {n}")
            for n in range(1, count + 1)
        ]
    )
    return QueueRows(spool, line)


async def test_pages_of_the_queue_follow_each_other_without_a_gap() -> None:
    queue, seqs, after = await rows(25), [], 0
    while after is not None:
        page = await queue.page({"limit": 10, "after": after})
        seqs += [row["seq"] for row in page["rows"]]
        after = page["after"]
    assert seqs == list(range(1, 26))


async def test_a_filter_asks_for_a_part_of_the_reason() -> None:
    page = await (await rows(25)).page({"filter": {"text": " WHY 25 ", "queue": "review"}})
    assert [row["why"] for row in page["rows"]] == ["why 25"]
    assert "original" not in page["queues"] and "held" in page["states"]


async def test_what_takes_too_long_is_told_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_rows, "PATIENCE_S", -1.0)
    monkeypatch.setattr("relay.spool.finding.AT_A_TIME", 10)
    page = await (await rows(25)).page({"filter": {"text": "why 25"}})
    assert page["rows"] == [] and page["after"] == 10


@pytest.mark.parametrize(
    "order",
    [
        {"filter": []},
        {"filter": {"queue": "nowhere"}},
        {"filter": {"text": 7}},
        {"filter": {"text": "x" * 1000}},
        {"after": -1},
        {"after": "1"},
        {"after": 1 << 63},
        {"limit": True},
    ],
)
async def test_what_is_no_filter_is_refused(order: Mapping[str, Any]) -> None:
    with pytest.raises(Asked):
        await (await rows(1)).page(order)


# ---------------------------------------------------------------- drills


class Canary:
    """Tries that end as told, after a while."""

    def __init__(self, **results: Result | Exception) -> None:
        self.results = results
        self.drilled: list[str] = []

    @property
    def all_names(self) -> tuple[list[str], list[str]]:
        return ["mail"], sorted(name for name in self.results if name != "mail")

    async def drill(self, name: str) -> Result:
        self.drilled.append(name)
        await trio.sleep(5)
        result = self.results[name]
        if isinstance(result, Exception):
            raise result
        return result


async def test_a_drill_tries_all_and_tells_each_result_as_it_comes(
    autojump_clock: MockClock,
) -> None:
    canary = Canary(mail=Came(0.5), box=Failed("blocked"), page=Waits("paused"), x=ValueError())
    drills = Drills(canary, HandClock())
    assert drills.shown()["began"] is None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(drills.run)
        begun = drills.begin(None, "oz")
        assert begun["running"] and {one["state"] for one in begun["results"]} == {""}
        with pytest.raises(Asked):
            drills.begin("mail", "oz")
        await trio.sleep(6)
        told = drills.shown()
        nursery.cancel_scope.cancel()
    assert not told["running"] and told["by"] == "oz"
    states = {one["name"]: (one["kind"], one["state"]) for one in told["results"]}
    assert states == {
        "mail": ("way in", "works"),
        "box": ("destination", "blocked"),
        "page": ("destination", "waits"),
        "x": ("destination", "blocked"),
    }


async def test_a_drill_of_one_tries_that_one_and_again_when_it_has_ended(
    autojump_clock: MockClock,
) -> None:
    canary = Canary(mail=Came(0.5), box=Came(1.0))
    drills = Drills(canary, HandClock())
    with pytest.raises(Asked):
        drills.begin("nowhere", "oz")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(drills.run)
        for _ in range(2):
            drills.begin("box", "oz")
            await trio.sleep(6)
        nursery.cancel_scope.cancel()
    assert canary.drilled == ["box", "box"]


async def test_what_nobody_tries_by_itself_is_drilled_as_far_as_it_can_be_and_not_on_the_board(
    autojump_clock: MockClock,
) -> None:
    core = CanaryCore(settings())
    async with running(core) as canary:
        assert canary.all_names == (["mail", "post"], ["box", "page"])
        assert isinstance(await canary.drill("box"), Came)
        assert await canary.drill("mail") == Waits(UNNAMED)
        assert not canary.tried
    assert not await core.spool.remembered()


async def test_a_drill_of_what_is_tried_by_itself_is_on_the_board(
    autojump_clock: MockClock,
) -> None:
    core = CanaryCore(settings(destinations=["box"]))
    async with running(core) as canary:
        await trio.sleep(60)
        core.why.clear()
        assert isinstance(await canary.drill("box"), Came)
        assert canary.tried["box"].state == "works"


# ---------------------------------------------------------------- notes of a shift


async def test_the_last_notes_are_kept_sealed_the_newest_first() -> None:
    spool = MemorySpool(HandClock())
    notes = Handovers(spool, HandClock(), lambda: KEYS)
    for n in range(MOST + 5):
        await notes.add(f" note {n}\r\nsecond line ", "ada")
    last = await notes.last()
    assert len(last) == MOST
    assert last[0] == {
        "hour": NOW,
        "handle": "ada",
        "text": f"note {MOST + 4}\nsecond line",
    }
    assert b"note" not in (await spool.remembered())[NAME]


async def test_a_note_that_is_sent_twice_is_kept_once() -> None:
    notes = Handovers(MemorySpool(HandClock()), HandClock(), lambda: KEYS)
    for _ in range(2):
        await notes.add("a note", "ada")
    assert len(await notes.last()) == 1


@pytest.mark.parametrize("text", ["", " \n ", "x" * (MOST_TEXT + 1)])
async def test_a_note_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Asked):
        await Handovers(MemorySpool(HandClock()), HandClock(), lambda: KEYS).add(text, "ada")


async def test_notes_of_other_keys_or_of_a_locked_node_are_not_read() -> None:
    spool = MemorySpool(HandClock())
    await Handovers(spool, HandClock(), lambda: KEYS).add("a note", "ada")
    assert await Handovers(spool, HandClock(), make_exit_keys).last() == []
    with pytest.raises(Asked):
        await Handovers(spool, HandClock(), lambda: None).last()


# ---------------------------------------------------------------- panic


async def test_the_typed_word_destroys_the_keys_before_the_rest_is_told(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in ("exit.key", "door.key", "users", "senders"):
        (keys / name).write_bytes(b"secret")
    left: list[list[str]] = []

    async def end() -> None:
        left.append([one.name for one in keys.iterdir()])

    panicking = Panicking(keys, tmp_path, end)
    for typed in ("", "yes", None, 7, "destroy the key"):
        with pytest.raises(Asked):
            await panicking.panic(typed)
    assert (keys / "exit.key").read_bytes() == b"secret" and not left
    told = await panicking.panic(f"  {TYPED.replace(' ', '  ').upper()} ")
    assert left == [[]]
    assert [one["file"] for one in told["ended"]] == ["exit.key", "door.key", "senders", "users"]
    assert (await panicking.panic(TYPED))["ended"] == [] and len(left) == 2
