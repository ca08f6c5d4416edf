"""A person puts right what is public: a submission of the desk itself, that corrects another one.

It is put like any other, is counted as accepted, and has exactly one end. What it says goes
wherever the first text stands (``relay.exit.correct``), whichever of the texts a person had before
them: all of them are one, and each new one has the next number.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.errors import Asked, Damaged
from relay.exit.kin import kin_of, rows_of
from relay.exit.record import CORRECTION, First, Record, restore, store
from relay.exit.unseal import join_names
from relay.model import Instant, NewRow, Queue, Row, Sent, State, hour_of
from relay.ports import Spool
from relay.wire.keys import ExitKeys
from relay.wire.names import correction_name

DESK: Final = "desk"
"""The transport of what the desk itself submits."""

NEVER_PUBLIC: Final = "nothing of it is with a platform yet: hold it, and put it in other words"
TAKEN_BACK: Final = "it was taken back, or is just being taken back"
PURGED: Final = "the text before it was purged, and cannot be found any more"

_SAID: Final = (Queue.DELIVER, Queue.ASSIGNED, Queue.ENDED)
_ENDED: Final = {Sent.WITHDRAWN, Sent.DROPPED, Sent.EXPIRED, Sent.REFUSED}
_UNSAID: Final = (State.DROPPED, State.JOINED, State.QUARANTINED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True, repr=False)
class Versions:
    """All texts of one message: the first as a correction names it, its deliveries, the newest of
    those that were released, and the highest number there is."""

    first: First
    deliveries: Sequence[Row]
    newest: Record
    revision: int


async def versions_of(spool: Spool, keys: ExitKeys, message: Row, record: Record) -> Versions:
    """All texts of this message, of which ``record`` was kept. Raises Asked where nothing of it is
    public or will be, or where its first text is not there any more."""
    first = record.corrects or First(message.id, message.seq, record.secret)
    rows = await rows_of(spool, first)
    if not rows:
        raise Asked(PURGED)
    _check(rows)
    others = [one for one in await kin_of(spool, keys, message) if one.seq != message.seq]
    found = [(message, record)]
    for row in others:
        opened = await _opened(spool, keys, row)
        if opened is not None:
            found.append((row, opened))
    said = [one for row, one in found if row.queue in _SAID and row.state not in _UNSAID]
    newest = max(said or [record], key=lambda one: one.revision)
    return Versions(first, rows[1:], newest, max(one.revision for _, one in found))


def amendment(versions: Versions, made: Record, *, hides: bool) -> Record:
    """What the desk submits: the words of ``made`` (which is the newest text, changed). Nothing of
    who wrote the first goes along."""
    return replace(
        made,
        secret=secrets.token_bytes(32),
        transport=DESK,
        author_tags=(),
        network_tags=(),
        content=b"",
        return_token=b"",
        answer_key=b"",
        code="",
        answers=(),
        sender="",
        replies=(),
        corrects=versions.first,
        revision=versions.revision + 1,
        held="",
        hides=hides,
        going=None,
    )


def amending(
    record: Record, id: bytes, keys: ExitKeys, now: Instant, queue: Queue, state: State, why: str
) -> NewRow:
    """The row to put. Its id is its repeat key as well: the same deed twice is one."""
    assert record.corrects is not None
    names = (
        correction_name(keys.desk_secret, record.corrects.id),
        *join_names(record, keys.desk_secret),  # a part that comes late is a part of this as well
    )
    return NewRow(
        queue,
        state,
        id,
        hour_of(now),
        due=now if queue == Queue.DELIVER else None,
        name=record.channel,
        why=why,
        note=CORRECTION,
        body=store(record, keys.storage, id),
        keys=(id,),
        names=names,
    )


def _check(rows: Sequence[Row]) -> None:
    """Whether the first text stands anywhere, or will. Raises Asked."""
    states = {one.state for one in rows[1:]}
    if rows[0].queue not in (Queue.ASSIGNED, Queue.ENDED) or not states:
        raise Asked(NEVER_PUBLIC)
    if states == {Sent.WITHDRAWN}:
        raise Asked(TAKEN_BACK)
    if states <= _ENDED and not any(one.note for one in rows[1:]):
        raise Asked(NEVER_PUBLIC)


async def _opened(spool: Spool, keys: ExitKeys, row: Row) -> Record | None:
    try:
        body = await spool.body(row.seq)
        record = restore(body, keys.storage, row.id) if body else None
    except Damaged:
        return None
    return record if record is not None and record.message is not None else None
