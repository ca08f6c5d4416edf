"""What differs between two tellings of one story, word by word: that is what an editor must see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

MOST: Final = 600
"""Words of each text that are compared, since the time grows with their product; what comes after
these is shown as it is."""

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
    pieces = []
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        for made in _KINDS[kind]:
            pieces.append(Piece(made, "".join(one[a:b] if made == "gone" else two[c:d])))
    if ones_rest == twos_rest:
        rest = [Piece("same", twos_rest)]
    else:
        rest = [Piece("gone", ones_rest), Piece("more", twos_rest)]
    return [*pieces, *(piece for piece in rest if piece.text)]


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
