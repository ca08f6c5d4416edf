"""One text into parts that each fit: at a paragraph, else a sentence, else a space.

Never inside a grapheme; inside an address or a tag only where that alone is longer than a post.
Parts of several carry a counter on a line of its own, "(2/5)", and nothing is lost but white space
at the cuts.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import regex

from bridges.kit.counting import GRAPHEME, Measure, measure
from bridges.kit.words import paired

_PARAGRAPH: Final = regex.compile(r"()\n\s*\n")
# Arabic's question mark and full stop; the full-width signs need no space after them.
_SENTENCE: Final = regex.compile(
    r"(?<![.!?…؟۔])([.!?…؟۔]++[\"'»”’)\]]*+)\s|([。！？]+[」』”’）]*)|()\n",
)
_SPACE: Final = regex.compile(r"()\s")


def split(text: str, room: int, by: Measure, *, at_least: int = 1) -> list[str]:
    """Parts of at most ``room`` (as ``by`` has it, at least 60), counters included.

    With ``at_least`` more than the text needs, the last ones have a counter only.
    """
    if at_least <= 1 and measure(text, by) <= room:
        return [text]
    digits, tighter = 1, 0
    while True:
        counter = measure(_counter(int("9" * digits), int("9" * digits)), by)
        pieces = _pieces(text, room - counter - tighter, by)
        pieces += [""] * (at_least - len(pieces))
        if len(str(len(pieces))) > digits:
            digits += 1
            continue
        parts = [_counted(piece, n, len(pieces)) for n, piece in enumerate(pieces, 1)]
        over = max(measure(part, by) for part in parts) - room
        if over <= 0:
            return parts
        tighter += over  # a cut changed how something is counted


def _counter(n: int, of: int) -> str:
    return f"\n({n}/{of})"


def _counted(piece: str, n: int, of: int) -> str:
    return (paired(piece) + _counter(n, of)).lstrip("\n")


def _pieces(text: str, room: int, by: Measure) -> list[str]:
    pieces = []
    left = text.strip()
    while left:
        end = _end(left, room, by)
        pieces.append(left[:end].rstrip())
        left = left[end:].lstrip()
    return pieces


def _end(text: str, room: int, by: Measure) -> int:
    """Where the first piece of a text ends; never 0."""
    reach = spent = 0
    for atom in by.atoms(text):
        spent += atom.cost
        if spent > room:
            break
        reach = atom.end
    if reach == len(text):
        return reach
    if reach == 0:
        return _forced(text, room, by)
    for kind in (_PARAGRAPH, _SENTENCE, _SPACE):  # but no piece less than half full for it
        at = _last(kind, text, reach)
        if at and at >= reach // 2:
            return at
    return _last(_SPACE, text, reach) or reach


def _last(kind: regex.Pattern[str], text: str, reach: int) -> int:
    """The last such place at or before ``reach``, 0 if there is none.

    One sign beyond is looked at: white space there makes ``reach`` itself a good end.
    """
    ends = [
        max(found.ends(n)[0] for n in range(1, found.re.groups + 1) if found.ends(n))
        for found in kind.finditer(text, endpos=reach + 1)
    ]
    return max((end for end in ends if end <= reach), default=0)


def _forced(text: str, room: int, by: Measure) -> int:
    """An end inside what alone is longer than a post: between graphemes, if one of them fits;
    never 0."""
    end = spent = 0
    for found in regex.finditer(GRAPHEME, text):
        spent += by.units(found[0])
        if spent > room:
            break
        end = found.end()
    return end or _inside(text, room, by)


def _inside(text: str, room: int, by: Measure) -> int:
    """An end inside one grapheme, between code points: a letter may carry accents without end."""

    def spent(end: int) -> int:
        return by.units(text[:end])

    most = 1
    while most < len(text) and spent(most) <= room:  # not all at once: each look costs its length
        most *= 2
    return max(1, bisect_right(range(1, most + 1), room, key=spent))


def shortened(text: str, most: int) -> str:
    """A text of at most ``most`` code points, for a title or a description: a cut one ends with an
    ellipsis."""
    if len(text) <= most:
        return text
    kept = ""
    for found in regex.finditer(GRAPHEME, text):
        if found.end() > most - 1:
            break
        kept = text[: found.end()]
    return kept.rstrip() + "…"
