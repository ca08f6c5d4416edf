"""review -> deliver, or held: the channel's policy, or a person."""

from __future__ import annotations

from collections.abc import Mapping

from relay.errors import Damaged
from relay.exit.clean import left_out
from relay.exit.record import restore
from relay.exit.unseal import quarantined
from relay.model import Change, Instant, Queue, Row, State
from relay.rules.policy import Draw, Policy, due_after, held_for
from relay.wire.keys import ExitKeys


def review(
    row: Row, keys: ExitKeys, policies: Mapping[str, Policy], now: Instant, draw: Draw
) -> Change:
    """What becomes of a message: released after a random delay, or held with the reasons."""
    try:
        record = restore(row.body, keys.storage, row.id)
    except Damaged:
        return quarantined("damaged record")
    if record.message is None:
        return quarantined("damaged record")
    policy = policies.get(record.channel)
    reasons = held_for(record.message, policy, left_out(record))
    if record.held:
        reasons += (record.held,)
    if policy is None or reasons:
        return Change(Queue.REVIEW, State.HELD, due=None, why="; ".join(reasons))
    return released(policy, now, draw)


def released(policy: Policy, now: Instant, draw: Draw) -> Change:
    """On its way, by the policy or by a person's word."""
    return Change(Queue.DELIVER, State.WAITING, due=due_after(policy, now, draw))
