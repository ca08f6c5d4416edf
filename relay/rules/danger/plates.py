"""Number plates of cars, where their form is unmistakable: Iran, Russia, Belarus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Seen, Span

_PLATES: Final = re.compile(
    r"(?<![0-9\w])(?:"
    r"\d{2} ?[\u0621-\u06cc]{1,3} ?\d{3} ?-? ?ایران ?\d{2}"  # letter names too: "الف"
    r"|ایران ?\d{2} ?-? ?\d{2} ?[\u0621-\u06cc]{1,3} ?\d{3}"
    r"|[авекмнорстух]\d{3}[авекмнорстух]{2} ?\d{2,3}"
    r"|\d{4} ?[abceikmhopxt]{2}-[0-8]"
    r")(?!\w)"
)


def plates(seen: Seen) -> Iterator[Span]:
    """Where they stand."""
    if seen.has_digits:
        yield from (found.span() for found in _PLATES.finditer(seen.small))
