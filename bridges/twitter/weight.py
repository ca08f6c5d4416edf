"""How long X finds a text: weighted characters, by its configuration v3.

Code points up to U+10FF, U+2000-200D, U+2010-201F and U+2032-2037 weigh 1, all others 2; an emoji
2 in all; an address 23 (https://github.com/twitter/twitter-text, config/v3.json). So Persian,
Arabic, Hebrew and Cyrillic weigh 1 a letter, Chinese and Japanese 2. Of what is not certain the
dearer reading is taken. Texts are in normal form (NFC).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from bridges.kit.counting import GRAPHEME, WORD, Atom
from bridges.twitter import emoji, links

_LIGHT: Final = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

_ATOM: Final = regex.compile(
    rf"(?P<plain>{links.PLAIN.pattern})"
    rf"|(?P<typed>{links.TYPED})"
    rf"|(?P<bare>{links.BARE})"
    rf"|(?P<tag>(?<![{WORD}])[#＃@＠][{WORD}\u200c]{{1,100}})"
    rf"|{GRAPHEME}",
    regex.IGNORECASE | regex.VERSION1,
)


class Weight:
    """X's measure, as ``bridges.kit.counting.Measure``."""

    def atoms(self, text: str) -> Iterator[Atom]:
        """As ``Measure``: an address, a tag and a name are one piece each, else a grapheme."""
        for found in _ATOM.finditer(text):
            yield Atom(found.end(), self._cost(found))

    def units(self, text: str) -> int:
        """As ``Measure``: what a piece weighs in which there is no address."""
        inside = emoji.ONE.finditer(text)
        spent = 0
        at = 0
        for one in inside:
            spent += sum(map(_weight, text[at : one.start()])) + 2
            at = one.end()
        return spent + sum(map(_weight, text[at:]))

    def _cost(self, found: regex.Match[str]) -> int:
        if found["plain"]:
            return links.COST
        if found["bare"]:
            certain = links.is_certain(found)
            return links.COST if certain else max(links.COST, self.units(found[0]))
        text: str = found[0]
        hosts = 1 + text.count(".") if found["typed"] else 0  # each may count on its own
        return links.COST * hosts + self.units(text)


def _weight(sign: str) -> int:
    code = ord(sign)
    return 1 if any(first <= code <= last for first, last in _LIGHT) else 2
