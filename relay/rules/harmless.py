"""What may lead a person astray in words of others: links, numbers and mentions.

What goes to a sender inside may be written by who opposes them: an address to open or a number to
call would be the way to reach them. Linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal

Kind = Literal["link", "number", "mention"]

_LINK: Final = re.compile(
    r"(?:\w{2,12}://|www\.|mailto:|tel:)\S*|(?<![\w@.])(?:[\w-]{1,63}[.\u3002]){1,6}"
    r"(?!\d)\w{2,24}(?:[/?#]\S*)?(?!\w)",
    re.IGNORECASE,
)
_MENTION: Final = re.compile(r"(?:\S{1,64})?@\S{1,255}")
_RUN: Final = re.compile(r"[+(]?\d(?:[ \t\-_.\u200c\u200d\u2010-\u2015/()]{0,3}\d)*")
_YEAR: Final = re.compile(r"(?:1[34]|19|20)\d\d")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\s*\n\s*")

LEAST_DIGITS: Final = 4
"""Of a number that somebody could be asked to call or to send; a year is none."""


def found(text: str) -> tuple[Kind, ...]:
    """What kinds of these a text has, each once."""
    return tuple(dict.fromkeys(kind for kind, _, _ in _all(_plain(text))))


def harmless(text: str) -> str:
    """The text without any of these."""
    plain = _plain(text)
    while spans := sorted((start, end) for _, start, end in _all(plain)):
        kept, at = [], 0
        for start, end in spans:
            kept.append(plain[at : max(at, start)])
            at = max(at, end)
        plain = " ".join([*kept, plain[at:]])
    return _LINES.sub("\n", _BLANKS.sub(" ", plain)).strip()


def _plain(text: str) -> str:
    """Without what cannot be seen, which may stand between two digits or inside an address."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(one for one in normal if one == "\n" or not _is_unseen(one))


def _is_unseen(one: str) -> bool:
    # Joiners shape letters (Persian, Burmese): of what cannot be seen they alone are kept.
    return unicodedata.category(one) in ("Cf", "Cc", "Co", "Cn") and one not in "\u200c\u200d\t"


def _all(text: str) -> Iterator[tuple[Kind, int, int]]:
    for match in _LINK.finditer(text):
        yield "link", *match.span()
    for match in _MENTION.finditer(text):
        yield "mention", *match.span()
    for match in _RUN.finditer(text):
        digits = "".join(one for one in match[0] if one.isdecimal())
        if len(digits) >= LEAST_DIGITS and not _is_year(match[0]):
            yield "number", *match.span()


def _is_year(written: str) -> bool:
    plain = "".join(str(int(one)) if one.isdecimal() else one for one in written)
    return _YEAR.fullmatch(plain) is not None
