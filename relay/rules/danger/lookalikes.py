"""Words, hosts of links and commands whose letters only look like those of another script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.lookalike import imitating, is_all_alike
from relay.rules.seen import Seen, Span

_HOST: Final = re.compile(
    r"(?<![\w.\-@])(?:https?://)?((?:[\w\-]{1,63}\.){1,6}[a-z]{2,24})(?![\w\-.]*\w)", re.IGNORECASE
)
_FEWEST: Final = 2  # letters of a host's label that can imitate one


def lookalikes(seen: Seen) -> Iterator[Span]:
    """Where words stand that mix scripts to look like one, and hosts that are written in the
    letters of another script altogether, under an end in Latin letters."""
    if seen.text.isascii():
        return
    yield from imitating(seen.text)
    for found in _HOST.finditer(seen.text):
        start = found.start(1)
        for label in found[1].split("."):
            if len(label) >= _FEWEST and is_all_alike(label):
                yield start, start + len(label)
            start += len(label) + 1
