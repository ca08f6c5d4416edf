"""deliver -> post, of a correction: it goes where the first text stands, and nowhere else.

What of the first has not been prepared yet is given the whole text, and goes out with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from relay.errors import Damaged, SpoolFull
from relay.exit.going import embargoed, nowhere
from relay.exit.kin import rows_of
from relay.exit.progress import Progress, progressed, thaw
from relay.exit.record import CORRECTION, Record, restore, store
from relay.exit.standing import Stand
from relay.model import (
    AFTER,
    PERHAPS_PUBLIC,
    SHARED,
    Change,
    Instant,
    NewRow,
    Queue,
    Row,
    Sent,
    State,
)
from relay.ports import Spool
from relay.wire.keys import ExitKeys

DROPPED_MEANWHILE: Final = "the text before it was dropped"


async def assigned(
    row: Row,
    change: Change,
    deliveries: Sequence[NewRow],
    spool: Spool,
    keys: ExitKeys,
    now: Instant,
) -> tuple[Change, Sequence[NewRow]]:
    """What becomes of a released message, and its deliveries; of a correction those that go where
    the first stands. Where that stands nowhere it is a message like others: unless somebody has
    taken the first back, or dropped it after the last person saw this one."""
    if row.note in (AFTER, SHARED):
        deliveries = _with_others(row, deliveries, keys)
    if not deliveries or not (row.note == CORRECTION or row.note in PERHAPS_PUBLIC):
        return change, deliveries
    record = opened(row, row.body, keys)
    if record is None or record.corrects is None:
        return change, deliveries
    waits = embargoed(record, now)
    if waits is not None:
        return waits, ()
    rows = await rows_of(spool, record.corrects)
    places = dict.fromkeys(one.name for one in rows[1:] if _stands(one, keys))
    states = {one.state for one in rows}
    if not places and State.WITHDRAWN in states:
        return Change(Queue.ENDED, State.WITHDRAWN, due=None, body=b""), ()
    if not places and State.DROPPED in states and not record.held:
        body = store(replace(record, held=DROPPED_MEANWHILE), keys.storage, row.id)
        why = DROPPED_MEANWHILE
        return Change(Queue.REVIEW, State.HELD, due=None, why=why, body=body), ()
    if not places:
        return await _as_the_first(change, deliveries, rows, spool, keys)
    await _put_right(rows[0], record, spool, keys)
    if record.hides:
        await _unprepared(rows[1:], spool, keys)
    dues = {one.name: one.due for one in deliveries}
    going = Progress(corrects=True, revision=record.revision)
    note = progressed(going, keys.storage, row.id)
    any_of = deliveries[0]
    return change, [
        replace(any_of, name=name, due=dues.get(name, any_of.due), note=note) for name in places
    ]


def _with_others(row: Row, deliveries: Sequence[NewRow], keys: ExitKeys) -> Sequence[NewRow]:
    """Deliveries of what another exit has too, or may have."""
    progress = Progress(elsewhere=True, ours=row.note == SHARED, open=row.note == AFTER)
    note = progressed(progress, keys.storage, row.id)
    return [replace(one, note=note) for one in deliveries]


async def _as_the_first(
    change: Change,
    deliveries: Sequence[NewRow],
    rows: Sequence[Row],
    spool: Spool,
    keys: ExitKeys,
) -> tuple[Change, Sequence[NewRow]]:
    """It goes like others, but not where a person did not want the first."""
    first = opened(rows[0], await spool.body(rows[0].seq), keys) if rows else None
    without = first.going.without if first is not None and first.going is not None else ()
    left = [one for one in deliveries if one.name not in without]
    return (change, left) if left else (nowhere(), ())


def _stands(delivery: Row, keys: ExitKeys) -> bool:
    """Whether something of it is public, or will be."""
    if delivery.queue != Queue.ENDED or delivery.state == Sent.POSTED:
        return True
    try:
        return delivery.state != Sent.WITHDRAWN and bool(thaw(delivery, keys.storage).refs)
    except Damaged:
        return False


async def _put_right(first: Row, correction: Record, spool: Spool, keys: ExitKeys) -> None:
    """Give the whole text to the first message: what of it has not been prepared yet goes out with
    it. Where that does not succeed it goes out as it was, and is corrected there."""
    record = opened(first, await spool.body(first.seq), keys)
    if record is None or record.revision >= correction.revision:
        return
    right = replace(
        record,
        message=correction.message,
        written=correction.written,
        theirs=correction.theirs,
        pieces=correction.pieces,
        revision=correction.revision,
    )
    body = store(right, keys.storage, first.id)
    change = Change(first.queue, first.state, due=first.due, why=first.why, body=body)
    with contextlib.suppress(SpoolFull):
        await spool.change(first, change)


async def _unprepared(deliveries: Sequence[Row], spool: Spool, keys: ExitKeys) -> None:
    """Nobody is to see the first text: where it was prepared, and nothing of it is public or in
    doubt, it is prepared anew from the text that was put right."""
    for row in deliveries:
        try:
            stand = Stand(row, thaw(row, keys.storage))
        except Damaged:
            continue
        progress = stand.progress
        if not stand.goes or stand.in_doubt or progress.refs or not progress.n:
            continue
        note = progressed(replace(progress, n=0, kept=b""), keys.storage, row.id)
        anew = Change(row.queue, row.state, due=row.due, why=row.why, note=note, body=b"")
        with contextlib.suppress(SpoolFull):
            await spool.change(row, anew)


def opened(row: Row, body: bytes, keys: ExitKeys) -> Record | None:
    """What a row holds; None where nothing is kept of it, or nothing that can be read."""
    try:
        return restore(body, keys.storage, row.id)
    except Damaged:
        return None
