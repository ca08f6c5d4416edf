"""The self test's schedule, and what is said of its results. Pure.

Tries are spread over the time between two of one name, and each comes a little earlier or later:
not to hide them (who watches the line sees them), but so that not all come at once, nor with what
other programs do by the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from relay.model import HOUR, Instant, hour_of

TWICE: Final = 2
"""Failures in a row from which on it is an alarm: one may be a bad minute."""

SOONEST_S: Final = 60.0
"""Seconds until something is tried again that has failed once, at least."""

LATEST_S: Final = float(HOUR)
"""The same, at most."""

State = Literal["", "works", "slow", "blocked", "waits"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What the self test found at a way in or a destination. ``state``: "" before the first try has
    ended; ``waits``: it is not tried now, or no more can be seen, and ``why`` says so.
    ``last_good`` is the hour of the last that came through (None: none ever did), ``took_s`` how
    long that one took; ``failures`` counts those in a row that did not."""

    state: State = ""
    why: str = ""
    last_good: Instant | None = None
    took_s: float | None = None
    failures: int = 0


def came(before: Tried, took_s: float, late_s: float, now: Instant) -> Tried:
    """It came through after so many seconds."""
    slow = took_s > late_s
    why = f"it took {length(took_s)}" if slow else ""
    return replace(
        before,
        state="slow" if slow else "works",
        why=why,
        last_good=hour_of(now),
        took_s=round(took_s, 1),
        failures=0,
    )


def failed(before: Tried, why: str) -> Tried:
    """It did not."""
    return replace(before, state="blocked", why=why, failures=before.failures + 1)


def waits(before: Tried, why: str) -> Tried:
    """It was not tried, or no more can be seen: nothing is known to be wrong."""
    return replace(before, state="waits", why=why, failures=0)


def going_on(before: Tried, why: str) -> Tried:
    """Something is done about it, and nothing new is known: a failure stays one."""
    return replace(before, why=why) if before.failures else waits(before, why)


def as_json(tried: Tried | None) -> Mapping[str, Any] | None:
    """As ``relay board --json`` has it; None where nothing is tried."""
    if tried is None:
        return None
    return {
        "state": tried.state,
        "last_good": tried.last_good,
        "took_s": tried.took_s,
        "why": tried.why,
    }


def alarm(name: str, tried: Tried | None, now: Instant, *, way_in: bool) -> str:
    """What an operator is told of it, with the remedy; empty while there is nothing to tell."""
    if tried is None or tried.failures < TWICE:
        return ""
    came = "no canary came through" if way_in else "no canary reached"
    since = "" if tried.last_good is None else f" for {length(max(now - tried.last_good, HOUR))}"
    by_hand = "write to it yourself" if way_in else f"try `relay destinations test {name}`"
    return f"{came} {name}{since} ({tried.why}): see `relay board`, and {by_hand}"


def length(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.0f} h"


# ---------------------------------------------------------------- when


def place_s(place: int, of: int, every_s: float) -> float:
    """How long after the first the one at this place (from 0) has its turn."""
    return every_s * place / of


def jitter_s(of: int, every_s: float, chance: float) -> float:
    """By how much a turn comes later (``chance`` from 0 to 1): a quarter of the way to the next one
    on either side, so that no two meet."""
    return (chance - 0.5) * every_s / (2 * of)


def again_s(every_s: float) -> float:
    """How long after a first failure it is tried again: a quarter of ``every``, but people wait."""
    return min(every_s, max(SOONEST_S, min(every_s / 4, LATEST_S)))


def patience_s(before: Tried, late_s: float, every_s: float) -> float:
    """How long one is waited for. A way in that is always slow is waited for as long as it takes
    (twice the last time, but not beyond the next turn): else each would be an alarm when nobody
    waits for it any more, and the end of it when it comes."""
    return max(late_s, min(2 * (before.took_s or 0.0), every_s))
