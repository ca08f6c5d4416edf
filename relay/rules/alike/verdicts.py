"""What two tellings can be to each other."""

from __future__ import annotations

from enum import Flag
from functools import cache
from typing import Final

Words = tuple[str, ...]
"""Those of a telling, in order."""


class Verdict(Flag):
    """What two tellings are to each other; nothing, if they have nothing to do with each other."""

    UNRELATED = 0
    SAME = 1
    """They tell one story, whatever else each of them says."""
    MORE = 2
    """The first says something that the second does not."""
    LESS = 4
    """The second says something that the first does not."""
    OPEN = 8
    """What the first says more goes on, at a begin or an end, what both say."""
    OPENED = 16
    """The same of the second."""
    OTHER = 32
    """In one sentence each has its own words, or one a word more: another place, name or number."""
    PARTS = 64
    """Each goes on where the other ends: two stories, or two parts of a longer telling."""

    @property
    def same(self) -> bool:
        """Whether they tell one story."""
        return Verdict.SAME in self

    @property
    def apart(self) -> bool:
        """Whether they cannot stand in one group, unless a longer telling holds both."""
        return bool(self & _APART)

    @property
    def turned(self) -> Verdict:
        """The verdict with the two in the other order."""
        return _turned(self)


_APART: Final = Verdict.OTHER | Verdict.PARTS
_SIDES: Final = (
    (Verdict.MORE, Verdict.LESS),
    (Verdict.LESS, Verdict.MORE),
    (Verdict.OPEN, Verdict.OPENED),
    (Verdict.OPENED, Verdict.OPEN),
)


@cache
def _turned(verdict: Verdict) -> Verdict:
    turned = verdict & (_APART | Verdict.SAME)
    for one, other in _SIDES:
        if one in verdict:
            turned |= other
    return turned
