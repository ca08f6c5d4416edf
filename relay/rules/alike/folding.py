"""A text in the one form that all its copies have: no capitals, accents, links, signs and emojis.

Only for comparing, and coarser than ``relay.rules.seen``: what a phone, a keyboard or a forward
changes is gone. Lines stay lines, since what people put around a forward stands in lines of its
own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from relay.rules.seen import unified

MOST: Final = 6_000
"""Characters that are looked at. Of what comes after them only whether it is the same counts."""

_LINK: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,12}://|www\.)[^\s<>]{1,2048}"
    r"|(?<![\w@.])[\w.+-]{0,64}@[\w.-]{2,64}"  # mail addresses and @names
    r"|(?<![\w.])t\.me/\S{1,200}",
    re.I,
)
_THOUSANDS: Final = re.compile(
    r"(?<=[0-9])[,.'\u2019\u066c\u060c \u00a0\u202f](?=[0-9]{3}(?![0-9]))"
)
_VOWELS: Final = (
    (0x0300, 0x036F),  # over and under Latin, Greek and Cyrillic letters
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x0640, 0x0640),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x093C, 0x093C),
    (0x3099, 0x309A),
    (0xFE00, 0xFE0F),
)
"""What is left out by those who type in haste. The vowels of Burmese, Thai and Devanagari are not
among these: there they are letters."""

_UNSEEN: Final = (
    0xAD,
    0x200C,
    0x200D,
    0x2060,
    0xFEFF,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
)
_LETTERS: Final = {
    "\u0131": "i",
    "\u0142": "l",
    "\u00f8": "o",
    "\u0111": "d",
    "\u00df": "ss",
    "\u00e6": "ae",
    "\u0153": "oe",
    "\u06be": "\u0647",  # heh in two forms
    "\u06d5": "\u0647",
    "\u06cc": "\u06cc",
    "\u0621": "",  # a hamza that stands alone
    "\u200c": "",
    "'": "",
    "\u2019": "",
    "\u02bc": "",
    "`": "",
}


@cache
def _table() -> dict[int, str]:
    """One form for each letter that has several, ASCII for the digits of all scripts."""
    table = {sign: "" for begin, end in _VOWELS for sign in range(begin, end + 1)}
    table |= dict.fromkeys(_UNSEEN, "")
    for sign in map(chr, range(0x80, 0x20000)):
        value = unicodedata.digit(sign, None)
        if value is not None:
            table[ord(sign)] = str(value)
    return table | {ord(sign): plain for sign, plain in _LETTERS.items()}


def folded(text: str) -> str:
    """Its one form; linear in its length. What is past ``MOST`` is not in it."""
    begin = text[:MOST]
    if not begin.isascii():
        begin = unicodedata.normalize("NFKD", begin)
        begin = unified(begin.lower()).translate(_table())
    else:
        begin = begin.lower().translate(_table())
    if "@" in begin or "/" in begin or "www." in begin:
        begin = _LINK.sub(" ", begin)
    return _THOUSANDS.sub("", begin)
