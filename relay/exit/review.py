"""review -> deliver, or held: the channel's policy, or a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from relay.errors import Damaged
from relay.exit.clean import left_out
from relay.exit.guard import counted, guarded, taken_out
from relay.exit.record import Record, restore, store
from relay.exit.unseal import quarantined
from relay.model import Change, Instant, Queue, Row, State
from relay.rules.policy import Draw, Policy, due_after, held_for
from relay.wire.keys import ExitKeys

Came = Callable[[Row, Record], None]
"""Told of every message that comes to be reviewed."""

Noticed = Callable[[Record], tuple[Record, tuple[str, ...]]]
"""What the rules of the desk make of a message, and why a person must see it by them."""


def notices_nothing(record: Record) -> tuple[Record, tuple[str, ...]]:
    """Where there is no such rule."""
    return record, ()


def review(
    row: Row,
    keys: ExitKeys,
    policies: Mapping[str, Policy],
    now: Instant,
    draw: Draw,
    came: Came = lambda row, record: None,
    noticed: Noticed = notices_nothing,
) -> Change:
    """What becomes of a message: released after a random delay, or held with the reasons."""
    try:
        record = restore(row.body, keys.storage, row.id)
    except Damaged:
        return quarantined("damaged record")
    if record.message is None:
        return quarantined("damaged record")
    came(row, record)
    policy = policies.get(record.channel)
    made = record if policy is None else guarded(record, policy)
    made, more = noticed(made)
    body = None if made is record else store(made, keys.storage, row.id)
    reasons = (*reasons_for(made, policy), *more)
    if policy is None or reasons:
        return Change(Queue.REVIEW, State.HELD, due=None, why="; ".join(reasons), body=body)
    why = "; ".join(_looked_at(made, policy))
    return replace(released(policy, now, draw), why=why, body=body)


def reasons_for(record: Record, policy: Policy | None) -> tuple[str, ...]:
    """Why a person must see this message, which was guarded, most pressing first; none if nobody
    must."""
    assert record.message is not None
    reasons = held_for(record.message, policy, left_out(record))
    if policy is not None and (reasons or record.held):
        reasons += _looked_at(record, policy, held=True)
    return (*reasons, record.held) if record.held else reasons


def _looked_at(record: Record, policy: Policy, *, held: bool = False) -> tuple[str, ...]:
    """What was found in a message, for who looks at the queue. Of one that is held, what holds it
    is told as its reason."""
    assert record.message is not None
    if policy.danger == "off":
        return ()
    marked, taken = counted(record.message.marks), taken_out(record)
    if held and policy.danger != "mark":
        marked = {}
    said = [f"taken out: {', '.join(taken)}"] if taken else []
    return (*said, *([f"marked: {', '.join(marked)}"] if marked else []))


def released(policy: Policy, now: Instant, draw: Draw) -> Change:
    """On its way, by the policy or by a person's word."""
    return Change(Queue.DELIVER, State.WAITING, due=due_after(policy, now, draw))
