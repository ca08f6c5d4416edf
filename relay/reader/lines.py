"""A text as lines: each with who says so that it is quoted, and what it says under that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final, NamedTuple

BORDER: Final = "\ufff9"
OPENS_QUOTE: Final = BORDER + "("
CLOSES_QUOTE: Final = BORDER + ")"
OPENS_SIGNATURE: Final = BORDER + "["
CLOSES_SIGNATURE: Final = BORDER + "]"
"""What ``relay.reader.html`` puts around what a mail program calls a quote or a signature. The mark
before them (for interlinear notes) is taken out of all that others wrote."""


class Quoted(Enum):
    """By what a line is quoted: not at all, by a sign before it (">"), by the program that made the
    HTML; or it stands in what that program calls a signature."""

    NOT = 0
    BY_SIGN = 1
    BY_PROGRAM = 2
    SIGNATURE = 3


class Line(NamedTuple):
    """A line as it stands, and what it says without quotation signs and blanks around it."""

    text: str
    said: str
    quoted: Quoted

    @property
    def is_quote(self) -> bool:
        """Whether somebody else is said to have written it."""
        return self.quoted in (Quoted.BY_SIGN, Quoted.BY_PROGRAM)


_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SIGNS: Final = re.compile("[ \t\u200e\u200f\u202a-\u202e]{0,3}(?:>[ \t]?){1,99}")
_BORDER: Final = re.compile(rf"{BORDER}([()\[\]])")
_EDGES: Final = " \t\xa0\u3000\ufeff\u200b\u200e\u200f" + "".join(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Blanks, and marks of direction, which right-to-left programs put around everything."""


MOST_LINES: Final = 100_000
"""Lines of a text that are told apart; what follows them is one more. A long exchange has 2,000."""


def lines_of(text: str) -> list[Line]:
    """The lines of a text, those of HTML by the borders in it. ">From " is what mbox files make of
    a line that begins with "From " (RFC 4155), and no quote."""
    text = _ENDS.sub("\n", text)
    if BORDER not in text:
        return [_line(one) for one in text.split("\n", MOST_LINES)]
    return list(_by_borders(text))


def without_borders(text: str) -> str:
    """The text alone, for whom it does not matter what is quoted."""
    return _BORDER.sub("", text) if BORDER in text else text


def _line(text: str) -> Line:
    signs = _SIGNS.match(text) if ">" in text[:4] else None
    if signs is None or text.startswith(">From "):
        return Line(text, text.strip(_EDGES), Quoted.NOT)
    return Line(text, text[signs.end() :].strip(_EDGES), Quoted.BY_SIGN)


def _by_borders(text: str) -> Iterator[Line]:
    quotes = signatures = 0
    pieces = _BORDER.split(text)  # text, border, text, border, ... text
    for at, piece in enumerate(pieces):
        if at % 2:
            quotes += {"(": 1, ")": -1}.get(piece, 0)
            signatures += {"[": 1, "]": -1}.get(piece, 0)
            continue
        for line in piece.strip("\n").split("\n") if piece.strip() else ():
            said = line.strip(_EDGES)
            if quotes > 0:
                yield Line(f"> {said}" if said else ">", said, Quoted.BY_PROGRAM)
            elif signatures > 0:
                yield Line(line, said, Quoted.SIGNATURE)
            else:
                yield _line(line)
        if at < len(pieces) - 1:
            yield _line("")


def is_blank(lines: Sequence[Line]) -> bool:
    """Whether nothing is said in them."""
    return not any(line.said for line in lines)
