"""Signs that nobody sees in places where no language needs them.

Two copies of one text can differ in them alone, and who made the copies knows which of them came
out. Joiners shape the letters of Persian, Burmese or Hindi, and join signs to one picture: between
two letters of Latin, Greek, Cyrillic or Han, or two digits, they say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Span

_PLAIN: Final = "A-Za-z0-9\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u4e00-\u9fff"
_HIDDEN: Final = re.compile(
    f"[{_PLAIN}][\u200b-\u200d\u2060-\u2064\u180e\u034f]{{1,64}}(?=[{_PLAIN}])"
    "|[\u200b-\u200f\u2060-\u2064\u180e\u034f\u061c]{4,}"
)
LEAST: Final = 3
"""Places of a text with such a sign: one or two slip in with what is copied from a page."""


def unseen(text: str) -> Iterator[Span]:
    """Where they stand, in the text as it is given; nowhere, where they are few."""
    found = [one.span() for one in _HIDDEN.finditer(text)]
    return iter(found if len(found) >= LEAST or any(b - a >= LEAST + 1 for a, b in found) else ())
