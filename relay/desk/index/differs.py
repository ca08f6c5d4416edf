"""What differs between two tellings of one story, word by word: that is what an editor must see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Final, Literal

MOST: Final = 600
"""Words of each text that are compared, since the time grows with their product; what comes after
these is shown as it is."""

MOST_PAIRS: Final = 5_000
"""Pairs of equal words between two texts that are looked at: a text of one word again and again
would take seconds."""

_WORD: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
    "[\u0300-\u036f\u0e31\u0e34-\u0e4e\u102b-\u103e\u17b4-\u17d3]*"
    r"|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+|\s+|.",
    re.DOTALL,
)
_KINDS: Final[dict[str, tuple[Literal["same", "gone", "more"], ...]]] = {
    "equal": ("same",), "delete": ("gone",), "insert": ("more",), "replace": ("gone", "more"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """Words that both have, that only the first has (``gone``), or only the second (``more``)."""

    kind: Literal["same", "gone", "more"]
    text: str


def differs(first: str, second: str) -> list[Piece]:
    """The second text, with what of the first it lacks in its place."""
    one, ones_rest = _words(first)
    two, twos_rest = _words(second)
    before = _alike(zip(one, two, strict=False))
    left = min(len(one), len(two)) - before
    ends = _alike(zip(one[::-1], two[::-1], strict=False))
    after = 0 if ones_rest or twos_rest else min(left, ends)
    ones, twos = one[before : len(one) - after], two[before : len(two) - after]
    pieces = [
        Piece("same", "".join(two[:before])),
        *_between(ones, twos),
        Piece("same", "".join(two[len(two) - after :])),
    ]
    if ones_rest == twos_rest:
        pieces.append(Piece("same", twos_rest))
    else:
        pieces += [Piece("gone", ones_rest), Piece("more", twos_rest)]
    return [piece for piece in pieces if piece.text]


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    """With how many equal pairs it begins."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _between(ones: list[str], twos: list[str]) -> list[Piece]:
    """What differs between the words that are left, where that can be told in little time."""
    counts = Counter(ones)
    if sum(counts[word] for word in twos if not word.isspace()) > MOST_PAIRS:
        return [Piece("gone", "".join(ones)), Piece("more", "".join(twos))]
    matcher = SequenceMatcher(str.isspace, ones, twos, autojunk=False)
    return [
        Piece(made, "".join(ones[a:b] if made == "gone" else twos[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        for made in _KINDS[kind]
    ]


def _words(text: str) -> tuple[list[str], str]:
    """Its first words, and what comes after them."""
    words: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if len(words) == MOST:
            break
        words.append(match[0])
        end = match.end()
    return words, text[end:]
