"""What to do about an attempt whose end nobody knows. It is never repeated blindly.

``exact``: the same bytes again, at once. ``exact`` for t seconds: the same within t of the first
attempt, afterwards as ``lookup``. ``lookup``: ask the platform after 30 s and again 10 min after
that (listings lag); two strong "absent" allow one resend. ``none``: a person decides, unless the
operator chose ``on_unsure = "resend_once"``.

Of what another node may have posted, and this one has not tried, the same holds; but it is exact
only where the bridge says so of two nodes (``Once.everywhere``), and else looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from relay.model import Absent, Found, Instant, Lookup, Once

FIRST_LOOK_S = 30
SECOND_LOOK_S = 600
LOOKS_UNKNOWN = 10
"""Answers of "unknown" in a row (about 1 h 40 min of asking) after which a person is asked."""

OnUnsure = Literal["hold", "resend_once"]


@dataclass(frozen=True, slots=True)
class Resend:
    """Send the same bytes again now."""


@dataclass(frozen=True, slots=True)
class Look:
    """Ask the platform at this instant."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Hold:
    """Nobody can tell: a person decides."""

    why: str


Doubt = Resend | Look | Hold


def again_at(n: int, now: Instant) -> Instant:
    """When the same bytes are sent again after ``n`` doubtful attempts: at once, then after 1 s,
    2 s, 4 s ... an hour, so that a platform that always breaks off is not hammered."""
    return now if n < 2 else now + min(3600, 2 ** min(n - 2, 12))


def in_doubt(
    once: Once,
    *,
    first: Instant,
    now: Instant,
    resent: bool,
    on_unsure: OnUnsure,
    elsewhere: bool = False,
) -> Doubt:
    """What follows an attempt that ended unsure; ``first`` is when the first one began. Where that
    is yet to come another time is believed since, and nobody knows how long ago it was. With
    ``elsewhere`` it was another node's, and ``first`` the earliest that it can have been."""
    exact = once.means == "exact" and (once.everywhere or not elsewhere)
    if exact and (once.exact_for_s is None or abs(now - first) < once.exact_for_s):
        return Resend()
    if once.means != "none":
        return Look(now + FIRST_LOOK_S)
    if on_unsure == "resend_once" and not resent:
        return Resend()
    return Hold("unsure: nobody can tell whether it was posted")


def looked(lookup: Lookup, *, absent: int, unknown: int, resent: bool, now: Instant) -> Doubt:
    """What follows a look-up that found nothing, with ``absent`` strong and ``unknown`` other
    answers so far, this one included."""
    if isinstance(lookup, Found):
        raise ValueError("found: there is no doubt left")
    if isinstance(lookup, Absent) and lookup.strong:
        if absent < 2:
            return Look(now + SECOND_LOOK_S)
        return Hold("unsure: not found after a second try") if resent else Resend()
    if unknown >= LOOKS_UNKNOWN:
        return Hold("unsure: the platform does not tell whether it was posted")
    return Look(now + SECOND_LOOK_S)
