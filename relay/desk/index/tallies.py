"""What a group has, counted as its cards come and go: so a lane is known without looking at them.

A card counts by its mask, the lanes in which it lies (``lanes.Bits``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from relay.desk.index.lanes import Bits
from relay.model import Instant


@dataclass(slots=True)
class Tally:
    """One group: how many messages it has, how many of them wait for a person, how many are
    public; in which lanes how many lie; the hours of the oldest that wait and of the newest."""

    group: int
    members: int = 0
    held: int = 0
    public: int = 0
    oldest: Instant = 0
    newest: Instant = 0
    masks: dict[int, int] = field(default_factory=dict)

    def lies_in(self, wanted: int) -> bool:
        """Whether all these lanes are found with any of its messages."""
        if len(self.masks) == 1:
            return next(iter(self.masks)) & wanted == wanted
        lanes = 0
        for mask in self.masks:
            lanes |= mask
        return lanes & wanted == wanted

    def in_any(self, wanted: int) -> int:
        """How many of its messages lie in one of these lanes or more."""
        return sum(n for mask, n in self.masks.items() if mask & wanted)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a card counts for in its group."""

    mask: int
    held: bool
    public: bool
    hour: Instant


class Tallies:
    """All groups, and how many messages lie in each lane."""

    def __init__(self, bits: Bits) -> None:
        self._bits = bits
        self._by_mask: Counter[int] = Counter()
        self.groups: dict[int, Tally] = {}

    def add(self, group: int, one: Counted) -> None:
        """A card has come into a group."""
        tally = self.groups.get(group)
        if tally is None:
            tally = self.groups[group] = Tally(group)
        tally.members += 1
        tally.held += one.held
        tally.public += one.public
        tally.newest = max(tally.newest, one.hour)
        if one.held:
            tally.oldest = min(tally.oldest or one.hour, one.hour)
        if one.mask:
            tally.masks[one.mask] = tally.masks.get(one.mask, 0) + 1
            self._by_mask[one.mask] += 1

    def take(self, group: int, one: Counted) -> None:
        """A card has gone from it, or will count otherwise. The hours stay as they are: of a group
        that goes on they are those of its whole story."""
        tally = self.groups[group]
        tally.members -= 1
        tally.held -= one.held
        tally.public -= one.public
        if not tally.held:
            tally.oldest = 0
        if one.mask:
            _less(tally.masks, one.mask)
            _less(self._by_mask, one.mask)
        if not tally.members:
            del self.groups[group]

    def messages(self) -> Counter[str]:
        """How many messages lie in each lane."""
        counts: Counter[str] = Counter()
        for mask, n in self._by_mask.items():
            for lane in self._bits.names(mask):
                counts[lane] += n
        return counts


def _less(counts: dict[int, int], mask: int) -> None:
    counts[mask] -= 1
    if not counts[mask]:
        del counts[mask]
