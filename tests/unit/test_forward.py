"""An entry hands over what it holds: all of it, once durable there, whatever fails between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.model import HOUR, Change, Queue, Row, Sent
from relay.ports import Spool
from relay.wire.batch import MOST_ENVELOPES, Batch, Returned
from relay.wire.envelope import look
from relay.wire.epochs import DAY_S
from tests.parts.crossing import Entry, bundle, entry_table


async def test_what_was_accepted_is_handed_over_and_forgotten(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    ids = await entry.accept(3)
    async with entry.running():
        await trio.sleep(5)
    assert list(entry.exits["b"].kept) == ids and await entry.states() == {"handed": 3}
    assert [await entry.spool.body(row.seq) for row in await entry.spool.look()] == [b""] * 6


async def test_what_comes_later_is_handed_over_at_once(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    async with entry.running():
        await trio.sleep(100)
        began = trio.current_time()
        await entry.accept()
        await trio.sleep(1)
        (at,) = [at for at, _, n in entry.links.calls if n]
        assert at - began < 0.1


async def test_a_batch_holds_so_many_envelopes_in_order_of_arrival(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    ids = await entry.accept(MOST_ENVELOPES + 3)
    async with entry.running():
        await trio.sleep(5)
    assert [n for _, _, n in entry.links.calls[:3]] == [0, MOST_ENVELOPES, 3]
    assert list(entry.exits["b"].kept) == ids


async def test_a_link_that_fails_is_asked_again_ever_more_rarely(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    await entry.accept(2)
    entry.links.down.add("to-b")
    async with entry.running():
        await trio.sleep(6 * HOUR)
        times = [at for at, _, _ in entry.links.calls]
        pauses = [round(after - before) for before, after in pairwise(times)]
        assert pauses[:9] == [1, 2, 4, 8, 16, 32, 64, 128, 256] and set(pauses[9:]) == {300}
        assert await entry.states() == {"waiting": 2}
        entry.links.down.clear()
        await trio.sleep(310)
    assert await entry.states() == {"handed": 2}


async def test_an_operator_need_not_wait_for_the_next_try(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    await entry.accept()
    entry.links.down.add("to-b")
    async with entry.running():
        await trio.sleep(HOUR + 1)
        entry.links.down.clear()
        entry.forward.nudge("to-b")
        await trio.sleep(1)
        assert await entry.states() == {"handed": 1}


async def test_a_lost_answer_costs_one_more_crossing_and_no_envelope(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    (id,) = await entry.accept()
    async with entry.running():
        entry.links.silent.add("to-b")
        await trio.sleep(10)
        assert await entry.states() == {"waiting": 1}
        entry.links.silent.clear()
        await trio.sleep(60)
    assert await entry.states() == {"handed": 1} and entry.exits["b"].kept[id] == [False]


@pytest.mark.parametrize("at", [0.0, 0.5, 1.0, 2.0])
async def test_a_process_that_ends_at_any_time_loses_nothing(
    tmp_path: Path, at: float, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c"))
    await entry.knows("b", "c")
    ids = await entry.accept(5)
    entry.links.silent |= {"to-b", "to-c"}
    async with entry.running():
        await trio.sleep(at)
    entry.restart()
    entry.links.silent.clear()
    async with entry.running():
        await trio.sleep(60)
    assert await entry.states() == {"handed": 5}
    assert set(entry.exits["b"].kept) == set(entry.exits["c"].kept) == set(ids)


async def test_links_of_one_exit_carry_side_by_side_and_nothing_twice(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    second = {"kind": "https", "peer": "b", "url": "https://192.0.2.2"}
    entry = Entry(tmp_path, entry_table("b", links={"other": second}))
    await entry.knows("b")
    await entry.accept(10 * MOST_ENVELOPES)
    async with entry.running():
        await trio.sleep(5)
    assert {link for _, link, n in entry.links.calls if n} == {"to-b", "other"}
    assert all(len(came) == 1 for came in entry.exits["b"].kept.values())
    assert await entry.states() == {"handed": 10 * MOST_ENVELOPES}


async def test_what_one_link_cannot_carry_the_other_does(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    second = {"kind": "https", "peer": "b", "url": "https://192.0.2.2"}
    entry = Entry(tmp_path, entry_table("b", links={"other": second}))
    await entry.knows("b")
    entry.links.down.add("to-b")
    await entry.accept(200)
    async with entry.running():
        await trio.sleep(5)
    assert await entry.states() == {"handed": 200}


async def test_a_link_for_what_has_waited_carries_nothing_else(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    second = {"kind": "https", "peer": "b", "url": "https://192.0.2.2", "after": "10m"}
    entry = Entry(tmp_path, entry_table("b", links={"slow": second}))
    await entry.knows("b")
    entry.links.down.add("to-b")
    async with entry.running():
        await trio.sleep(30)
        await entry.accept(3)
        await trio.sleep(580)
        assert await entry.states() == {"waiting": 3}
        await trio.sleep(40)
        assert await entry.states() == {"handed": 3}


async def test_a_link_that_is_not_answered_is_given_the_same_only_after_long(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    mail = {"kind": "folder", "peer": "b", "folder": "f", "every": "5m", "again": "1d"}
    entry = Entry(tmp_path, entry_table("b", links={"stick": mail}))
    await entry.knows("b")
    entry.links.given.add("stick")
    entry.links.down.add("to-b")
    ids = await entry.accept(MOST_ENVELOPES + 1)
    async with entry.running():
        await trio.sleep(23 * HOUR)
        assert all(len(entry.exits["b"].kept[id]) == 1 for id in ids)
        assert await entry.states() == {"waiting": len(ids)}
        await trio.sleep(2 * HOUR)
        assert all(len(entry.exits["b"].kept[id]) == 2 for id in ids)
        await entry.forward.arrived("stick", "b", Batch(durable=tuple(ids)))
    assert await entry.states() == {"handed": len(ids)}


async def test_an_operator_has_what_was_lost_on_its_way_given_once_more(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    mail = {"kind": "folder", "peer": "b", "folder": "f", "every": "5m", "again": "1d"}
    entry = Entry(tmp_path, entry_table("b", links={"stick": mail}))
    await entry.knows("b")
    entry.links.given.add("stick")
    entry.links.down.add("to-b")
    (id,) = await entry.accept()
    async with entry.running():
        for times in (1, 2, 3):
            await trio.sleep(HOUR)
            assert len(entry.exits["b"].kept[id]) == times
            entry.forward.nudge("b")


async def test_one_who_writes_often_makes_no_mail_each_time(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    mail = {"kind": "folder", "peer": "b", "folder": "f", "every": "5m", "again": "1d"}
    entry = Entry(tmp_path, entry_table("b", links={"stick": mail}))
    await entry.knows("b")
    entry.links.given.add("stick")
    entry.links.down.add("to-b")
    async with entry.running():
        for _ in range(60):
            await entry.accept()
            await trio.sleep(10)
    assert sum(link == "stick" for _, link, _ in entry.links.calls) <= 3


async def test_an_ack_of_another_road_ends_it_on_every_road(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    ids = await entry.accept(2)
    entry.links.down.add("to-b")
    async with entry.running():
        await trio.sleep(10)
        await entry.forward.arrived("", "b", Batch(durable=(ids[0], bytes(16))))
        entry.links.down.clear()
        await trio.sleep(310)
    assert list(entry.exits["b"].kept) == ids[1:] and await entry.states() == {"handed": 2}


async def test_an_exit_acknowledges_only_what_is_its_own(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c"))
    await entry.knows("b")
    ids = await entry.accept()
    await entry.forward.arrived("", "c", Batch(durable=tuple(ids)))
    assert await entry.states() == {"waiting": 1}


@pytest.mark.parametrize("after", ["0s", "1h"])
async def test_an_exit_that_was_offered_nothing_keeps_nothing_from_the_others(
    tmp_path: Path, autojump_clock: MockClock, after: str
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c", peers={"c": {"after": after}}))
    await entry.knows("b", "c")
    ids = await entry.accept()
    await entry.forward.arrived("", "c", Batch(durable=tuple(ids)))
    assert await entry.waits() == 2
    async with entry.running():
        await trio.sleep(5)
    assert ids[0] in entry.exits["b"].kept and await entry.states() == {"handed": 1}


async def test_what_is_carried_by_hand_stays_until_it_is_acknowledged(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    ids = await entry.accept(MOST_ENVELOPES + 2)
    for _ in range(2):
        batches = [batch async for batch in entry.forward.by_hand("b")]
        assert [len(batch.envelopes) for batch in batches] == [MOST_ENVELOPES, 2]
    await entry.forward.arrived("", "b", Batch(durable=tuple(ids)))
    assert await entry.states() == {"handed": len(ids)}


async def test_a_damaged_envelope_stops_no_other(tmp_path: Path, autojump_clock: MockClock) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    ids = await entry.accept(3)
    (first, *_) = await entry.spool.look(queue=Queue.ASSIGNED)
    assert await entry.spool.change(first, Change(Queue.ASSIGNED, first.state, None, body=b"torn"))
    async with entry.running():
        await trio.sleep(5)
    assert list(entry.exits["b"].kept) == ids[1:]
    assert await entry.states() == {"quarantined": 1, "handed": 2}
    assert entry.offering.ended.damaged == 1


# ---------------------------------------------------------------- what comes back


async def test_answers_go_to_a_door_once_and_the_exit_is_told(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    ours, others = Returned(b"ours", b"sealed"), Returned(b"theirs", b"sealed")
    entry.exits["b"].back = Batch(answers=(ours, others))
    entry.opens.add(b"ours")
    async with entry.running():
        await trio.sleep(100)
    assert entry.answers == [(b"ours", b"sealed")]
    assert {ours.name, others.name} <= set(entry.exits["b"].heard)


async def test_the_keys_of_an_exit_come_back_over_its_link(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    assert entry.bundles.seals_to() == ()
    entry.exits["b"].back = Batch(bundle=bundle("b"))
    async with entry.running():
        await trio.sleep(5)
    assert len(entry.bundles.seals_to()) == 1 and entry.bundles.serial("b")


# ---------------------------------------------------------------- the time on the road


async def test_an_entry_cut_off_for_25_days_hands_over_all_of_it(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b", days=61)
    entry.links.down.add("to-b")
    ids: list[bytes] = []
    async with entry.running():
        for _ in range(25):
            ids += await entry.accept(2)
            await trio.sleep(DAY_S)
        entry.links.down.clear()
        await trio.sleep(310)
    assert list(entry.exits["b"].kept) == ids and await entry.states() == {"handed": 50}


def on_a_short_road(folder: Path) -> Entry:
    """An entry whose envelopes last a day."""
    table = entry_table("b")
    table["node"]["road"] = "1d"
    return Entry(folder, table)


async def test_what_was_on_the_road_for_too_long_is_expired(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = on_a_short_road(tmp_path)
    await entry.knows("b")
    entry.links.down.add("to-b")
    await entry.accept(2)
    async with entry.running():
        await trio.sleep(DAY_S - HOUR)
        assert await entry.states() == {"waiting": 2}
        await trio.sleep(3 * HOUR)
        assert await entry.states() == {"expired": 2}
    assert entry.offering.ended.expired == 2


async def test_nothing_expires_by_a_clock_that_is_not_believed(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = on_a_short_road(tmp_path)
    await entry.knows("b")
    entry.links.down.add("to-b")
    await entry.accept()
    entry.clock.frozen = True
    async with entry.running():
        await trio.sleep(3 * DAY_S)
        assert await entry.states() == {"waiting": 1}
        entry.links.down.clear()
        await trio.sleep(310)
    assert await entry.states() == {"handed": 1}


# ---------------------------------------------------------------- several exits


async def test_one_of_two_exits_is_the_first_and_the_other_looks(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c"))
    await entry.knows("b", "c")
    ids = await entry.accept(20)
    async with entry.running():
        await trio.sleep(10)
    for id in ids:
        said = entry.exits["b"].kept[id] + entry.exits["c"].kept[id]
        assert sorted(said) == [False, True]
    assert await entry.states() == {"handed": 20}


async def test_the_second_exit_takes_over_after_its_time(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c", peers={"c": {"after": "2h"}}))
    await entry.knows("b", "c")
    entry.links.down.add("to-b")
    ids = await entry.accept(3)
    async with entry.running():
        await trio.sleep(2 * HOUR - 60)
        assert not entry.exits["c"].kept
        await trio.sleep(120)
        assert list(entry.exits["c"].kept) == ids
        assert await entry.crossings() == {"b": {"rerouted": 3}, "c": {"handed": 3}}
        assert await entry.states() == {"handed": 3}
        entry.links.down.clear()
        await trio.sleep(HOUR)
    assert not entry.exits["b"].kept


async def test_what_may_have_come_to_the_first_exit_is_handed_over_as_such(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c", peers={"c": {"after": "2h"}}))
    await entry.knows("b", "c")
    (id,) = await entry.accept()
    async with entry.running():
        await trio.sleep(0.1)  # it was asked once, and answered
        entry.links.silent.add("to-b")
    entry.restart()
    async with entry.running():
        await trio.sleep(3 * HOUR)
    assert entry.exits["c"].kept.get(id, [True]) == [True]


async def test_of_a_spool_that_was_set_back_every_exit_looks_first(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c"))
    await entry.knows("b", "c")
    (id,) = await entry.accept()
    entry.spool._commit(lambda store: store.recover(None, doubt=True))
    async with entry.running():
        await trio.sleep(10)
    assert entry.exits["b"].kept[id] == entry.exits["c"].kept[id] == [True]
    assert await entry.states() == {"handed": 1}


async def test_the_first_exit_had_it_in_time_and_the_second_gets_nothing(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c", peers={"c": {"after": "2h"}}))
    await entry.knows("b", "c")
    await entry.accept(3)
    async with entry.running():
        await trio.sleep(3 * HOUR)
    assert await entry.crossings() == {"b": {"handed": 3}, "c": {"rerouted": 3}}
    assert not entry.exits["c"].kept


async def test_a_hundred_for_a_revoked_exit_are_reported_or_go_to_the_other(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b", "c", peers={"c": {"after": "10d"}}))
    await entry.knows("b")
    entry.links.down.add("to-b")
    alone = await entry.accept(100)
    await entry.knows("c")
    both = await entry.accept(100)
    async with entry.running():
        await trio.sleep(60)
        await entry.bundles.take("b", bundle("b", serial=NOW_AND_ONE, ended=True))
        await trio.sleep(60)
    assert await entry.states() == {"refused": 100, "handed": 100}
    assert set(entry.exits["c"].kept) == set(both) and not set(alone) & set(both)
    assert entry.offering.ended.only == {"b": 100} and not entry.exits["b"].kept


async def test_a_revoked_key_of_one_day_ends_only_what_is_sealed_to_it(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    await entry.accept()
    entry.links.down.add("to-b")
    async with entry.running():
        await trio.sleep(DAY_S)
        await entry.accept()
        revoked = tuple(one.id for one in entry.bundles.seals_to())
        assert revoked
        today = entry.bundles._held["b"].epochs[0].id
        await entry.bundles.take("b", bundle("b", serial=NOW_AND_ONE, revoked=(today,)))
        await trio.sleep(60)
        assert await entry.states() == {"refused": 1, "waiting": 1}


NOW_AND_ONE = 1_800_000_001


def test_a_crossing_has_words_for_all_that_can_become_of_it() -> None:
    assert {Sent.HANDED, Sent.EXPIRED, Sent.REFUSED, Sent.REROUTED} <= set(Sent)


class FullDisk:
    """A spool with no room to write down what became of anything."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.is_full = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spool, name)

    async def change_each(self, changes: Sequence[tuple[Row, Change]]) -> Sequence[bool]:
        if self.is_full:
            raise SpoolFull
        return await self._spool.change_each(changes)


async def test_a_full_disk_does_not_have_the_same_handed_over_all_the_time(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b")
    await entry.accept()
    entry.spool = disk = FullDisk(entry.spool)  # type: ignore[assignment]
    entry.build()
    async with entry.running():
        await trio.sleep(HOUR)
        times = [at for at, _, n in entry.links.calls if n]
        assert [round(b - a) for a, b in pairwise(times)][:6] == [1, 2, 4, 8, 16, 32]
        disk.is_full = False
        await trio.sleep(310)
    assert await entry.states() == {"handed": 1}


async def test_behind_what_has_expired_a_stick_takes_what_has_not(tmp_path: Path) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    await entry.knows("b", days=40)
    await entry.accept(3 * MOST_ENVELOPES)
    entry.clock.began = trio.current_time() - 20 * DAY_S
    ids = await entry.accept(2)
    entry.clock.began -= 12 * DAY_S
    carried = [batch async for batch in entry.forward.by_hand("b")]
    assert [look(one.envelope).id for one in carried[0].envelopes] == ids and len(carried) == 1


async def test_an_exit_with_other_keys_all_the_time_has_nobody_look_all_the_time(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry(tmp_path, entry_table("b"))
    sweeps: list[float] = []

    async def sweep() -> None:
        sweeps.append(trio.current_time())
        await trio.sleep(9)

    monkeypatch.setattr(entry.sweeping, "sweep", sweep)
    async with entry.running():
        for _ in range(100):
            entry.sweeping.ask()
            await trio.sleep(1)
    assert len(sweeps) <= 7
