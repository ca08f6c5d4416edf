"""A clock that is not believed, in words for an operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.model import HOUR, Instant

YEAR_S: Final = 31_556_952  # 365.2425 days
DAY_S: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Jump:
    """The system's clock is ``seconds`` ahead of the node's time (below 0: behind), since an hour
    of that. ``at_start``: not since it jumped, but since the machine was started."""

    seconds: int
    since: Instant
    at_start: bool = False


def jumped(jump: Jump) -> str:
    """What happened, and since when."""
    by = length(abs(jump.seconds))
    hour = f"{jump.since // HOUR % 24:02}h UTC"
    if jump.at_start:
        way = "ahead of" if jump.seconds > 0 else "behind"
        return f"the clock of this machine is {by} {way} what this node last knew, since {hour}"
    way = "ahead" if jump.seconds > 0 else "back"
    return f"the clock of this machine jumped {way} by {by} at {hour}"


def alarmed(jump: Jump) -> str:
    """The same with what it means and the remedy."""
    means = "nothing expires and no window begins until it is set right"
    return f"{jumped(jump)}: {means} or you say `relay clock accept`"


def length(seconds: int) -> str:
    """How long that is, in the largest unit of which there are two, or in minutes."""
    for unit, of_it in (("years", YEAR_S), ("days", DAY_S), ("h", HOUR)):
        if seconds >= 2 * of_it - of_it // 20:
            return f"{round(seconds / of_it)} {unit}"
    return f"{round(seconds / 60)} min"
