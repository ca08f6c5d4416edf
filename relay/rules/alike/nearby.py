"""The tellings that share rare words with one, found without looking at the others.

Each place of a telling lies in one drawer: that of its word, and where this is full, since many
tellings have that word, that of the word with the next one, and so on. So drawers stay small,
whatever words are common in a flood, and rare words are found alone, with typing errors left and
right of them.
"""

from __future__ import annotations

from binascii import crc32
from collections import Counter
from collections.abc import Iterator
from typing import Final

from relay.rules.alike.telling import Telling

_OFTEN: Final = 2
"""Tellings that have a word which nobody typed wrongly."""

_DRAWER: Final = 24
"""Places that one drawer holds."""

_DEEPEST: Final = 6
"""Words in a row that name a drawer at most. What does not find room there is not found by it."""

_PLACES: Final = 48
"""Places of a telling that are kept, about: of longer ones each n-th, chosen by its words."""

_LOOKED_AT: Final = 144
"""Places that one search looks at, the rarest first."""

_FOUND: Final = 8
"""Tellings that a search finds."""

_Place = tuple[Telling, int]
_Name = str | tuple[str, ...]


class Nearby:
    """Tellings by what they say."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._drawers: dict[_Name, list[_Place] | None] = {}  # None: full, look one word further

    def like(self, words: tuple[str, ...]) -> list[Telling]:
        """The tellings that share most with these words, those first; few, and the same ones
        whatever the order in which they came, unless a drawer overflowed."""
        found = [drawer for at in _places(words) if (drawer := self._drawer(words, at)) is not None]
        found.sort(key=len)
        counts: dict[Telling, int] = {}
        left = _LOOKED_AT
        for drawer in found:
            for telling, _ in drawer:
                counts[telling] = counts.get(telling, 0) + 1
            left -= len(drawer)
            if left < 0:
                break
        first = sorted(counts, key=lambda one: (-counts[one], len(one.words), one.words))
        return first[:_FOUND]

    def add(self, telling: Telling) -> None:
        """Keeps it."""
        self._counts.update(telling.kinds)
        for at in _places(telling.words):
            self._put((telling, at), 1)

    def remove(self, telling: Telling) -> None:
        """Forgets it."""
        for word in telling.kinds:
            self._counts[word] -= 1
            if not self._counts[word]:
                del self._counts[word]
        for at in _places(telling.words):
            for name in _names(telling.words, at, 1):
                drawer = self._drawers.get(name, ())
                if drawer is not None:
                    if (telling, at) in drawer and isinstance(drawer, list):
                        drawer.remove((telling, at))
                        if not drawer:
                            del self._drawers[name]
                    break

    def is_word(self, word: str) -> bool:
        """Whether several tellings use it."""
        return self._counts[word] >= _OFTEN

    def _drawer(self, words: tuple[str, ...], at: int) -> list[_Place] | None:
        for name in _names(words, at, 1):
            drawer = self._drawers.get(name, _NONE)
            if drawer is not None:
                return drawer or None
        return None

    def _put(self, place: _Place, depth: int) -> None:
        telling, at = place
        for name in _names(telling.words, at, depth):
            depth = 1 if isinstance(name, str) else len(name)
            if name not in self._drawers:
                self._drawers[name] = [place]
                return
            drawer = self._drawers[name]
            if drawer is None:
                continue
            if len(drawer) < _DRAWER:
                drawer.append(place)
                return
            if depth == _DEEPEST:
                return
            self._drawers[name] = None
            for moved in drawer:
                self._put(moved, depth + 1)


_NONE: Final[list[_Place]] = []


def _names(words: tuple[str, ...], at: int, depth: int) -> Iterator[_Name]:
    """The drawers in which a place may lie, from that depth on."""
    if depth == 1:
        yield words[at]
        depth = 2
    for end in range(at + depth, min(at + _DEEPEST, len(words)) + 1):
        yield words[at:end]


def _places(words: tuple[str, ...]) -> range | list[int]:
    """Which places of a telling are kept: of the same words the same, wherever they stand."""
    size = len(words)
    if size <= 2 * _PLACES:
        return range(size)
    each = size // _PLACES
    return [
        at
        for at, word in enumerate(words)
        if crc32(word.encode(errors="surrogatepass")) % each == 0
    ][: 2 * _PLACES]
