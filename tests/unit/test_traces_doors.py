"""A door that relieves another: when, what goes from hand to hand, and what is left in memory."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from relay.entry.caps import Bounds, Caps
from relay.entry.limits import Limits
from relay.model import Arrival
from relay.node.baton import Baton, Batons
from relay.node.door import FINISH_S, HAND_OVER_S, STOP_S
from relay.node.kids import Kid
from relay.node.relief import Relief
from relay.node.weary import Weary

NOW = 1_800_000_000


# ---------------------------------------------------------------- when


def weary(age: list[float]) -> Weary:
    return Weary(3, 3600.0, lambda: age[0])


def test_a_door_is_weary_after_so_many_messages() -> None:
    door = weary([0.0])
    for _ in range(2):
        door.accepted()
    assert not door
    door.accepted()
    assert door


def test_or_after_so_long_if_anybody_spoke_to_it() -> None:
    age = [0.0]
    door, unheard = weary(age), weary(age)
    door.heard()
    assert not door
    age[0] = 3600.0
    assert door and not unheard


@contextmanager
def doors(*pids: int) -> Iterator[tuple[Relief, list[Kid]]]:
    """Doors that were started one after the other."""
    relief, kids, given = Relief(), list[Kid](), list[Batons]()
    for since, pid in enumerate(pids):
        given.append(relief.made("door", kids))
        relief.began(pid)
        kids.append(Kid("door", pid, beat=-1, since=float(since)))
    try:
        yield relief, kids
    finally:
        for pid, batons in zip(pids, given, strict=True):
            relief.ended(pid)
            assert batons.after is not None
            batons.after.close()


def test_another_is_started_beside_one_that_is_tired() -> None:
    with doors(1) as (relief, kids):
        assert not relief.is_wanted(kids)
        kids[0].tired = True
        assert relief.is_wanted(kids)


def test_only_one_at_a_time_and_not_at_once_after_one_that_broke_down() -> None:
    with doors(1, 2) as (relief, kids):
        kids[0].tired = kids[1].tired = True
        assert not relief.is_wanted(kids)
        relief.broke_down()
        assert not relief.is_wanted(kids[:1])


def test_where_all_are_relieved_and_none_has_followed_one_is_started() -> None:
    with doors(1) as (relief, kids):
        kids[0].relieved = 0.0
        assert relief.is_wanted(kids)


def test_one_that_ends_is_missed_only_where_no_other_serves() -> None:
    with doors(1, 2) as (relief, kids):
        old, new = kids
        old.relieved = 0.0
        assert relief.covers(old, [new])
        assert not relief.covers(new, [old])
        assert not relief.covers(Kid("reader", 3, -1), [new])


def test_one_that_was_relieved_and_does_not_end_is_overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one waits for it before it fetches anything."""
    now = [100.0]
    monkeypatch.setattr("relay.node.kids.time.monotonic", lambda: now[0])
    serving, relieved = Kid("door", 1, -1), Kid("door", 2, -1, relieved=100.0)
    now[0] += 2 * HAND_OVER_S + FINISH_S + STOP_S
    assert not relieved.overdue
    now[0] += 60
    assert relieved.overdue and not serving.overdue


# ---------------------------------------------------------------- from hand to hand


def test_the_next_door_begins_when_the_one_before_hands_over_and_learns_what_it_knew() -> None:
    after, before = socket.socketpair()

    async def story() -> None:
        old, new = Baton(Batons(None, after)), Baton(Batons(before, None))
        assert new.comes_after and not old.comes_after
        asks = asyncio.create_task(new.ask())
        await old.asked()
        await old.give({"limits": {b"a hash": 1.5}})
        assert (await asks)["limits"] == {b"a hash": 1.5}
        took = asyncio.create_task(new.taken())
        await asyncio.sleep(0)
        assert not took.done()
        await old.give({"waiting": ["x" * 200_000]})
        assert len((await took)["waiting"][0]) == 200_000

    asyncio.run(story())
    after.close()


def test_or_when_it_is_dead() -> None:
    after, before = socket.socketpair()

    async def story() -> None:
        new = Baton(Batons(before, None))
        asks = asyncio.create_task(new.ask())
        await asyncio.sleep(0)
        after.close()
        assert (await asks, await new.taken()) == ({}, {})

    asyncio.run(story())


def test_the_first_door_waits_for_nobody() -> None:
    assert asyncio.run(Baton(Batons()).ask()) == {}


def arrival(sender: bytes) -> Arrival:
    return Arrival("phone", "sms", b"text", ("news",), sender, b"")


def test_who_was_over_a_limit_is_so_at_the_next_door() -> None:
    old, new = Limits({"phone": 2}), Limits({"phone": 2})
    assert [old.enter(arrival(b"+1"), NOW) is None for _ in range(3)] == [False, False, True]
    new.learn(old.known())
    assert new.enter(arrival(b"+1"), NOW) is None
    assert new.enter(arrival(b"+2"), NOW) is not None


def test_no_more_room_is_taken_by_way_of_another_door() -> None:
    old, new = Limits({}), Limits({})
    for limits in (old, new):
        limits.room_is(4 * 8192)  # a quarter of it is one envelope, or two
    while old.enter(arrival(b"+1"), NOW) is not None:
        pass
    new.learn(old.known())
    assert new.enter(arrival(b"+1"), NOW) is None


def test_nobody_is_answered_more_often_because_a_door_was_replaced() -> None:
    bounds = Bounds(per_day=10, per_sender=1)
    old, new = Caps(bounds), Caps(bounds)
    assert old.admits(b"+1555", NOW)
    new.learn(old.to_keep(), old.known())
    assert not new.admits(b"+1555", NOW)
    assert new.admits(b"+1556", NOW)
    assert new.used(NOW).day.used == 2


# ---------------------------------------------------------------- memory

HELD = """
import re, sys
from relay.node.sweeping import perturb, sweep

def found():
    sought, seen = re.compile(b"qz" + b"marker[0-9]+x"), set()
    for line in open("/proc/self/maps"):
        where, how = line.split()[:2]
        if "w" in how and "[v" not in line:
            start, end = (int(one, 16) for one in where.split("-"))
            with open("/proc/self/mem", "rb", 0) as mem:
                mem.seek(start)
                try:
                    seen.update(sought.findall(mem.read(end - start)))
                except OSError:
                    pass
    return len(seen)

def spoken(n):
    kept = []
    for size in (1, 10, 40, 100, 400):  # below and above what Python keeps by itself
        for i in range(n):
            kept.append(("qz" + "marker%d%dx " % (size, i)) * size)
            kept.append(kept[-1].encode())
    return kept

if sys.argv[1] == "swept":
    perturb()
kept = spoken(40)
del kept
if sys.argv[1] == "swept":
    sweep()
print(found())
"""


@pytest.mark.parametrize(("how", "least", "most"), [("left", 20, 200), ("swept", 0, 1)])
def test_what_was_freed_is_written_over(how: str, least: int, most: int) -> None:
    ran = subprocess.run([sys.executable, "-c", HELD, how], capture_output=True, timeout=60)
    assert least <= int(ran.stdout) <= most, ran.stderr
