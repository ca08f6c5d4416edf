"""What the deliveries of one message say of those that went elsewhere (``relay.exit.elsewhere``).

A delivery that went says where to in its reason, in our words, since that is what an operator is
shown as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from relay.model import Instant, Row, Sent
from relay.rules.state import GOING

_TO = "to "


def why_gone(to: str, why: str) -> str:
    """The reason on a delivery that ``to`` has instead."""
    return f"{_TO}{to}: {why}"


def went_to(delivery: Row) -> str:
    """Which destination has this one instead; empty if none has."""
    if delivery.state != Sent.REROUTED:
        return ""
    return delivery.why.removeprefix(_TO).partition(":")[0]


def where_it_went(deliveries: Sequence[Row], name: str) -> str:
    """Where what was to go to ``name`` stands or waits now, by all of its way; empty if it did not
    go elsewhere."""
    on = {one.name: went_to(one) for one in deliveries}
    at = name
    for _ in deliveries:
        at = on.get(at) or at
    return "" if at == name else at


def came_here(deliveries: Sequence[Row], name: str) -> Instant:
    """The hour in which a message went to ``name`` instead; 0 where it did not."""
    return max((one.due or 0 for one in deliveries if went_to(one) == name), default=0)


def has_room(deliveries: Sequence[Row], to: str) -> bool:
    """Whether a message may go to ``to`` instead: that has not had it, or has it still and waits
    for no person, or has posted it."""
    there = next((one for one in deliveries if one.name == to), None)
    return there is None or there.state in GOING or there.state == Sent.POSTED


def stands(deliveries: Sequence[Row], name: str) -> bool:
    """Whether it is posted there."""
    return any(one.name == name and one.state == Sent.POSTED for one in deliveries)
