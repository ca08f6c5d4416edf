"""A text as people see it, and the way back to where each sign of it stood.

What cannot be seen parts nothing: a telephone number with a joiner between two digits is one. Every
finder looks at one of three views of the same length, so that a place in one is a place in all.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache, cached_property
from typing import Final

from relay.model import Mark

Span = tuple[int, int]
"""Where something stands in what is seen: from, and up to but without."""

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]+"
    r"|(?<=\d)[\u0300-\u036f\u20d0-\u20f0]+"  # lines over and under a digit, rings around it
    "|[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc]+"  # Arabic's vowels, lengthened lines
)
_ON_A_SIGN: Final = re.compile(
    r"[\u0300-\u036f\u0640\u064b-\u065f\u0670\u20d0-\u20f0\ufe00-\ufe0f]{1,8}"
)
"""What belongs to the sign before it."""
_WITHIN: Final = frozenset(
    map(chr, (*range(0x0610, 0x061B), 0x0640, *range(0x064B, 0x0660), 0x0670))
)
"""What stands within a word."""

_SIGNS: Final = {
    "\u066b": ".",  # the Arabic decimal separator
    "\u066c": ",",
    "\u060c": ",",
    "\u3001": ",",
    "\u2212": "-",
    **{chr(sign): chr(sign - 0xFEE0) for sign in range(0xFF01, 0xFF5F)},  # full width
}


_LAST_DIGIT: Final = 0x20000
"""Above it Unicode has no digits (17.0, DerivedNumericType)."""

_LINK: Final = re.compile(r"(?:https?://|(?<![\w.])www\.)[^\s/?#]{1,253}([/?#][!-~]{1,2048})")
"""A link, and what of it comes after its host; no further than ASCII goes."""


@cache
def _plain_signs() -> dict[int, str]:
    """Digits of every script, also in circles or raised, letters of mathematics, and signs that
    stand for one of ASCII, to that one."""
    table = {ord(sign): plain for sign, plain in _SIGNS.items()}
    for sign in map(chr, range(0x80, _LAST_DIGIT)):
        value = unicodedata.digit(sign, None)
        if value is not None:
            table[ord(sign)] = str(value)
    for number in (*range(0x1D400, 0x1D800), *range(0x24B6, 0x24EA)):  # mathematics, circles
        table.setdefault(number, unicodedata.normalize("NFKC", chr(number)))
    return table


_ALIKE: Final = str.maketrans(
    {
        "\u0130": "i",  # the only letter whose small form is two
        "\u0643": "\u06a9",  # kaf
        "\u064a": "\u06cc",  # yeh
        "\u0649": "\u06cc",
        "\u06d2": "\u06cc",
        "\u0629": "\u0647",  # teh marbuta, written as heh
        "\u06c0": "\u0647",
        "\u06c1": "\u0647",
        "\u0623": "\u0627",  # alef with hamza and madda
        "\u0625": "\u0627",
        "\u0622": "\u0627",
        "\u0671": "\u0627",
        "\u0624": "\u0648",
        "\u0626": "\u06cc",
        "\u0131": "i",  # in capitals nobody can tell it from the other
        "\u0451": "\u0435",  # yo
        "\u0401": "\u0435",
        "\u2019": "'",
    }
)


_AFTER_LINK: Final = ".,;:!?)]»”\"'。」』؟؛"
"""What ends a sentence, or stands around a link, rather than being a part of it."""


def of_link(found: re.Match[str]) -> Span:
    """Where a link stands that was found with whatever comes after it up to a blank."""
    return found.start(), found.start() + len(found[0].rstrip(_AFTER_LINK))


def unified(text: str) -> str:
    """One letter for those that people write for one another (Persian and Arabic kaf and yeh, alef
    with and without its hamza). As long as it was."""
    return text.translate(_ALIKE)


def alike(text: str) -> str:
    """That in small letters; as long as it was."""
    return unified(text).lower()


class Seen:
    """``text``: without what cannot be seen; ``plain``: with the digits and full-width signs of
    ASCII; ``small``: that in small letters, see ``alike``."""

    def __init__(self, given: str) -> None:
        self.given = given
        self._gone: list[tuple[int, int]] = []  # place in the text that is seen, removed up to it
        self._parted: list[int] = []
        removed = 0
        for match in _INVISIBLE.finditer(given):
            at = match.start() - removed
            if match[0][0] not in _WITHIN:
                self._parted.append(at)
            removed += match.end() - match.start()
            self._gone.append((at, removed))
        self.text = _INVISIBLE.sub("", given) if removed else given

    @cached_property
    def plain(self) -> str:
        return self.text if self.text.isascii() else self.text.translate(_plain_signs())

    @cached_property
    def small(self) -> str:
        return alike(self.plain)

    @cached_property
    def has_digits(self) -> bool:
        """Whether there is any digit, of whatever script."""
        return re.search("[0-9]", self.plain) is not None

    @cached_property
    def links(self) -> tuple[Span, ...]:
        """Where links say what they lead to: what stands after a host."""
        return tuple(one.span(1) for one in _LINK.finditer(self.small)) if "/" in self.small else ()

    @cached_property
    def parted(self) -> frozenset[int]:
        """The places before which something stood that is not seen, and may be a border."""
        return frozenset(self._parted)

    def mark(self, kind: str, start: int, end: int) -> Mark:
        """A mark on what is seen there, counted in the text as it is given; with whatever belongs
        to its last sign."""
        begin, stop = self._place(start), self._place(end - 1) + 1
        if on_it := _ON_A_SIGN.match(self.given, stop):
            stop = on_it.end()
        return Mark(kind, begin, stop - begin)

    def leads_to(self, start: int) -> bool:
        """Whether what stands there belongs to a link (``links``)."""
        at = bisect_right(self.links, start, key=lambda link: link[0])
        return at > 0 and start < self.links[at - 1][1]

    def _place(self, index: int) -> int:
        at = bisect_right(self._gone, index, key=lambda gone: gone[0])
        return index + (self._gone[at - 1][1] if at else 0)
