"""undo: what a deed has moved stands again as it stood, as long as nothing else has moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from relay.errors import Asked
from relay.exit.record import store
from relay.exit.sheet import Decided, Moved, Stood
from relay.model import Change, Queue, Row, State
from relay.node.desk.deed import Deed, Plan
from relay.node.desk.messages import Messages, Seen

LATE: Final = "it is too late to undo it"
GONE_ON: Final = "it has gone on since: it cannot be undone any more"
NOTHING: Final = "there is nothing left to undo"
NOT_YOURS: Final = "somebody else did that: who held or dropped it may undo it"


class Undoing:
    """Undoes deeds of one node."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def plan(self, seen: Seen, deed: Deed, of: bytes) -> Plan:
        """What becomes of a message that the deed ``of`` has moved, or that somebody has agreed to
        by it. Raises Asked."""
        decided = seen.sheet.decided
        if decided is None or decided.deed != of:
            return _taken_back(seen, deed, of)
        if deed.now >= decided.until:
            raise Asked(LATE)
        if decided.handle != deed.by and decided.what != "publish":
            raise Asked(NOT_YOURS)
        changes = [
            *self._own(seen, decided),
            *await self._others(seen, decided),
        ]
        moved = {one.seq for one in decided.rows}
        equals = tuple(seq for seq in seen.sheet.equals if seq not in moved)
        sheet = replace(seen.sheet, decided=None, approvals=(), equals=equals, undone=of)
        return Plan(changes, sheet, len(changes))

    def _own(self, seen: Seen, decided: Decided) -> list[tuple[Row, Change]]:
        """It, and its deliveries, as they stood. All of them, or it has gone on."""
        rows = {row.seq: row for row in seen.rows}
        own = [(rows[one.seq], one) for one in decided.rows if one.seq in rows]
        if not own or not all(_stands(row, one) for row, one in own):
            raise Asked(GONE_ON)
        return [(row, self._back(seen, row, one)) for row, one in own]

    def _back(self, seen: Seen, row: Row, moved: Moved) -> Change:
        change = as_before(moved)
        if row.seq != row.root or seen.record.going is None:
            return change
        whole = replace(seen.record, going=None)
        return replace(change, body=store(whole, self._messages.keys.storage, row.id))

    async def _others(self, seen: Seen, decided: Decided) -> Sequence[tuple[Row, Change]]:
        """Equal messages that ended with it, but for those that something has moved since."""
        own = {row.seq for row in seen.rows}
        moved = {one.seq: one for one in decided.rows if one.seq not in own}
        rows = await self._messages.rows(list(moved))
        return [(row, as_before(moved[row.seq])) for row in rows if _stands(row, moved[row.seq])]


def as_before(moved: Moved) -> Change:
    """The change that undoes one. What was let go after it had ended beside an equal one a person
    sees: that one may be gone."""
    before = moved.before
    if before.state == State.JOINED:
        return Change(Queue.REVIEW, State.HELD, due=None, why=before.why)
    return Change(before.queue, before.state, due=before.due, why=before.why)


def _stands(row: Row, moved: Moved) -> bool:
    """Whether a row is as the deed has left it. When something ended is told by its due time, and
    a clock may be moved: neither says that anybody has decided anything. How a message stands that
    has deliveries, these say."""
    if row.seq == row.root and moved.before.queue == moved.after.queue:
        return row.why == moved.after.why
    now = Stood(row.queue, str(row.state), moved.after.due, row.why)
    return now == moved.after and (row.queue != Queue.ENDED or row.due is not None)


def _taken_back(seen: Seen, deed: Deed, of: bytes) -> Plan:
    """Without the approval that was given by a deed."""
    left = tuple(one for one in seen.sheet.approvals if one.deed != of or one.handle != deed.by)
    if left == seen.sheet.approvals:
        raise Asked(NOTHING)
    return Plan((), replace(seen.sheet, approvals=left, undone=of), 1)
