"""The ledger: what was acknowledged, against what came out. Neither a loss nor a double can hide.

Each message carries a marker that stands nowhere else. A sender writes it down when it hears yes;
afterwards the markers are looked for wherever messages come out.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex

MARKER = re.compile(r"mark[a-p]{16}")


def marker() -> str:
    """A new marker: a word of 20 letters that stands nowhere else. No digits: eight in a row are
    held as somebody's number."""
    return "mark" + "".join(chr(ord("a") + int(one, 16)) for one in token_hex(8))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a comparison showed: markers acknowledged, seen, missing and doubled."""

    acknowledged: int
    seen: int
    missing: frozenset[str]
    doubled: frozenset[str]

    @property
    def good(self) -> bool:
        """Nothing was lost, and nothing came twice."""
        return not self.missing and not self.doubled


class Ledger:
    """Markers that were sent, and those that were acknowledged. Used from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()

    def sends(self) -> str:
        """A marker for a message about to be sent."""
        made = marker()
        with self._turn:
            self.sent.add(made)
        return made

    def yes(self, made: str) -> None:
        """The node said yes to it."""
        with self._turn:
            self.acknowledged.add(made)

    def compare(self, texts: Iterable[str]) -> Verdicts:
        """Hold the texts that came out, one a post, against what was acknowledged."""
        found = Counter(made for text in texts for made in MARKER.findall(text))
        return Verdicts(
            len(self.acknowledged),
            len(found),
            frozenset(self.acknowledged - found.keys()),
            frozenset(made for made, times in found.items() if times > 1),
        )
