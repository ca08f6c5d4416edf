"""What a person chose to leave out takes effect when the message leaves the outbox, and not before:
until then all of it can be had back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from relay.errors import Asked, Damaged
from relay.exit.chosen import only_these
from relay.exit.record import Going, Record, restore, store
from relay.exit.sheet import Choice
from relay.exit.unseal import quarantined
from relay.model import Change, Instant, NewRow, Queue, Row, State
from relay.wire.keys import ExitKeys

NOWHERE = "nothing is left of where it was to go"
MEDIA_GONE = "the media that were chosen are not there any more"


def going_as(record: Record, choice: Choice) -> Record:
    """The record that remembers what was chosen."""
    going = Going(choice.chosen, choice.only, choice.without, choice.not_before)
    return replace(record, going=None if going == Going() else going)


def embargoed(record: Record, now: Instant) -> Change | None:
    """What is due too early: it was read or reviewed anew, or another time is believed by now."""
    if record.going is None or record.going.not_before <= now:
        return None
    return Change(Queue.DELIVER, State.WAITING, due=record.going.not_before)


def gone_as_chosen(
    row: Row, change: Change, deliveries: Sequence[NewRow], keys: ExitKeys, now: Instant
) -> tuple[Change, Sequence[NewRow]]:
    """The deliveries of a released message without the destinations that were left out, and the
    message without those of its media. What cannot be made so a person sees again; what goes too
    early waits."""
    if not deliveries:
        return change, deliveries
    try:
        record = restore(row.body, keys.storage, row.id)
    except Damaged:
        return quarantined("damaged record"), ()
    going = record.going
    if going is None:
        return change, deliveries
    waits = embargoed(record, now)
    if waits is not None:
        return waits, ()
    left = [one for one in deliveries if one.name not in going.without]
    if not left:
        return nowhere(), ()
    if not going.chosen:
        return change, left
    try:
        made = replace(only_these(record, going.only), going=replace(going, chosen=False, only=()))
    except Asked:
        return _held(MEDIA_GONE), ()
    return replace(change, body=store(made, keys.storage, row.id)), left


def nowhere() -> Change:
    """A person sees what has nowhere to go any more."""
    return _held(NOWHERE)


def _held(why: str) -> Change:
    return Change(Queue.REVIEW, State.HELD, due=None, why=why)
