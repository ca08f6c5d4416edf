"""Among how many others a message hides from somebody who sees both ends.

Such a one has a list of who wrote to us by one way and when (a telephone company's, a provider's),
and sees what appears, and when. What can be mixed up with a message is what came by the same way
for the same channel, from somebody else, at about the same time: the random delay and the tick of a
page can exchange what came no further apart than they reach. We keep the hour of arrival and no
more: of those of one hour as many count as lie so near where they came evenly. Nobody counts twice
in an hour, however much he wrote, and where nothing is exchanged nobody counts at all. It is no
promise: who knows more of a text than its time needs no list.

Tags tell people apart only within one run of the core, which makes their keys. What an earlier run
tagged could be anybody's, also the author's own, so nobody counts it: of itself it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from relay.model import HOUR, Instant

KEPT_S = 3 * 86400
"""Seconds for which it is known who came beside whom."""

NOBODY = (
    "nobody else wrote by that way at so near a time: whoever sees both ends can tell whose it is"
)
NOT_KNOWN = (
    "it is not known among how many: it came before the last start or reload, or days ago, or was"
    " not read yet"
)
BY_SMS = "the telephone company has its words: no delay hides who sent it from that"


@dataclass(frozen=True, slots=True, repr=False)
class Came:
    """When a message came, for which channel and by which way. ``tags`` are those of its author,
    today's first: what one person wrote within two days has one of them in common, so midnight
    parts nobody; none where nobody can tell."""

    channel: str
    way: str
    hour: Instant
    tags: tuple[bytes, ...] = ()


@dataclass(slots=True, repr=False)
class _Hour:
    """Who wrote in one hour, by one way and for one channel: how many messages nobody can tell an
    author of, each author by the first tag that was met with all tags of its first message, and
    whose each tag is."""

    unknown: int = 0
    authors: dict[bytes, tuple[bytes, ...]] = field(default_factory=dict)
    whose: dict[bytes, bytes] = field(default_factory=dict)

    def add(self, tags: tuple[bytes, ...]) -> None:
        if not tags:
            self.unknown += 1
            return
        author = next((self.whose[tag] for tag in tags if tag in self.whose), tags[0])
        self.authors.setdefault(author, tags)
        for tag in tags:
            self.whose.setdefault(tag, author)

    def others(self, tags: tuple[bytes, ...]) -> int:
        """How many wrote but for who has these tags."""
        same = {self.whose[tag] for tag in tags if tag in self.whose}
        return self.unknown + len(self.authors) - len(same)

    def unlike(self) -> Iterator[tuple[bytes, ...]]:
        """All who are known hide among as many, and so do all who are not: one of each."""
        yield from islice(self.authors.values(), 1)
        if self.unknown:
            yield ()


@dataclass(slots=True, repr=False)
class Crowd:
    """Who came when, of the last days. All of it is in memory."""

    _of: dict[int, Came] = field(default_factory=dict)
    _hours: dict[tuple[str, str, Instant], _Hour] = field(default_factory=dict)

    def add(self, seq: int, came: Came) -> None:
        """Count a message, once."""
        if seq not in self._of:
            self._of[seq] = came
            self._hours.setdefault((came.channel, came.way, came.hour), _Hour()).add(came.tags)

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
        reach = _reach(spread_s)
        near = range(came.hour - reach, came.hour + reach + 1, HOUR)
        hours = (self._hours.get((came.channel, came.way, hour)) for hour in near)
        found = sum(hour.others(came.tags) for hour in hours if hour) - (not came.tags)
        return round(found * _near(spread_s))

    def least(self, since: Instant, spread_s: Mapping[str, int]) -> tuple[int, Came] | None:
        """One since this hour that hides among the fewest, and how many these are; by channel, how
        far apart what may be exchanged lies."""
        alike = (
            Came(channel, way, hour, tags)
            for (channel, way, hour), one in self._hours.items()
            if hour >= since
            for tags in one.unlike()
        )
        found = ((self._around(one, spread_s.get(one.channel, 0)), one) for one in alike)
        return min(found, key=lambda one: one[0], default=None)


def looks_back_to(came: Came, spread_s: int) -> Instant:
    """The first hour in which somebody may have written whom it could be mixed up with."""
    return came.hour - _reach(spread_s)


def _reach(spread_s: int) -> int:
    """Whole hours, in seconds, that lie between what may be exchanged."""
    return spread_s // HOUR * HOUR


def _near(spread_s: int) -> float:
    """How likely two that came at any times of one hour came no further apart than that."""
    part = min(1.0, spread_s / HOUR)
    return part * (2 - part)


def hides(among: int | None, in_part: bool = False) -> str:
    """Among how many it hides, as people are told. ``in_part``: of what came just before the core
    was started nobody can tell how many wrote it."""
    match among:
        case None:
            return NOT_KNOWN
        case 0:
            said = NOBODY
        case 1:
            said = "among one other message of about the same time"
        case _:
            said = f"among {among} other messages of about the same time"
    return f"{said} (as far as is known since the last start or reload)" if in_part else said
