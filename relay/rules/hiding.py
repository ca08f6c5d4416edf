"""Among how many others a message hides from somebody who sees both ends.

Such a one has a list of who wrote to us by one way and when (a telephone company's, a provider's),
and sees what appears, and when. What can be mixed up with a message is what came by the same way
for the same channel, from somebody else, at about the same time: the random delay can exchange what
came no further apart than its two ends. We keep the hour of arrival and no more, so that is counted
by whole hours. It is no promise: who knows more of a text than its time needs no list.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from relay.model import HOUR, Instant

KEPT_S = 3 * 86400
"""Seconds for which it is known who came beside whom."""

NOBODY = "nobody else wrote by that way then: whoever sees both ends can tell whose it is"
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
        """How many messages of others this one hides among, where the ends of the delay are so far
        apart; None where nobody knows any more."""
        came = self._of.get(seq)
        if came is None:
            return None
        hours = spread_s // HOUR
        return sum(self._others(came, came.hour + n * HOUR) for n in range(-hours, hours + 1)) - (
            not came.author
        )

    def _others(self, came: Came, hour: Instant) -> int:
        authors = self._hours.get((came.channel, came.way, hour), Counter())
        return authors.total() - (authors[came.author] if came.author else 0)

    def least(self, since: Instant, spread_s: dict[str, int]) -> tuple[int, Came] | None:
        """The message since this hour that hides among the fewest, and how many these are; by
        channel, how far apart the ends of its delay are."""
        found = [
            (count, came)
            for seq, came in self._of.items()
            if came.hour >= since
            and (count := self.around(seq, spread_s.get(came.channel, 0))) is not None
        ]
        return min(found, key=lambda one: one[0], default=None)


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
