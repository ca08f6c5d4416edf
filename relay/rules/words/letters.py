"""What people type, made comparable: one form for each way a phone may write the same letters.

Nothing is made alike that only looks alike: a Cyrillic word is never a Latin one. What is made
alike is one letter in two codings: the case, the full-width forms of East Asian keyboards, the yeh
and kaf that an Arabic and a Persian keyboard send for the same key, hamza and vowel marks that
nobody types in haste. For comparing only; what is published keeps every letter it had.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_CHARACTERS: Final = 200
"""Of a text that may be a command, without what cannot be seen. What is longer is a message."""

INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    + "".join(map(chr, range(0x2060, 0x2070)))
    + "\u20e3"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "\ufeff"
    + "".join(map(chr, range(0xE0000, 0xE0080)))
)
"""Characters that show nothing: marks of direction, joiners, variation selectors, keycaps."""

_INVISIBLE: Final = re.compile(f"[{re.escape(INVISIBLE)}]+")
_BLANKS: Final = re.compile(r"[^\S\n]+")

_ONE_LETTER: Final = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ة": "ه",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ـ": None,
        **dict.fromkeys(map(chr, range(0x064B, 0x0653))),
    }
)


def visible(text: str) -> str:
    """The text without what cannot be seen and without white space around it."""
    return _INVISIBLE.sub("", text).strip()


def folded(text: str) -> str:
    """The text as it is compared: at most MOST_CHARACTERS of it, empty if there are more.

    Blanks in a line become one space; ends of lines stay. Linear in the length of the text.
    """
    shown = visible(text)
    return comparable(shown) if len(shown) <= MOST_CHARACTERS else ""


def comparable(text: str) -> str:
    """As ``folded``, however long the text is."""
    plain = unicodedata.normalize("NFKC", visible(text)).casefold().translate(_ONE_LETTER)
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", plain)).strip()
