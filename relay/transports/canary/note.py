"""What is written to a way in, and what may be wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from secrets import randbelow
from typing import Final

_NOBODY: Final = "999"
"""A country code that no country has, and none will (ITU-T E.164, list of assigned codes)."""


@dataclass(frozen=True, slots=True, repr=False)
class Note:
    """The line, and the digits of who is said to write it: a telephone number of 15 digits, which
    is nobody's, and the first half of a mail address."""

    line: str
    who: str

    @property
    def number(self) -> str:
        """As a gateway writes it."""
        return f"+{self.who}"


Write = Callable[[Note], Awaitable[None]]
"""Writes to one transport, and ends when it was taken. Raises Unheard."""


class Unheard(Exception):
    """It was not taken; ``why`` in our own words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def drawn(line: str) -> Note:
    """A note of somebody who has never written."""
    return Note(line, _NOBODY + f"{randbelow(10**12):012}")
