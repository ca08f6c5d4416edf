"""drop and hold, at the desk: nothing is destroyed, so that both can be undone for a while."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relay.errors import Asked
from relay.exit.moving import MAY_GO
from relay.exit.sheet import Line, with_line
from relay.exit.withdraw import stands_whole
from relay.model import Change, Queue, Sent, State, hour_of
from relay.node.desk.deed import Deed, Plan, moving
from relay.node.desk.messages import Seen
from relay.node.desk.publishing import is_held, let_stand

DROPPED: Final = "dropped at the desk"
HELD: Final = "held at the desk"

_OPENING: Final = (Queue.READ, Queue.CLEAN, Queue.REVIEW, Queue.DELIVER)
_UNDER_WAY: Final = (Sent.WAITING, Sent.PREPARED, Sent.UNSURE, Sent.STOPPED, Sent.HELD)


async def drop(seen: Seen, deed: Deed, why: str) -> Plan:
    """End what of it is not public; what is public stays, also where its sender wants it back.
    ``why`` is kept as a note. Raises Asked."""
    if why:
        note = Line(deed.by, hour_of(deed.now), why, deed.name)
        seen = replace(seen, sheet=replace(seen.sheet, notes=with_line(seen.sheet.notes, note)))
    if seen.row.queue in _OPENING:
        ended = Change(Queue.ENDED, State.DROPPED, due=None, why=DROPPED)
        return moving(seen, deed, [(seen.row, ended)])
    stands = [row for row in seen.whole.deliveries if stands_whole(row)]
    if stands:
        return let_stand(seen, deed, stands)
    left = [row for row in seen.whole.deliveries if row.state in _UNDER_WAY]
    if not left:
        raise Asked("all of it has ended; what is public stays public")
    dropped = Change(Queue.ENDED, Sent.DROPPED, due=None, why=DROPPED)
    return moving(seen, deed, [(row, dropped) for row in left])


async def hold(seen: Seen, deed: Deed) -> Plan:
    """Keep it from being posted, until somebody lets it go. Raises Asked."""
    if is_held(seen.row):
        raise Asked("it is held already")
    if seen.row.queue in (Queue.REVIEW, Queue.DELIVER):
        held = Change(Queue.REVIEW, State.HELD, due=None, why=HELD)
        return moving(seen, deed, [(seen.row, held)])
    left = [row for row in seen.whole.deliveries if row.state in MAY_GO]
    if not left:
        raise Asked("everything of it is posted or under way, or has ended")
    held = Change(Queue.POST, Sent.HELD, due=None, why=HELD)
    return moving(seen, deed, [(row, held) for row in left])
