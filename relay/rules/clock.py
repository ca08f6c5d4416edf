"""When the clock of the machine is believed.

The node's time is a base and the uptime: the seconds that the machine has been on, which nobody can
set. The system's clock is looked at again and again; it offers a base of its own, its time less the
uptime. As long as that is near what is known it is followed, as a time server corrects it. Where it
jumps, nothing follows: the node goes on by its base, and what would be destroyed or begin by the
clock alone is frozen, until there is a reason to believe the new time.

Bases and uptimes are seconds; a base is since 1970.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

from relay.model import HOUR, Instant

DAY_S: Final = 24 * HOUR

FOLLOWED_S: Final = 300.0
"""How far the system's clock may be from what is known: it is followed at once. (DESIGN.md, 17)"""

STEADY_S: Final = 600.0
"""How long it must have been steady before it becomes what is known, or is believed after a jump of
at most a day."""

ALONE_S: Final = float(DAY_S)
"""The largest jump that is believed by waiting alone: a machine that was paused, a zone that was
mistaken for another. Ten years are never believed without a platform or a person."""

OFF_S: Final = 30.0 * DAY_S
"""How long a machine may have been off: after a start its clock may be so far on."""

GRAIN_S: Final = 30.0
"""A change of the offer by more begins the wait anew. Less is a poor crystal."""

FINE_S: Final = 0.05
"""Less is not followed: the time would tick back now and then."""

AGREE_S: Final = 300.0
"""A platform whose Date is that near to a clock says that it is right."""


EARLIEST: Final = 978_307_200
"""The year 2001. A clock that says less was never set: it is not believed where there is a choice,
whoever says so."""

UNKNOWN: Final = math.inf
"""Nobody has said how far what lies in the spool was moved."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies on the disk for the next start: which boot of the machine it was, the base in it,
    an hour that had begun, and by how much what lies in the spool had been moved in all."""

    boot: str
    base: float
    hour: Instant
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Belief:
    """What is known of the time."""

    base: float
    """The node's time is this and the uptime."""
    low: float
    """Bases between this and ``high`` are followed at once."""
    high: float
    offer: float
    """The base of the system's clock as it was at ``offered``, and has been since."""
    offered: float
    """Uptime."""
    frozen: float = 0.0
    """The uptime at which it was frozen; 0.0 while it is not."""
    moved: float = UNKNOWN
    """By how many seconds what lies in the spool had been moved in all when this was the base."""

    @property
    def settled(self) -> bool:
        """Whether the base was steady for long, or somebody vouched for it. Soon after the machine
        was started nobody knows how long it had been off."""
        return self.high - self.low <= 2 * FOLLOWED_S

    @property
    def jump_s(self) -> float:
        """How far the system's clock is ahead of the node's time, while it is frozen."""
        return self.offer - self.base if self.frozen else 0.0


def started(offer: float, uptime: float, boot: str, kept: Kept | None) -> Belief:
    """What a node knows when it is started.

    In the same boot of the machine: the base it had. After a boot the clock is believed if it says
    no earlier than what was kept, and at most OFF_S later; if not, the node goes on from the hour
    that was kept, which is over for certain. A first start believes the clock.
    """
    if kept is None:
        return _settled(offer, uptime)
    if boot and kept.boot == boot:
        before = replace(_settled(kept.base, uptime), offer=offer)
    else:
        last = kept.hour - uptime
        before = Belief(last, last - FOLLOWED_S, last + OFF_S, offer, uptime)
    return looked(replace(before, moved=float(kept.moved)), offer, uptime, None)


def caught_up(was: Belief, moved: int) -> Belief:
    """What a process knows when it finds by how much what lies in the spool was moved in all: where
    one before it ended between the two, the time goes on from there."""
    by = 0.0 if was.moved == UNKNOWN else moved - was.moved
    base, low, high = was.base + by, was.low + by, was.high + by
    return replace(was, base=base, low=low, high=high, moved=float(moved))


def looked(was: Belief, offer: float, uptime: float, platforms: float | None) -> Belief:
    """What is known after another look at the system's clock, which offers a base.

    ``platforms``: how many seconds the node's time is ahead of that of the platforms; None where
    none has said so since it was frozen.
    """
    if abs(offer - was.offer) > GRAIN_S:
        was = replace(was, offer=offer, offered=uptime)
    if was.low <= offer <= was.high:
        return _followed(was, offer, uptime)
    if not was.frozen:
        was = replace(was, frozen=uptime)
    if not _is_believed(was, offer, uptime, platforms):
        return was
    return replace(_settled(offer, uptime), moved=was.moved)


def is_set(base: float, uptime: float) -> bool:
    """Whether a clock can have been set at all that gives this base."""
    return base + uptime >= EARLIEST


def accepted(offer: float, uptime: float) -> Belief:
    """What is known when a person says that the system's clock is right."""
    return _settled(offer, uptime)


def cells(belief: Belief) -> Sequence[float]:
    """Its numbers, in the order of the fields."""
    return astuple(belief)


def _followed(was: Belief, offer: float, uptime: float) -> Belief:
    base = offer if abs(offer - was.base) > FINE_S else was.base
    if uptime - was.offered >= STEADY_S:
        return replace(was, base=base, low=base - FOLLOWED_S, high=base + FOLLOWED_S, frozen=0.0)
    return replace(was, base=base, frozen=0.0)


def _is_believed(was: Belief, offer: float, uptime: float, platforms: float | None) -> bool:
    if not is_set(offer, uptime):
        return False
    if not is_set(was.base, uptime):
        return True
    if platforms is not None:
        return abs(platforms + offer - was.base) <= AGREE_S
    return uptime - was.offered >= STEADY_S and abs(offer - was.base) <= ALONE_S


def _settled(base: float, uptime: float) -> Belief:
    return Belief(base, base - FOLLOWED_S, base + FOLLOWED_S, base, uptime)
