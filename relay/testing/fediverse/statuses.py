"""What is on a stand-in's timeline, and the pages in which it is listed.

Ids grow with time, as those of both servers do: Mastodon's are numbers (milliseconds, shifted by
16 bits), GoToSocial's are ULIDs. ``min_id`` gives the page right above an id and ``max_id`` the one
right below it; both come newest first (docs.joinmastodon.org/api/guidelines, section pagination).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from relay.model import Instant

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, as a ULID is written."""

LISTED: Final = frozenset({"public", "unlisted"})
VISIBILITIES: Final = LISTED | {"private", "direct"}


@dataclass(frozen=True, slots=True, repr=False)
class Status:
    """One status. ``media``: ids, in order. ``number`` orders statuses; ``id`` is how it is named
    outside. ``boost``: it only repeats what somebody else said."""

    number: int
    id: str
    text: str
    spoiler: str = ""
    visibility: str = "public"
    sensitive: bool = False
    language: str = "en"
    media: tuple[str, ...] = ()
    parent: str | None = None
    created: Instant = 0
    edited: Instant | None = None
    boost: bool = False


@dataclass(slots=True)
class Ids:
    """Gives ids that grow, and reads them back."""

    ulid: bool
    last: int = field(default=0)

    def next(self, now: Instant) -> tuple[int, str]:
        """A number and the id that is made of it."""
        bits = 80 if self.ulid else 16
        self.last = max((now * 1000) << bits, self.last + 1)
        return self.last, self._written(self.last)

    def _written(self, number: int) -> str:
        if not self.ulid:
            return str(number)
        return "".join(LETTERS[number >> 5 * place & 31] for place in range(25, -1, -1))

    def read(self, id: str) -> int:
        """The number of an id, also of one that was never given out. Raises ValueError."""
        if not self.ulid:
            if not (id.isascii() and id.isdigit() and len(id) <= 20):
                raise ValueError("an id is a number")
            return int(id)
        if len(id) != 26:
            raise ValueError("an id has 26 letters")
        number = 0
        for letter in id.upper():
            number = number << 5 | LETTERS.index(letter)
        return number


def page(
    statuses: list[Status], *, below: int | None, above: int | None, since: int | None, limit: int
) -> list[Status]:
    """One page of a listing, newest first. ``statuses`` are in order of their numbers.

    ``below`` is ``max_id``. ``above`` (``min_id``) takes the oldest that are newer, ``since``
    (``since_id``) the newest of those."""
    floor = max((one for one in (above, since) if one is not None), default=-1)
    fit = [one for one in statuses if one.number > floor and (below is None or one.number < below)]
    taken = fit[:limit] if above is not None else fit[-limit:]
    return taken[::-1]
