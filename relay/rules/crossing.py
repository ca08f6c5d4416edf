"""What becomes of the crossings of one envelope: of each exit that it goes to, one.

::

    waiting -> sending -> handed        offered to its exit, and durable there
       |          |-----> expired       its time on the road was over before
       |          '-----> refused       its exit was revoked, or it was damaged here
       '----------------> rerouted      another exit has it, and this one was offered nothing

An envelope that another exit has, or may have, is handed over as such: the exit that gets it then
looks before it posts. Which of two that are offered it at the same time is the first one is decided
once, and kept with the crossing (the note AFTER): else both would look, find nothing, and post.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from typing import Final

from relay.model import AFTER, SET_BACK, Change, Instant, Queue, Row, Sent

OFFERED: Final = frozenset({Sent.SENDING, Sent.UNSURE})
"""Nobody knows whether it came there: after a restart it is unsure what was being sent."""

GOES: Final = frozenset({Sent.WAITING, *OFFERED})
"""A crossing that may go still."""


def is_after(message: Row, crossing: Row, others: Iterable[Row]) -> bool:
    """Whether another exit has this envelope before, as far as anybody can tell: in a spool older
    than what went out since nobody can."""
    if message.note == SET_BACK:
        return True
    counts = {Sent.HANDED} if Sent(crossing.state) in OFFERED else {Sent.HANDED, *OFFERED}
    return crossing.note == AFTER or any(Sent(other.state) in counts for other in others)


def may_be_there(crossing: Row, others: Collection[Row]) -> bool:
    """Whether an exit can have what it says it has. What goes to several is durably said to be
    offered before it is: of anything else it knows no more than the id, which is read on the road,
    and it is not to keep it from the others."""
    return not others or crossing.state in OFFERED


def offered(crossing: Row, *, after: bool) -> Change:
    """A crossing of several is about to be given away; durable before it is."""
    return Change(Queue.OUTBOUND, Sent.SENDING, crossing.due, note=AFTER if after else b"")


def handed(
    crossing: Row, others: Iterable[Row], takers: Container[str]
) -> list[tuple[Row, Change]]:
    """An exit has it: those that would take over, ``takers``, need not if nothing of it was offered
    to them yet; and where it was one of these that took it, nobody else need. What goes to several
    exits at once goes to all of them."""
    ended = Change(Queue.ENDED, Sent.REROUTED, due=None, why="another exit has it")
    rest = [
        (one, ended)
        for one in others
        if one.state == Sent.WAITING and (one.name in takers or crossing.name in takers)
    ]
    return [(crossing, Change(Queue.ENDED, Sent.HANDED, due=None)), *rest]


def refused(crossing: Row, others: Iterable[Row], why: str) -> list[tuple[Row, Change]]:
    """An exit is to get nothing any more: the others get it now, and not only after a while."""
    at_once = [
        (one, Change(Queue.OUTBOUND, Sent.WAITING, due=one.hour, note=one.note))
        for one in others
        if one.state == Sent.WAITING and one.due != one.hour
    ]
    return [(crossing, Change(Queue.ENDED, Sent.REFUSED, due=None, why=why)), *at_once]


def expired(crossing: Row) -> tuple[Row, Change]:
    """Its time on the road is over."""
    return crossing, Change(Queue.ENDED, Sent.EXPIRED, due=None, why="its time on the road is over")


def due_at(now: Instant, hour: Instant, after_s: int, drawn: float) -> Instant:
    """When a crossing is due that goes to its exit after so many seconds only. ``hour`` is that of
    its arrival, ``drawn`` from 0 to 1: up to an hour later, and never by more than as long again,
    so that what lies on the disk does not tell when somebody wrote."""
    return now + after_s + int(min(after_s, 3600) * drawn) if after_s else hour
