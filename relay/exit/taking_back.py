"""A correction that hides: what stood there is taken back before the new text is posted.

Where a platform shows what a post said before it was changed, a change hides nothing. So each post
of the earlier texts is removed, the newest first and a thread from its last part, and only then is
the new text posted: people never see two of them, and for a moment they see none.

To remove is repeated at will, so a process that dies in it removes once more. What was removed is
noted on its own deliveries in the transaction that lets the new one be posted; from there on that
is a post like any other, and posted once. What cannot be removed stays, is noted, and is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from relay.exit.asking import removed
from relay.exit.progress import Progress, progressed
from relay.exit.standing import Stand, Stands
from relay.model import Change, Later, Queue, Removed, Row, Sent, Stopped
from relay.ports import Bridge
from relay.wire.keys import ExitKeys

OVERTAKEN = "a later text has taken its place"


@dataclass(frozen=True, slots=True)
class Cleared:
    """All that could be removed is gone; ``stays`` are the refs of what could not."""

    stays: frozenset[str]


async def cleared(bridge: Bridge, stands: Stands, deadline_s: float) -> Cleared | Later | Stopped:
    """Remove every post of the texts before; by its deadline each. To repeat it does no harm."""
    stays: set[str] = set()
    for ref in _refs(stands.before):
        removal = await removed(bridge, ref, deadline_s)
        if isinstance(removal, Later | Stopped):
            return removal
        if not isinstance(removal, Removed):
            stays.add(ref)
    return Cleared(frozenset(stays))


def changes(row: Row, progress: Progress, stands: Stands, done: Cleared, keys: ExitKeys) -> Changes:
    """What follows, in one transaction: the earlier deliveries name only what stays, and this one
    is posted next. It goes with the media that the first went with: a person has seen these."""
    first = stands.first.progress
    nameless = any(_is_nameless(one) for one in stands.before)
    mine = replace(
        progress,
        changing=False,
        taken=True,
        stays=bool(done.stays) or nameless,
        unfit=True,
        bare=progress.bare or first.bare,
    )
    note = progressed(mine, keys.storage, row.id)
    change = Change(Queue.POST, row.state, due=row.due, why=row.why, note=note)
    others = [
        (one.row, _without(one, done, keys, first=one is stands.first))
        for one in stands.before
        if one.progress.refs or one.goes
    ]
    return Changes(change, others)


@dataclass(frozen=True, slots=True, repr=False)
class Changes:
    """Of this delivery, and of those before it."""

    own: Change
    others: Sequence[tuple[Row, Change]]


def _without(one: Stand, done: Cleared, keys: ExitKeys, *, first: bool) -> Change:
    """What is to be posted still is not; the first text counts as posted, since its corrections
    go where it was."""
    row = one.row
    left = tuple(ref for ref in one.progress.refs if ref in done.stays)
    now = replace(one.progress, refs=left, replaced=not left)
    note = progressed(now, keys.storage, row.id)
    if one.goes:
        state = Sent.POSTED if first else Sent.DROPPED
        return Change(Queue.ENDED, state, due=None, why=OVERTAKEN, note=note, body=b"")
    return Change(row.queue, row.state, due=row.due, why=row.why, note=note)


def _refs(stands: Sequence[Stand]) -> Iterator[str]:
    """What they are called there, each once: the newest first."""
    all_of_them = (ref for one in reversed(stands) for ref in reversed(one.progress.refs))
    yield from dict.fromkeys(all_of_them)


def _is_nameless(one: Stand) -> bool:
    """Whether it is public, and nobody knows how it is called there: a person found it."""
    return one.row.state == Sent.POSTED and not (one.progress.refs or one.progress.replaced)
