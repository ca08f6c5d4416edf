"""One destination as the step post knows it, and what may hold a delivery back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from relay.model import Later, Row
from relay.rules.once import OnUnsure

Holds = Callable[[Row], Awaitable[bool]]
"""Whether a delivery may not begin now: somebody has put on the brake since it was taken."""


async def nothing_holds(row: Row) -> bool:
    """There is no brake."""
    return False


Keeps = Callable[[Later], bool]
"""Whether a delivery that is told so keeps its place in the order of its destination, which waits
as a whole until then."""


def nothing_keeps(later: Later) -> bool:
    """What is told to wait lets the others go first."""
    return False


@dataclass(frozen=True, slots=True)
class Account:
    """One destination: its name, the account's id, whether it is given signed items, how long
    (seconds) one call of its bridge may take, and what that is called in the settings."""

    name: str
    id: str
    signed: bool
    on_unsure: OnUnsure
    deadline_s: float
    bridge: str = ""
