"""The state of a submission, from the states of its deliveries.

It is waiting while a delivery may still go by itself; else held while one waits for a person; else
posted if anything of it is public, or at an entry handed if any exit keeps it. What is left was
neither: the sender's word (withdrawn) counts before our failures (expired, then refused), and an
editor's (dropped) only if there was nothing but that, so that no failure hides behind it. A
delivery that was rerouted says nothing: the one that took its place does.
"""

from __future__ import annotations

from collections.abc import Iterable

from relay.model import Sent, State

GOING = frozenset({Sent.WAITING, Sent.PREPARED, Sent.SENDING, Sent.UNSURE, Sent.STOPPED})
"""A delivery that may still go by itself. Stopped is one: it goes once its account is back."""

_ORDER = (
    (Sent.HELD, State.HELD),
    (Sent.POSTED, State.POSTED),
    (Sent.HANDED, State.HANDED),
    (Sent.WITHDRAWN, State.WITHDRAWN),
    (Sent.EXPIRED, State.EXPIRED),
    (Sent.REFUSED, State.REFUSED),
    (Sent.DROPPED, State.DROPPED),
    (Sent.REROUTED, State.HELD),  # nothing took its place: that is a person's affair
)


def state_of(deliveries: Iterable[str]) -> State:
    """The state of a submission with these deliveries (at least one). Raises ValueError for a
    state that no delivery has."""
    states = {Sent(state) for state in deliveries}
    if states & GOING:
        return State.WAITING
    for sent, state in _ORDER:
        if sent in states:
            return state
    raise ValueError("a submission without deliveries has a state of its own")
