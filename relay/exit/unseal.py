"""inbox -> read: open an envelope, and take it into custody.

Whether it is a repeat was told when it was put (its repeat keys, or its name), and its expiry is
judged when an envelope enters an inbox, never while it waits there: a node that was locked for
weeks expires nothing. Here remain: is it whole, and is it ours?
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from relay.errors import Damaged, NotMine
from relay.exit.record import Record, store
from relay.model import SHARED, Change, Kind, Queue, Row, State
from relay.rules.join import JOINED, MOST_BYTES
from relay.wire.envelope import look, name_of, open_envelope
from relay.wire.keys import ExitKeys
from relay.wire.names import join_name

SEGMENT = "a part of a long SMS"
"""Why a row waits to be joined with others, before anything of it is read."""


def unseal(row: Row, keys: ExitKeys) -> Change:
    """What becomes of an envelope: a record to read, or quarantine."""
    try:
        opened = open_envelope(row.body, keys.keyring)
        header = look(row.body)
        if row.id not in (opened.id, name_of(row.body)):
            raise Damaged
    except NotMine:
        return quarantined("sealed to other keys")
    except Damaged:
        return quarantined("damaged envelope")
    inside = opened.inside
    record = Record(
        opened.secret,
        cast(Kind, inside.kind),
        inside.transport,
        inside.channel,
        inside.flags,
        inside.author_tags,
        inside.network_tags,
        inside.content,
        segment=inside.segment,
        segments=inside.segments,
        join_keys=inside.join_keys,
        return_token=inside.return_token,
        answer_key=inside.answer_key,
        code=inside.code,
        since=header.arrival,
    )
    body = store(record, keys.storage, row.id)
    shared = len(header.key_ids) > 1 and not row.note
    names = tuple(join_names(record, keys.desk_secret))
    return Change(
        Queue.READ,
        State.WAITING,
        due=0,
        why=SEGMENT if names else "",
        name=inside.channel,
        body=body,
        names=names,
        note=SHARED if shared else None,
    )


def join_names(record: Record, desk_secret: bytes) -> Iterator[bytes]:
    """By what the other segments of the same SMS are found; none for what came whole, or for a
    segment that cannot be one. A record that was joined keeps its names."""
    if len(record.content) > MOST_BYTES and not record.pieces:
        return
    if record.segments > 1 and record.kind in JOINED:
        for key in record.join_keys:
            yield join_name(desk_secret, record.channel, key)


def quarantined(why: str) -> Change:
    """Set aside, its bytes kept, until it is purged or tried again by an operator."""
    return Change(Queue.ENDED, State.QUARANTINED, due=None, why=why)
