"""What is written from right to left, within a line of ours that is written from left to right."""

from __future__ import annotations

import unicodedata
from typing import Final

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_FIRST_STRONG, _POP = "\u2068", "\u2069"


def apart(said: str) -> str:
    """Words of somebody's, as they may stand in a line: where they are written from right to left
    they stand apart (UAX #9, 6.3), else what follows would be drawn in the wrong order."""
    turned = any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in said)
    return f"{_FIRST_STRONG}{said}{_POP}" if turned else said
