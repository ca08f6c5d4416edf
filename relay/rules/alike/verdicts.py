"""What two tellings can be to each other."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

Words = tuple[str, ...]
"""Those of a telling, in order."""


class Verdict(IntEnum):
    """What two tellings are to each other."""

    UNRELATED = 0
    SAME = 1
    """Each has what the other has."""
    WITHIN = 2
    """The second says nothing that the first does not: a shortened copy."""
    AROUND = 3
    """The first says nothing that the second does not."""
    OTHER = 4
    """In one place each has its own words: another place, name or number."""
    BOTH_MORE = 5
    """Each has words of its own, in different places: two stories, or two parts of a longer
    telling."""
    DOUBT = 6
    """They differ in words that look alike, and by no typing error that is known as one: one of the
    two may be wrong, or two names. Or each has a sentence of its own."""
    AT_EDGE = 7
    """They differ in a few words before or after all the others: another place, or what two people
    put around one story."""

    @property
    def same(self) -> bool:
        """Whether they tell one story."""
        return Verdict.SAME <= self <= Verdict.AROUND

    @property
    def apart(self) -> bool:
        """Whether they cannot stand in one group, unless a longer telling holds both."""
        return self >= Verdict.OTHER

    @property
    def turned(self) -> Verdict:
        """The verdict with the two in the other order."""
        return _TURNED.get(self, self)


_TURNED: Final = {Verdict.WITHIN: Verdict.AROUND, Verdict.AROUND: Verdict.WITHIN}
