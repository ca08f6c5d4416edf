"""What a page shows of groups: a lane of them, one of them, its members, a tenth by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from random import Random
from typing import Final, Literal

from relay.desk.index.card import Card
from relay.desk.index.index import Index
from relay.desk.index.lanes import ASIDE, ASIDE_DANGER, DANGER, HELD
from relay.desk.index.tallies import Tally
from relay.model import Instant

Order = Literal["most", "oldest", "newest"]
ORDERS: Final[tuple[Order, ...]] = ("most", "oldest", "newest")
"""First what is told most often, or has waited longest, or came last."""

PAGE: Final = 20
"""Groups of a lane on one page: over a line of 48 kbit/s it is there in some six seconds."""

MOST_OFFERED: Final = 5_000
"""How many pages of a lane can be turned: nobody reads further, they narrow the lane."""


@dataclass(frozen=True, slots=True)
class Came:
    """By which way how many messages of a group came, from how many networks. Nobody has verified
    that these are different people."""

    transport: str
    messages: int
    networks: int


@dataclass(frozen=True, slots=True, repr=False)
class Group:
    """A group as a lane shows it. ``chosen`` is the one that would be published: its most told
    wording as it first came, or what somebody wants already and a second person is asked about;
    ``kinds`` are the dangers in any of its messages, ``waits`` how many of them wait for a person,
    those set aside among them: so many a drop ends."""

    tally: Tally
    chosen: Card
    kinds: tuple[str, ...]
    came: tuple[Came, ...]
    authors: int
    waits: int


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A part of a lane: its groups, how many the lane has, and where to go on; None at its end."""

    groups: tuple[Group, ...]
    total: int
    further: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Telling:
    """One wording within a group: the first card with it, and how many have it, and wait."""

    card: Card
    messages: int
    held: int


@dataclass(frozen=True, slots=True)
class Within:
    """How much lies in a lane: how many groups, how many messages of them wait, and how many of
    the groups have danger in them."""

    groups: int
    held: int
    danger: int


class Groups:
    """Looks at the groups of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def lane(
        self, lanes: Sequence[str], order: Order = "most", at: int = 0, n: int = PAGE
    ) -> Shown:
        """``n`` groups from the ``at``-th on of those that have a message in each of these lanes.
        A message with danger marks those beside it, so that it need not be the same one."""
        found = self._in(lanes)
        by = {"most": _most, "oldest": _oldest, "newest": _newest}[order]
        at = max(0, min(at, MOST_OFFERED * n))
        first = nsmallest(at + n, found, key=by) if at + n < len(found) else sorted(found, key=by)
        shown = tuple(map(self._shown, first[at : at + n]))
        return Shown(shown, len(found), at + n if at + n < len(found) else None)

    def sample(self, lanes: Sequence[str], seed: int, n: int = PAGE) -> Shown:
        """A tenth of a lane by chance, at most ``n`` groups; the same seed gives the same tenth as
        long as the lane has not changed."""
        found = sorted(self._in(lanes), key=lambda one: one.group)
        drawn = Random(seed).sample(found, min(n, -(-len(found) // 10)))
        return Shown(tuple(map(self._shown, drawn)), len(found), None)

    def one(self, group: int) -> Group | None:
        """A group; None where there is none any more."""
        tally = self._index.tallies.groups.get(group)
        return None if tally is None else self._shown(tally)

    def of(self, seq: int) -> Group | None:
        """The group in which a card is."""
        group = self._index.group_of(seq)
        return None if group is None else self.one(group)

    def tellings(self, group: int, n: int = 30) -> list[Telling]:
        """The wordings of a group, most told first."""
        rows = self._index.tables.execute(_TELLINGS, (group, n)).fetchall()
        made = []
        for seq, messages, held in rows:
            card = self._index.card(seq)
            assert card is not None
            made.append(Telling(card, messages, held))
        return made

    def members(self, group: int, after: int = 0, n: int = 50) -> list[Card]:
        """The messages of a group, in the order in which they came."""
        return self._index.cards("WHERE grp = ? AND seq > ? ORDER BY seq LIMIT ?", group, after, n)

    def waiting(self, group: int, n: int) -> list[Card]:
        """Those of them about which a person must decide."""
        return self._index.cards("WHERE grp = ? AND held ORDER BY seq LIMIT ?", group, n)

    def waiting_ids(self, group: int, n: int, channel: str | None = None) -> list[str]:
        """Their ids, those with danger in them first; those of one channel, where one is named."""
        values = (group, channel, channel, n)
        return [id for (id,) in self._index.tables.execute(_WAITING, values)]

    def chosen_in(self, lanes: Sequence[str], n: int) -> list[int]:
        """The seqs of what would be published of each group of a lane, the most told first."""
        return [self._chosen(one.group) for one in nsmallest(n, self._in(lanes), key=_most)]

    def within(self, lanes: Sequence[str]) -> Within:
        """How much lies in a lane, and would be done with it: of its groups also what is set
        aside."""
        found = self._in(lanes)
        danger = self._index.bits.of(DANGER) | self._index.bits.of(ASIDE_DANGER)
        marked = sum(one.in_any(danger) > 0 for one in found)
        return Within(len(found), sum(map(self._waits, found)), marked)

    def outbox(self, now: Instant, n: int = 200) -> list[Card]:
        """What is on its way and can still be undone, the next to go first."""
        where = "WHERE outbox_until > ? AND NOT held ORDER BY outbox_until, seq LIMIT ?"
        return self._index.cards(where, now, n)

    def longest(self) -> Instant:
        """The hour of what has waited longest for a person; 0 where nothing waits."""
        return min(
            (one.oldest for one in self._index.tallies.groups.values() if one.oldest), default=0
        )

    def _in(self, lanes: Sequence[str]) -> list[Tally]:
        wanted = 0
        for lane in lanes:
            bit = self._index.bits.of(lane)
            if not bit:
                return []
            wanted |= bit
        return [one for one in self._index.tallies.groups.values() if one.lies_in(wanted)]

    def _waits(self, tally: Tally) -> int:
        return tally.in_any(self._index.bits.of(HELD) | self._index.bits.of(ASIDE))

    def _chosen(self, group: int) -> int:
        """The seq of the one that would be published: the one that somebody wants already, or the
        most told wording as it first came."""
        wanted = self._index.tables.execute(_WANTED, (group,)).fetchone()
        found = wanted or self._index.tables.execute(_TELLINGS, (group, 1)).fetchone()
        return int(found[0])

    def _shown(self, tally: Tally) -> Group:
        index, group = self._index.tables, tally.group
        chosen = self._index.card(self._chosen(group))
        assert chosen is not None
        came = index.execute(_CAME, (group,))
        kinds = {kind for (said,) in index.execute(_KINDS, (group,)) for kind in said.split(",")}
        [(authors,)] = index.execute(_AUTHORS, (group,))
        return Group(
            tally,
            chosen,
            tuple(sorted(kinds)),
            tuple(Came(*one) for one in came),
            authors,
            self._waits(tally),
        )


_TELLINGS: Final = (
    "SELECT coalesce(min(iif(held, seq, NULL)), min(seq)), count(*), sum(held)"
    " FROM cards WHERE grp = ?"
    " GROUP BY same ORDER BY sum(held) DESC, count(*) DESC, min(seq) LIMIT ?"
)
_WANTED: Final = "SELECT seq FROM cards WHERE grp = ? AND wanted AND held ORDER BY seq LIMIT 1"
_WAITING: Final = (
    "SELECT id FROM cards WHERE grp = ? AND held AND (? IS NULL OR channel = ?)"
    " ORDER BY kinds = '', seq LIMIT ?"
)
_CAME: Final = (
    "SELECT transport, count(*), count(DISTINCT network) FROM cards WHERE grp = ?"
    " GROUP BY transport ORDER BY count(*) DESC"
)
_KINDS: Final = "SELECT DISTINCT kinds FROM cards WHERE grp = ? AND kinds != ''"
_AUTHORS: Final = "SELECT count(DISTINCT author) FROM cards WHERE grp = ?"


def _most(one: Tally) -> tuple[int, int]:
    return -one.held, one.group


def _oldest(one: Tally) -> tuple[int, int]:
    return one.oldest or one.newest, one.group


def _newest(one: Tally) -> tuple[int, int]:
    return -one.newest, -one.group
