"""Signs that nobody sees in places where no language needs them.

Two copies of one text can differ in them alone, and who made the copies knows which of them came
out. Most go when a text is read (``relay.reader.text``). Joiners stay there: they shape the letters
of Persian, Burmese or Hindi, and join signs to one picture. Between two letters of Latin, Greek,
Cyrillic or Han, or two digits, or one and a blank, they say nothing, and one is enough to tell a
copy by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Span

_PLAIN: Final = "A-Za-z0-9\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u4e00-\u9fff"
_SIGNS: Final = "[\u200b-\u200d\u2060-\u2064\u180e\u034f]{1,64}"
_HIDDEN: Final = re.compile(
    f"[{_PLAIN}]{_SIGNS}(?=[{_PLAIN}\\s]|\\Z)|(?<!\\S){_SIGNS}[{_PLAIN}]"
    "|[\u200b-\u200f\u2060-\u2064\u180e\u034f\u061c]{4,}"
)


def unseen(text: str) -> Iterator[Span]:
    """Where they stand, in the text as it is given."""
    return (one.span() for one in _HIDDEN.finditer(text))
