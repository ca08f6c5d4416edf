"""What waits for an exit follows it, whatever ``relay.toml`` calls it.

A crossing has the name that its exit had when it came. But an exit is who signs its keys: so it is
remembered which name was of which identity. Where an identity has another name now, what waits for
it goes there. Where a name is of another identity now, that one could not open what waits for the
one before: it waits for ``north (pomuh)``, with the first word of its identity, until that exit
stands in ``[peers]`` again, its time on the road is over, or a person drops it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Damaged
from relay.model import Change, Queue, Row
from relay.ports import Spool
from relay.wire.item import key_words
from relay.wire.pack import pack, unpack

KEPT: Final = "exits"
"""Under which name it is remembered."""

PAGE: Final = 500
"""Crossings renamed in one transaction."""


@dataclass(frozen=True, slots=True)
class Known:
    """The identities of exits by the names that crossings have for them."""

    identities: dict[str, bytes] = field(default_factory=dict)


async def follow(spool: Spool, identities: Mapping[str, bytes]) -> None:
    """Give what waits the names of today; ``identities`` are those of ``[peers]``. To be done
    before anything is taken in or given away; after a crash it is done once more. Raises
    SpoolFull."""
    before = await _known(spool)
    if before == identities:
        return
    gone = {name: who for name, who in before.items() if identities.get(name) != who}
    apart = {name: _apart(name, who) for name, who in gone.items()}
    await _rename(spool, apart)  # first all of them: two exits may have changed their names
    gone = {apart[name]: who for name, who in gone.items()}
    await _remember(spool, {**identities, **gone})
    called = {who: name for name, who in identities.items()}
    await _rename(spool, {name: called[who] for name, who in gone.items() if who in called})
    waits = await _waits(spool)
    await _remember(spool, {**identities, **{n: gone[n] for n in gone if n in waits}})


def _apart(name: str, identity: bytes) -> str:
    """A name that no peer can have, since there is a blank in it."""
    return name if " " in name else f"{name} ({key_words(identity).split('-')[0]})"


async def _known(spool: Spool) -> dict[str, bytes]:
    try:
        return unpack(Known, (await spool.remembered()).get(KEPT, b"")).identities
    except Damaged:
        return {}


async def _remember(spool: Spool, identities: Mapping[str, bytes]) -> None:
    await spool.remember(KEPT, pack(Known(dict(identities))))


async def _rename(spool: Spool, names: Mapping[str, str]) -> None:
    names = {old: new for old, new in names.items() if old != new}
    after = 0
    while names and (rows := await spool.look(queue=Queue.OUTBOUND, after=after, limit=PAGE)):
        after = rows[-1].seq
        changes = [(row, _named(row, names[row.name])) for row in rows if row.name in names]
        if changes:
            await spool.change_each(changes)


def _named(row: Row, name: str) -> Change:
    return Change(row.queue, row.state, row.due, row.why, name=name, note=row.note)


async def _waits(spool: Spool) -> set[str]:
    """The exits that something waits for."""
    found: set[str] = set()
    after = 0
    while rows := await spool.look(queue=Queue.OUTBOUND, after=after, limit=PAGE):
        after = rows[-1].seq
        found.update(row.name for row in rows)
    return found
