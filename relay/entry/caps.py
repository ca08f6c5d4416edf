"""How often a transport answers: each day in all, each day to one sender, and to which numbers.

Of the day that runs, how many answers went is kept beside door.key, that number and nothing else,
so that a restart gives no more of them. Who got them is known by keyed hashes, in memory.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from relay.model import Instant
from relay.wire.names import SHORT, day_of
from relay.wire.primitives import KEY, mac

MOST_SENDERS: Final = 20_000
"""Senders of one transport that are remembered for a day: about 3 MB."""

_KEPT = re.compile(rb"day (\d{1,9}): (\d{1,9}) answers\n")
_BETWEEN = re.compile(rb"[ ().-]")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the settings allow. ``prefixes``: how numbers begin that are answered (E.164, with the
    plus); without any, everybody is."""

    per_day: int
    per_sender: int
    prefixes: tuple[str, ...] = ()


class Caps:
    """The answers of one transport. ``kept`` is what ``to_keep`` gave last, None where it never
    did; where it is anything else, the day counts as used up."""

    def __init__(self, bounds: Bounds, kept: bytes | None = None) -> None:
        self._bounds = bounds
        self._prefixes = tuple(one.removeprefix("+").encode() for one in bounds.prefixes)
        self._secret = token_bytes(KEY)
        self._by_sender: OrderedDict[bytes, int] = OrderedDict()
        self._day, self._count = 0, 0
        if kept is not None:
            found = _KEPT.fullmatch(kept)
            self._day, self._count = (int(found[1]), int(found[2])) if found else (0, -1)

    def admits(self, who: bytes, now: Instant) -> bool:
        """Count an answer to a sender; False if there may be none. What it changed must be kept
        before the answer goes out."""
        self._turn(day_of(now))
        who = self._known_as(who)
        if not who or self._count >= self._bounds.per_day:
            return False
        before = self._by_sender.get(who, 0)
        if before >= self._bounds.per_sender:
            return False
        self._count += 1
        self._by_sender[who] = before + 1
        if len(self._by_sender) > MOST_SENDERS:
            self._by_sender.popitem(last=False)
        return True

    def to_keep(self) -> bytes:
        """The day and the count."""
        return b"day %d: %d answers\n" % (self._day, self._count)

    def _turn(self, day: int) -> None:
        """A new day has all its answers. Yesterday is none, when the clock was set back over
        midnight; what is earlier than that was never counted rightly."""
        if self._count < 0:
            self._day, self._count = day, self._bounds.per_day
        if day > self._day or day < self._day - 1:
            self._day, self._count = day, 0
            self._by_sender.clear()

    def _known_as(self, who: bytes) -> bytes:
        """A hash of the sender; empty for a number that is not answered."""
        if self._prefixes:
            who = _digits(who)
            if not who.startswith(self._prefixes):
                return b""
        return mac(self._secret, who)[:SHORT]


def _digits(number: bytes) -> bytes:
    """A number with its country, as gateways write it: with a plus, two zeros or neither. Empty for
    anything else: without its country nobody can say which one it is."""
    plain = _BETWEEN.sub(b"", number)
    for sign in (b"+", b"00"):
        if plain.startswith(sign):
            plain = plain.removeprefix(sign)
            break
    return plain if plain.isdigit() and not plain.startswith(b"0") else b""
