"""One deed, and how it is carried out on one message: planned on what is there, written in one go.

The plan is made of a message as it is at that moment, and written only if it is so still: else it
is made anew. A crash comes before the one commit or after it, and what the sheet says of the deed
is in that commit: done again, it finds itself done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from relay.errors import Asked
from relay.exit.sheet import Decided, Moved, Sheet, Stood
from relay.model import Change, Instant, Row
from relay.node.desk.messages import BUSY, Changing, Messages, Seen

UNDONE: Final = frozenset({"publish", "drop", "hold"})
"""Deeds that can be undone, and so are found again."""

UNDONE_SINCE: Final = "that was done, and undone: load the page again"

TRIES: Final = 20
"""How often a plan is made anew, since a step changed the message meanwhile."""

AGAIN_S: Final = 0.05
"""Seconds between two of these: a step that holds a row has ended with it by then."""


@dataclass(frozen=True, slots=True, repr=False)
class Deed:
    """What somebody does: its word, who does it, by what its messages are found again, when it was
    asked for, and until when it can be undone."""

    word: str
    by: str
    name: bytes
    now: Instant
    until: Instant


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What becomes of rows, and of the sheet; ``changed`` is told to who asked. ``waits``: it is an
    approval, and nothing moves before a second person."""

    changes: Changing
    sheet: Sheet
    changed: int
    waits: bool = False


Planner = Callable[[Seen], Awaitable[Plan]]
"""Raises Asked where there is nothing to do, or it may not be done."""


async def carry_out(messages: Messages, seen: Seen, deed: Deed, planner: Planner) -> Plan:
    """Do a deed to one message as it was just seen, once. Raises Asked."""
    for _ in range(TRIES):
        before = done_before(seen, deed)
        if before is not None:
            return before
        plan = await planner(seen)
        names = (deed.name,) if deed.word in UNDONE else ()
        if await messages.change(seen, plan.changes, plan.sheet, names):
            return plan
        await trio.sleep(AGAIN_S)
        seen = await messages.seen(seen.row.seq)
    raise Asked(BUSY)


def done_before(seen: Seen, deed: Deed) -> Plan | None:
    """What this deed has done to a message already, in a process before this one. Raises Asked
    where it was undone since."""
    sheet, name = seen.sheet, deed.name
    if sheet.undone == name:
        raise Asked(UNDONE_SINCE)
    if sheet.decided is not None and sheet.decided.deed == name:
        return Plan((), sheet, len(sheet.decided.rows))
    if any(one.deed == name for one in sheet.approvals):
        return Plan((), sheet, 0, waits=True)
    if any(one.deed == name for one in (*sheet.notes, *sheet.questions)):
        return Plan((), sheet, 1)
    return None


def moving(seen: Seen, deed: Deed, changes: Sequence[tuple[Row, Change]]) -> Plan:
    """The plan that moves rows, and can be undone. Whoever agreed to something before has to agree
    anew."""
    rows = tuple(Moved(row.seq, _stood(row), _stands(to)) for row, to in changes)
    decided = Decided(deed.name, deed.by, deed.word, deed.until, rows)
    return Plan(changes, replace(seen.sheet, approvals=(), decided=decided), len(changes))


def _stood(row: Row) -> Stood:
    return Stood(row.queue, str(row.state), row.due, row.why)


def _stands(to: Change) -> Stood:
    return Stood(to.queue, str(to.state), to.due, to.why)
