"""Among how many others a message hides from somebody who sees both ends.

Such a one has a list of who wrote to us by one way and when (a telephone company's, a provider's),
and sees what appears, and when. What can be mixed up with a message is what came by the same way
for the same channel, from somebody else, at about the same time: the random delay and the tick of a
page can exchange what came no further apart than they reach. We keep the hour of arrival and no
more: of those of one hour as many count as lie so near where they came evenly. Nobody counts twice
in an hour, however much he wrote, and where nothing is exchanged nobody counts at all. It is no
promise: who knows more of a text than its time needs no list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from relay.model import HOUR, Instant

KEPT_S = 3 * 86400
"""Seconds for which it is known who came beside whom."""

NOBODY = (
    "nobody else wrote by that way at so near a time: whoever sees both ends can tell whose it is"
)
BY_SMS = "the telephone company has its words: no delay hides who sent it from that"


@dataclass(frozen=True, slots=True, repr=False)
class Came:
    """When a message came, for which channel and by which way; ``sms``: the telephone company has
    its words. ``author`` is a tag that all have that one person wrote within a day; empty where
    nobody can tell."""

    channel: str
    way: str
    hour: Instant
    author: bytes = b""
    sms: bool = False


@dataclass(slots=True, repr=False)
class Crowd:
    """Who came when, of the last days. All of it is in memory."""

    _of: dict[int, Came] = field(default_factory=dict)
    _hours: dict[tuple[str, str, Instant], Counter[bytes]] = field(default_factory=dict)

    def add(self, seq: int, came: Came) -> None:
        """Count a message, once."""
        if seq not in self._of:
            self._of[seq] = came
            self._hours.setdefault((came.channel, came.way, came.hour), Counter())[came.author] += 1

    def forget(self, before: Instant) -> None:
        """What came before this hour."""
        for seq in [seq for seq, came in self._of.items() if came.hour < before]:
            del self._of[seq]
        for key in [key for key in self._hours if key[2] < before]:
            del self._hours[key]

    def of(self, seq: int) -> Came | None:
        """What is known of a message."""
        return self._of.get(seq)

    def around(self, seq: int, spread_s: int) -> int | None:
        """How many messages of others this one hides among, each of another sender as far as that
        is known, where what came so many seconds apart may be exchanged; None where nobody knows
        any more."""
        came = self._of.get(seq)
        return None if came is None else self._around(came, spread_s)

    def _around(self, came: Came, spread_s: int) -> int:
        hours = spread_s // HOUR
        near = range(came.hour - hours * HOUR, came.hour + hours * HOUR + 1, HOUR)
        found = sum(self._others(came, hour) for hour in near) - (not came.author)
        return round(found * _near(spread_s))

    def _others(self, came: Came, hour: Instant) -> int:
        authors = self._hours.get((came.channel, came.way, hour))
        if authors is None:
            return 0
        unknown = authors[b""]
        known = len(authors) - (unknown > 0) - (came.author != b"" and came.author in authors)
        return known + unknown

    def least(self, since: Instant, spread_s: Mapping[str, int]) -> tuple[int, Came] | None:
        """One since this hour that hides among the fewest, and how many these are; by channel, how
        far apart what may be exchanged lies."""
        alike = (
            Came(channel, way, hour, author)
            for (channel, way, hour), authors in self._hours.items()
            if hour >= since
            for author in _unlike(authors)
        )
        found = ((self._around(one, spread_s.get(one.channel, 0)), one) for one in alike)
        return min(found, key=lambda one: one[0], default=None)


def _unlike(authors: Counter[bytes]) -> Iterator[bytes]:
    """Of one hour all who are known hide among as many, and so do all who are not."""
    known = next((one for one in authors if one), None)
    if known is not None:
        yield known
    if b"" in authors:
        yield b""


def _near(spread_s: int) -> float:
    """How likely two that came at any times of one hour came no further apart than that."""
    part = min(1.0, spread_s / HOUR)
    return part * (2 - part)


def hides(among: int | None) -> str:
    """Among how many it hides, as people are told; empty where that is not known."""
    match among:
        case None:
            return ""
        case 0:
            return NOBODY
        case 1:
            return "among one other message of about the same time"
        case _:
            return f"among {among} other messages of about the same time"
