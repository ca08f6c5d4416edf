"""How long a text is for Bluesky: 300 graphemes and 3,000 bytes, of what is shown.

An address counts as it is shown, so it is measured in one piece. Both limits hold at the same time
(app.bsky.feed.post, ``maxGraphemes`` and ``maxLength``); a measure has one number, so there are two
measures: graphemes, and for a text whose signs are of many bytes a stricter one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

from bridges.atproto.links import addresses
from bridges.kit.counting import GRAPHEME, Atom, Counting

GRAPHEMES: Final = 300
BYTES: Final = 3000
RESERVE: Final = 2
"""Graphemes left free: Unicode versions, and with them graphemes, differ by a little."""

_PLAIN: Final = Counting("graphemes")


@dataclass(frozen=True, slots=True)
class Showing:
    """A measure in graphemes; where it is ``strict`` in tenths of them, and a grapheme of more
    than 10 bytes counts more: what fits so fits in both ways."""

    strict: bool = False

    @property
    def room(self) -> int:
        """What a post may have by this measure."""
        return (GRAPHEMES - RESERVE) * (BYTES // GRAPHEMES if self.strict else 1)

    def atoms(self, text: str) -> Iterator[Atom]:
        """An address, a name and a tag are one piece each, else a grapheme."""
        start = 0
        for atom in _PLAIN.atoms(text):
            piece = text[start : atom.end]
            address = next(addresses(piece), None) if "://" in piece else None
            if address is not None:  # it begins the piece; what ends a sentence may follow it
                yield Atom(start + address.end, self.units(address.shown))
                yield from self._plain(piece[address.end :], start + address.end)
            else:
                yield Atom(atom.end, self.units(piece) if self.strict else atom.cost)
            start = atom.end

    def _plain(self, text: str, before: int) -> Iterator[Atom]:
        for found in regex.finditer(GRAPHEME, text):
            yield Atom(before + found.end(), self.units(found[0]))

    def units(self, text: str) -> int:
        """How long a piece counts that has no address in it."""
        if not self.strict:
            return _PLAIN.units(text)
        least = BYTES // GRAPHEMES
        return sum(max(least, len(one.encode())) for one in regex.findall(GRAPHEME, text))
