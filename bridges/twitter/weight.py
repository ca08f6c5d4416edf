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

_EMOJI_OF_ONE: Final = "©®"
"""Light signs that may be emoji: counted as such, which is more."""

_ATOM: Final = regex.compile(
    rf"(?P<plain>{links.PLAIN.pattern})"
    rf"|(?P<typed>{links.TYPED})"
    rf"|(?P<bare>{links.BARE})"
    rf"|(?P<tag>(?<![{WORD}])[#＃@＠](?:(?!https?://)[{WORD}\u200c]){{1,100}})"
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
        if len(text) == 1:  # most are, and take no search
            return 2 if text in _EMOJI_OF_ONE else _weight(text)
        spent = at = 0
        for one in emoji.ONE.finditer(text):
            spent += sum(map(_weight, text[at : one.start()])) + 2
            at = one.end()
        return spent + sum(map(_weight, text[at:]))

    def _cost(self, found: regex.Match[str]) -> int:
        text: str = found[0]
        match found.lastgroup:
            case "plain":
                return links.COST
            case "bare":
                if links.is_certain(found):
                    return links.COST
                # Where it is not all plain letters, X may make an address of a piece of it.
                units = self.units(text)
                return max(links.COST, units) if text.isascii() else links.COST + units
            case "typed":  # it may hold hosts that count one by one
                return links.COST * (1 + text.count(".")) + self.units(text)
            case "tag":  # its end may be the beginning of a host
                host = links.follows(found.string, found.end())
                return self.units(text) + (links.COST if host else 0)
            case _:
                return self.units(text)


def _weight(sign: str) -> int:
    code = ord(sign)
    if code <= _LIGHT[0][1]:
        return 1
    return 1 if any(first <= code <= last for first, last in _LIGHT[1:]) else 2
