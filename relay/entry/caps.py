"""How often a transport answers: in a day and a month, in a day to one sender, and which numbers.

How many answers went in the day and the month that run is kept beside door.key, these numbers and
nothing else, so that a restart gives no more of them. Who got them is known by keyed hashes, in
memory.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any, Final

from relay.model import Instant
from relay.rules.budgets import DAY, Tally, Use, begins_in, month_began, month_of
from relay.wire.names import SHORT
from relay.wire.primitives import KEY, mac

MOST_SENDERS: Final = 20_000
"""Senders of one transport that are remembered for a day: about 3 MB."""

_KEPT = re.compile(rb"day (\d{1,6}): (\d{1,9}) answers\n(?:month (\d{6}): (\d{1,9}) answers\n)?")
"""What a version before this one kept has no month: then that of the day had no other answers."""

_BETWEEN = re.compile(rb"[ ().-]")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the settings allow. ``prefixes``: how numbers begin that are answered (E.164, with the
    plus); without any, everybody is. ``per_month``: None, as many as its days."""

    per_day: int
    per_sender: int
    prefixes: tuple[str, ...] = ()
    per_month: int | None = None


class Caps:
    """The answers of one transport. ``kept`` is what ``to_keep`` gave last, None where it never
    did; where it is anything else, the day and the month count as used up."""

    def __init__(self, bounds: Bounds, kept: bytes | None = None) -> None:
        self._bounds = bounds
        self._prefixes = tuple(one.removeprefix("+").encode() for one in bounds.prefixes)
        self._secret = token_bytes(KEY)
        self._by_sender: OrderedDict[bytes, int] = OrderedDict()
        self._use = Use() if kept is None else _read(kept)

    def admits(self, who: bytes, now: Instant) -> bool:
        """Count an answer to a sender; False if there may be none. What it changed must be kept
        before the answer goes out."""
        use = self.used(now)
        who = self._known_as(who)
        if not who or self._is_spent(use):
            return False
        before = self._by_sender.get(who, 0)
        if before >= self._bounds.per_sender:
            return False
        self._use = use.plus(1, now)
        self._by_sender[who] = before + 1
        if len(self._by_sender) > MOST_SENDERS:
            self._by_sender.popitem(last=False)
        return True

    def known(self) -> dict[str, Any]:
        """Who got how many today, for the door that comes after this one: keyed hashes."""
        return {"secret": self._secret, "by_sender": dict(self._by_sender)}

    def learn(self, kept: bytes | None, known: Mapping[str, Any]) -> None:
        """Go on where a door before this one ended: by what it kept, and by what it knew if it
        could still say so."""
        self._use = Use() if kept is None else _read(kept)
        if known:
            self._secret = known["secret"]
            self._by_sender = OrderedDict(known["by_sender"])

    def to_keep(self) -> bytes:
        """The day and the month, each with its count."""
        if self._use is None:  # what could not be read says no more than it did
            return b""
        day, month = self._use.day, self._use.month
        numbers = (day.begins // DAY, day.used, month_of(month.begins), month.used)
        return b"day %d: %d answers\nmonth %d: %d answers\n" % numbers

    def used(self, now: Instant) -> Use:
        """How many answers went in the day and the month of an instant."""
        before = self._use
        if before is None:
            month = Tally(begins_in("month", now), self._bounds.per_month or 0)
            before = Use(Tally(begins_in("day", now), self._bounds.per_day), month)
        self._use = use = before.at(now)
        if use.day.begins > before.day.begins:
            self._by_sender.clear()
        return use

    def _is_spent(self, use: Use) -> bool:
        per_month = self._bounds.per_month
        if use.day.used >= self._bounds.per_day:
            return True
        return per_month is not None and use.month.used >= per_month

    def _known_as(self, who: bytes) -> bytes:
        """A hash of the sender; empty for a number that is not answered."""
        if self._prefixes:
            who = _digits(who)
            if not who.startswith(self._prefixes):
                return b""
        return mac(self._secret, who)[:SHORT]


def _read(kept: bytes) -> Use | None:
    """What was kept; None for what is damaged."""
    found = _KEPT.fullmatch(kept)
    if not found:
        return None
    day = Tally(int(found[1]) * DAY, int(found[2]))
    month = Tally(begins_in("month", day.begins), day.used)
    if found[3]:
        month = Tally(month_began(int(found[3])), int(found[4]))
    use = Use(day, month)
    return use if use.is_sound else None


def _digits(number: bytes) -> bytes:
    """A number with its country, as gateways write it: with a plus, two zeros or neither. Empty for
    anything else: without its country nobody can say which one it is."""
    plain = _BETWEEN.sub(b"", number)
    for sign in (b"+", b"00"):
        if plain.startswith(sign):
            plain = plain.removeprefix(sign)
            break
    return plain if plain.isdigit() and not plain.startswith(b"0") else b""
