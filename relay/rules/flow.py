"""How much came and went in an hour, and how long it took: counts, and nothing else.

Times are counted in a few coarse steps. They are for an operator who wants to see whether the node
or its people keep up, and tell as little as that needs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from relay.model import Instant

Step = Literal["accept", "review", "post"]
"""What takes time: from a door to the disk, from the reading to a person's word, from the release
to the platform."""

STEPS: Final[dict[Step, tuple[float, ...]]] = {
    "accept": (0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60),
    "review": (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400),
    "post": (60, 300, 900, 1800, 3600, 3 * 3600, 12 * 3600, 86400),
}
"""Upper ends of the steps, in seconds; what took longer than the last one is one more."""

MOST_NAMES: Final = 100
"""Names of which each is counted by itself; settings have fewer."""

OTHERS: Final = "others"

SIZE: Final = 9
"""Counts of each kind of time: the steps, and what took longer."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What was counted in one hour. ``came`` by transport, ``posted`` by destination; ``accept``,
    ``review`` and ``post`` as ``STEPS``."""

    hour: Instant
    came: dict[str, int] = field(default_factory=dict)
    released: int = 0
    posted: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    accept: tuple[int, ...] = (0,) * SIZE
    review: tuple[int, ...] = (0,) * SIZE
    post: tuple[int, ...] = (0,) * SIZE

    @property
    def is_sound(self) -> bool:
        """Whether it can have been counted."""
        numbers = (
            self.hour,
            self.released,
            self.dropped,
            *self.came.values(),
            *self.posted.values(),
            *self.accept,
            *self.review,
            *self.post,
        )
        sizes = {len(self.accept), len(self.review), len(self.post)}
        return sizes == {SIZE} and all(one >= 0 for one in numbers)


def plus(one: Hour, other: Hour) -> Hour:
    """Both together, as the hour of the first."""
    return Hour(
        one.hour,
        _added(one.came, other.came),
        one.released + other.released,
        _added(one.posted, other.posted),
        one.dropped + other.dropped,
        _sums(one.accept, other.accept),
        _sums(one.review, other.review),
        _sums(one.post, other.post),
    )


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))


def _sums(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


class Counting:
    """What is counted now."""

    def __init__(self) -> None:
        self._came: Counter[str] = Counter()
        self._posted: Counter[str] = Counter()
        self._took: dict[Step, list[int]] = {step: [0] * SIZE for step in STEPS}
        self.released = 0
        self.dropped = 0

    def came(self, transport: str) -> None:
        """A message was read that came by this way."""
        self._came[_named(transport, self._came)] += 1

    def posted(self, destination: str) -> None:
        """A delivery is public there."""
        self._posted[_named(destination, self._posted)] += 1

    def took(self, step: Step, seconds: float) -> None:
        """Something took so long."""
        self._took[step][bisect_left(STEPS[step], seconds)] += 1

    def of(self, hour: Instant) -> Hour:
        """All of it, as that of an hour."""
        return Hour(
            hour,
            dict(sorted(self._came.items())),
            self.released,
            dict(sorted(self._posted.items())),
            self.dropped,
            tuple(self._took["accept"]),
            tuple(self._took["review"]),
            tuple(self._took["post"]),
        )


def _named(name: str, known: Counter[str]) -> str:
    return name if name in known or len(known) < MOST_NAMES else OTHERS


def within(step: Step, counts: Iterable[int], share: float) -> float | None:
    """By what time (seconds) this share of them was done: the upper end of a step, infinite where
    it took longer than the last; None where there were none."""
    counted = list(counts)
    needed, so_far = share * sum(counted), 0
    if not needed:
        return None
    for count, end in zip(counted, (*STEPS[step], float("inf")), strict=True):
        so_far += count
        if so_far >= needed:
            return end
    return float("inf")
