"""An exit has another name in the settings, or a name another exit: what waits is not mistaken."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.model import Change, Queue, Sent
from relay.node.crossing.following import follow
from relay.ports import Spool
from relay.wire.item import key_words
from relay.wire.primitives import signing_public
from tests.parts.crossing import Entry, entry_table, epoch, identity


async def names(entry: Entry) -> dict[str, int]:
    """How many crossings are outbound, by the name of their exit."""
    return dict(Counter(row.name for row in await entry.spool.look(queue=Queue.OUTBOUND)))


async def starts(entry: Entry) -> None:
    entry.restart()
    await follow(entry.spool, entry.bundles.identities)


async def called(entry: Entry, **others: str) -> None:
    """It starts with settings in which exits have these names, each by the one that it has."""
    table = entry_table(*others)
    for new, who in others.items():
        table["peers"][new] = entry_table(who)["peers"][who]
    again = Entry(entry.settings.base, table, entry.clock)
    entry.settings, entry.exits, entry.links = again.settings, again.exits, again.links
    await starts(entry)


def apart(name: str, who: str) -> str:
    return f"{name} ({key_words(signing_public(identity(who))).split('-')[0]})"


@pytest.fixture
async def entry(tmp_path: Path) -> Entry:
    """With three messages for each of two exits."""
    made = Entry(tmp_path, entry_table("b", "c"))
    await starts(made)
    await made.knows("b", "c")
    await made.accept(3)
    return made


async def test_what_waits_for_an_exit_goes_to_its_new_name(
    entry: Entry, autojump_clock: MockClock
) -> None:
    await called(entry, north="b", c="c")
    assert await names(entry) == {"north": 3, "c": 3}
    async with entry.running():
        await trio.sleep(5)
    assert len(entry.exits["north"].kept) == 3 and await entry.states() == {"handed": 3}


async def test_its_keys_go_with_it(entry: Entry) -> None:
    await called(entry, north="b", c="c")
    assert entry.bundles.seals_to() == (epoch("b", 0), epoch("c", 0))
    folder = entry.settings.keys / "exits"
    assert sorted(path.name for path in folder.iterdir()) == ["c.bundle", "north.bundle"]


async def test_two_exits_may_change_their_names(entry: Entry) -> None:
    row = (await entry.spool.look(queue=Queue.OUTBOUND))[0]
    assert row.name == "b"
    await entry.spool.change(row, Change(Queue.ENDED, Sent.HANDED, due=None))
    await called(entry, b="c", c="b")
    assert await names(entry) == {"b": 3, "c": 2}
    assert entry.bundles.seals_to() == (epoch("c", 0), epoch("b", 0))
    await starts(entry)
    assert await names(entry) == {"b": 3, "c": 2}
    assert not [path for path in entry.settings.keys.rglob("*.damaged")]


async def test_another_exit_of_the_same_name_is_not_given_what_it_cannot_open(
    entry: Entry, autojump_clock: MockClock
) -> None:
    await called(entry, b="d", c="c")
    assert await names(entry) == {apart("b", "b"): 3, "c": 3}
    async with entry.running():
        await trio.sleep(5)
    assert not entry.exits["b"].kept and await names(entry) == {apart("b", "b"): 3}
    await called(entry, b="d", c="c", old="b")
    assert await names(entry) == {"old": 3}


async def test_an_exit_that_was_taken_out_and_comes_back_gets_what_waits(entry: Entry) -> None:
    await called(entry, c="c")
    assert await names(entry) == {apart("b", "b"): 3, "c": 3}
    await called(entry, c="c")
    await called(entry, b="b", c="c")
    assert await names(entry) == {"b": 3, "c": 3}


async def test_who_is_gone_and_has_nothing_waiting_is_forgotten(entry: Entry) -> None:
    for row in await entry.spool.look(queue=Queue.OUTBOUND):
        await entry.spool.change(row, Change(Queue.ENDED, Sent.HANDED, due=None))
    await called(entry, c="c")
    assert signing_public(identity("b")) not in (await entry.spool.remembered())["exits"]


class Dying:
    """A spool whose process ends before it writes for the ``at``-th time."""

    def __init__(self, spool: Spool, at: int) -> None:
        self._spool = spool
        self._left = at

    def __getattr__(self, name: str) -> Any:
        if name in ("remember", "change_each"):
            if not self._left:
                raise InterruptedError
            self._left -= 1
        return getattr(self._spool, name)


@pytest.mark.parametrize("at", range(6))
async def test_a_process_that_ends_while_two_change_their_names_loses_nothing(
    entry: Entry, at: int
) -> None:
    row = (await entry.spool.look(queue=Queue.OUTBOUND))[0]
    await entry.spool.change(row, Change(Queue.ENDED, Sent.HANDED, due=None))
    one, other = signing_public(identity("b")), signing_public(identity("c"))
    with suppress(InterruptedError):
        await follow(Dying(entry.spool, at), {"b": other, "c": one})  # type: ignore[arg-type]
    await follow(entry.spool, {"b": other, "c": one})
    assert await names(entry) == {"b": 3, "c": 2}
