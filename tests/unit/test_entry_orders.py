"""What an operator may ask of an entry: how it is and what waits, and never what was written."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from relay.cli.exits_told import exits_of
from relay.errors import Asked, Damaged
from relay.model import Change, NewRow, Queue, State
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.crossing.returning import Returning
from relay.node.entering import core
from relay.node.entering.orders import EntryOrders
from relay.node.entering.shown import Shown
from relay.node.overview import Overview
from relay.wire import frames
from tests.parts.crossing import NOW, Entry, bundle, entry_table, epoch


class Still:
    """A clock that stands."""

    frozen = False

    def now(self) -> int:
        return NOW


async def _nothing(*_: object) -> None:
    return None


class Told:
    """An entry and its orders. ``core`` is all that these see of it."""

    def __init__(self, folder: Path) -> None:
        self.entry = entry = Entry(folder, entry_table("b", "c"), Still())  # type: ignore[arg-type]
        board = Board(entry.spool, entry.clock)
        brake = Brake(entry.spool, entry.clock, {}, {}, {})
        overview = Overview(
            entry.spool,
            board,
            brake,
            entry.clock,
            entry.settings,
            lambda: self.standing,
            lambda: 0,
        )
        shown = Shown(entry.settings, entry.clock, entry.bundles, entry.offering, board)
        overview.exits = shown.facts
        self.core = SimpleNamespace(
            answers={},
            board=board,
            bundles=entry.bundles,
            clock=entry.clock,
            forward=entry.forward,
            links=SimpleNamespace(arrived=entry.forward.arrived),
            notices=[],
            overview=overview,
            processes={},
            pulse=SimpleNamespace(busy=False),
            purging=SimpleNamespace(count=0),
            returning=Returning((), _nothing, lambda token: False),
            settings=entry.settings,
            shown=shown,
            spool=entry.spool,
        )
        self.orders = EntryOrders(self.core)  # type: ignore[arg-type]

    @property
    def standing(self) -> str:
        return "ok" if self.entry.bundles.seals_to() else core.NO_KEYS

    async def begin(self) -> None:
        self.core.standing = self.standing
        await self.core.board.load(self.entry.settings.links)

    async def __call__(self, do: str, **more: Any) -> list[Any]:
        return [answer async for answer in self.orders.answers({"do": do, **more})]


@pytest.fixture
async def told(tmp_path: Path) -> Told:
    made = Told(tmp_path)
    await made.entry.knows("b")
    await made.begin()
    return made


@pytest.mark.parametrize(
    "order",
    [
        {"do": "show", "id": "00" * 16},
        {"do": "media", "id": "00" * 16, "n": None},
        {"do": "release", "id": "00" * 16},
        {"do": "hold", "id": "00" * 16},
        {"do": "answer", "id": "00" * 16, "text": "no"},
        {"do": "withdraw", "id": "00" * 16},
        {"do": "unlock", "passphrase": "no"},
        {"do": "roll"},
        {"do": "revoke", "ids": [], "all": True},
        {"do": "pause", "name": "relay"},
        {"do": "ways"},
        {"do": "senders"},
        {"do": "window"},
        {"do": "cards"},
        {},
    ],
)
async def test_what_an_entry_does_not_do_is_refused_by_name(told: Told, order: Any) -> None:
    with pytest.raises(Asked, match="this is an entry: it opens nothing"):
        async for _ in told.orders.answers(order):
            raise AssertionError("nothing is answered")


async def test_its_status_has_all_that_another_node_says_and_its_exits(told: Told) -> None:
    await told.entry.accept(3)
    (now,) = await told("status")
    assert (now["role"], now["standing"], now["accepted"], now["waiting"]) == ("entry", "ok", 3, 3)
    assert now["peers"].keys() == {"b", "c"} and now["peers"]["b"]["waiting"] == 3
    assert now["peers"]["b"]["keys_days"] == 2 and now["peers"]["c"]["serial"] == 0
    assert now["crossings"] == {"expired": 0, "refused": 0, "damaged": 0}


async def test_what_waits_is_listed_by_exit(told: Told) -> None:
    (id,) = await told.entry.accept()
    (line,) = await told("list")
    assert (line["id"], line["queue"], line["destination"]) == (id.hex(), "outbound", "b")
    assert {"channel", "state", "since_s", "why", "among"} <= line.keys()


async def test_an_envelope_can_be_dropped_and_is_gone(told: Told) -> None:
    (id,) = await told.entry.accept()
    assert await told("drop", id=id.hex()[:8]) == [{"id": id.hex(), "changed": 1}]
    assert await told.entry.states() == {"dropped": 1} and await told("list") == []
    with pytest.raises(Asked, match="nothing of it waits for an exit"):
        await told("retry", id=id.hex())


async def test_where_all_keys_are_for_later_days_the_clock_is_asked_for(told: Told) -> None:
    await told.entry.knows("b", serial=NOW + 1, revoked=(epoch("b", 0).id,), first=1)
    told.core.standing = told.standing
    (now,) = await told("status")
    assert now["standing"] == "keys" and now["peers"]["b"]["keys_days"] == 3
    assert "exit b: 0 wait, 0 by links, keys for later days, and none for today" in exits_of(now)
    said = {one["what"]: one["said"] for one in await told("check")}
    assert all("is the clock of this machine behind?" in said[key] for key in ("keys", "keys b"))


async def test_what_is_here_from_before_it_was_an_entry_is_listed_told_and_can_be_dropped(
    told: Told,
) -> None:
    spool = told.entry.spool
    await spool.put([NewRow(Queue.REVIEW, State.HELD, b"i" * 16, NOW, due=None, name="news")])
    (line,) = await told("list")
    assert (line["queue"], line["state"], line["channel"]) == ("review", "held", "news")
    (trouble,) = [one for one in await told("check") if one["what"] == "left"]
    assert trouble["said"].startswith("1 are here from before this node was an entry")
    await told("drop", id=line["id"])
    assert await told.entry.states() == {"dropped": 1} and await told("list") == []


async def test_what_waits_for_an_exit_that_is_no_peer_is_told_with_a_remedy(told: Told) -> None:
    await told.entry.accept()
    (row,) = await told.entry.spool.look(queue=Queue.OUTBOUND)
    gone = Change(row.queue, row.state, row.due, name="d (pomuh)")
    assert await told.entry.spool.change(row, gone)
    (now,) = await told("status")
    assert now["astray"] == {"d (pomuh)": 1}
    assert any(line.startswith("exit d (pomuh): 1 wait, and no peer") for line in exits_of(now))
    (trouble,) = [one for one in await told("check") if one["what"] == "astray d (pomuh)"]
    assert "is not in [peers]: write it there" in trouble["said"]


async def test_one_that_was_set_aside_can_be_dropped(told: Told) -> None:
    (id,) = await told.entry.accept()
    (message,) = await told.entry.spool.look(queue=Queue.ASSIGNED)
    torn = Change(message.queue, message.state, None, body=b"torn")
    assert await told.entry.spool.change(message, torn)
    assert await told.entry.offering.next("b", ()) == ()
    assert await told.entry.states() == {"quarantined": 1}
    await told("drop", id=id.hex())
    assert await told.entry.states() == {"dropped": 1}


async def test_a_link_is_tried_again_by_its_name_or_its_exit(told: Told) -> None:
    for name in ("to-b", "b"):
        (answer,) = await told("resume", name=name)
        assert answer["changed"]
    with pytest.raises(Asked):
        await told("resume", name="news")


async def test_what_would_go_to_a_second_exit_later_goes_now_if_a_person_says_so(
    tmp_path: Path,
) -> None:
    told = Told(tmp_path)
    await told.entry.knows("b")
    (id,) = await told.entry.accept()
    (row,) = await told.entry.spool.look(queue=Queue.OUTBOUND)
    later = Change(row.queue, row.state, due=NOW + 3600)
    assert await told.entry.spool.change(row, later)
    assert await told("retry", id=id.hex()) == [{"id": id.hex(), "changed": 1}]
    assert len(await told.entry.offering.next("b", ())) == 1


async def test_a_person_brings_keys_and_hears_what_became_of_them(told: Told) -> None:
    def b64(signed: bytes) -> str:
        return b64encode(signed).decode()

    assert await told("bundle", bundle=b64(bundle("c"))) == [{"exit": "c", "became": "taken"}]
    (answer,) = await told("bundle", bundle=b64(bundle("b", NOW - 1)), name="b")
    assert answer["became"].startswith("older")
    for wrong in (b64(b"junk"), "no base64"):
        with pytest.raises(Asked):
            await told("bundle", bundle=wrong)


async def test_alarms_say_what_is_wrong_with_its_exits(told: Told) -> None:
    said = {one["what"] for one in await told("check")}
    assert {"keys b", "keys c"} <= said  # three days are few, and of c there is none


# ---------------------------------------------------------------- what is stored


async def test_an_envelope_is_stored_with_a_crossing_for_each_of_its_exits(told: Told) -> None:
    await told.entry.knows("c")
    await told.entry.accept()
    rows = await told.entry.spool.look()
    assert [(row.queue, row.name) for row in rows] == [
        (Queue.ASSIGNED, ""),
        (Queue.OUTBOUND, "b"),
        (Queue.OUTBOUND, "c"),
    ]


async def test_a_door_that_hands_over_what_goes_nowhere_is_damaged(
    told: Told, tmp_path: Path
) -> None:
    other = Told(tmp_path / "other")
    await other.entry.knows("c")
    await other.entry.accept()
    (message,) = await other.entry.spool.look(queue=Queue.ASSIGNED)
    envelope = await other.entry.spool.body(message.seq)
    for id in (message.id, bytes(16)):
        with pytest.raises(Damaged):
            told.entry.row_of(frames.Sealed(id, NOW, (), envelope))


def test_the_core_of_an_entry_has_no_key_that_opens() -> None:
    names = vars(core).keys()
    assert not names & {"ExitKey", "Steps", "Senders", "Replies", "Rolling", "People", "Canary"}
