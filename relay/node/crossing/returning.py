"""What an exit has for its entries: answers to senders, what is durable, and its newest keys.

All of it lives in memory. An answer is no promise: nobody knows by which entry its message came, so
it goes to every one of them, and the one that made its token opens it. It rides in whatever goes
back until that entry has said that it heard it, or until no entry could open it any more. What is
durable is told again by itself: an entry that hears nothing of an envelope gives it once more.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import trio

from relay.node.days import RETURN_DAYS
from relay.wire.batch import MAX_ANSWER, MOST_ANSWERS, MOST_IDS, Batch, Returned

MOST_WAITING: Final = 10_000
"""Answers that wait for entries: the oldest is forgotten first."""

MOST_BYTES: Final = 32 * 1024 * 1024
"""Bytes of all of them together."""

MOST_DURABLE: Final = 50_000
"""Ids that wait to be told over one link to one peer."""

KEPT_S: Final = RETURN_DAYS * 86400
"""Seconds that an answer is kept: then no entry has a key for its token any more."""

AGAIN_S: Final = 86400.0
"""Seconds after which what was given to a link that answers nothing is given to it once more."""

Say = Callable[[bytes, bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True, repr=False)
class Newest:
    """The keys of this exit as it has signed them; nothing, as long as there are none."""

    serial: int = 0
    signed: bytes = b""


NO_KEYS: Final = Newest()


@dataclass(slots=True, repr=False)
class _Waits:
    """One answer, until when it is kept, and which entries have not heard it."""

    returned: Returned
    until: float
    unheard: set[str]


@dataclass(slots=True, repr=False)
class _Given:
    """What went to an entry over one link that answers nothing: when each answer did, by its name,
    and when the keys of which serial did."""

    answers: dict[bytes, float] = field(default_factory=dict)
    serial: int = 0
    keys_at: float = 0.0


@dataclass(slots=True, repr=False)
class _Peer:
    """One entry: the serial of the keys that it has, the answers for it, those that were given last
    behind the others, and what was given by links that answer nothing, by their names."""

    serial: int = 0
    answers: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    given: defaultdict[str, _Given] = field(default_factory=lambda: defaultdict(_Given))


class Returning:
    """For all entries of one exit. ``own``: says an answer by a door of this very node, and
    ``opens`` whether that one can; ``newest`` is asked for the keys."""

    def __init__(
        self,
        peers: Iterable[str],
        own: Say,
        opens: Callable[[bytes], bool],
        newest: Callable[[], Newest] = lambda: NO_KEYS,
    ) -> None:
        self._peers = {name: _Peer() for name in peers}
        self._own = own
        self._opens = opens
        self._newest = newest
        self._waits: OrderedDict[bytes, _Waits] = OrderedDict()
        self._bytes = 0
        self._durable: dict[tuple[str, str], OrderedDict[bytes, None]] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """Of answers: how many wait for an entry, how many were heard by all, and how many were
        forgotten."""
        return {
            "waiting": len(self._waits),
            "heard": self._counts["heard"],
            "forgotten": self._counts["forgotten"],
        }

    # ------------------------------------------------------------ what there is

    async def answer(self, token: bytes, sealed: bytes) -> None:
        """Have an answer go back to whoever the token is of, by a door of our own or an entry."""
        if not self._peers or self._opens(token):
            await self._own(token, sealed)
            return
        returned = Returned(token, sealed)
        self._forget_old()
        if _size(returned) > MAX_ANSWER:
            self._counts["forgotten"] += 1
        elif returned.name not in self._waits:
            self._keep(returned)

    def _keep(self, returned: Returned) -> None:
        until = trio.current_time() + KEPT_S
        self._waits[returned.name] = _Waits(returned, until, set(self._peers))
        self._bytes += _size(returned)
        for peer in self._peers.values():
            peer.answers[returned.name] = None
        while len(self._waits) > MOST_WAITING or self._bytes > MOST_BYTES:
            self._forget(next(iter(self._waits)))

    def _forget_old(self) -> None:
        now = trio.current_time()
        while self._waits and next(iter(self._waits.values())).until <= now:
            self._forget(next(iter(self._waits)))

    def _forget(self, name: bytes) -> None:
        self._end(name)
        self._counts["forgotten"] += 1

    def _end(self, name: bytes) -> None:
        waits = self._waits.pop(name)
        self._bytes -= _size(waits.returned)
        for peer in waits.unheard:
            self._drop(peer, name)

    def _drop(self, peer: str, name: bytes) -> None:
        self._peers[peer].answers.pop(name, None)
        for given in self._peers[peer].given.values():
            given.answers.pop(name, None)

    def durable(self, link: str, peer: str, ids: Iterable[bytes]) -> None:
        """These are kept now: that peer is to be told over that link, which answers nothing."""
        told = self._durable.setdefault((link, peer), OrderedDict())
        told.update(dict.fromkeys(ids))
        while len(told) > MOST_DURABLE:
            told.popitem(last=False)

    def heard(self, peer: str, batch: Batch) -> None:
        """What an entry says in a batch: which answers it has, and which keys."""
        self._peers[peer].serial = batch.serial
        for name in batch.heard:
            waits = self._waits.get(name)
            if waits is None or peer not in waits.unheard:
                continue
            self._drop(peer, name)
            waits.unheard.discard(peer)
            if not waits.unheard:
                self._end(name)
                self._counts["heard"] += 1

    # ------------------------------------------------------------ what goes back

    def back(self, peer: str) -> Batch:
        """What goes back in an answer to a batch: the answers that were given longest ago, and the
        keys, if these are newer than what the peer has."""
        self._forget_old()
        one = self._peers[peer]
        names = list(one.answers)[:MOST_ANSWERS]
        for name in names:
            one.answers.move_to_end(name)
        newest = self._newest()
        bundle = newest.signed if newest.serial > one.serial else b""
        return Batch(answers=tuple(self._waits[name].returned for name in names), bundle=bundle)

    def by_itself(self, link: str, peer: str) -> Batch:
        """What is to be handed over by a link that answers nothing: what was not given to it yet,
        or long ago. Empty where there is nothing."""
        self._forget_old()
        one, since = self._peers[peer], trio.current_time() - AGAIN_S
        given, newest = one.given[link], self._newest()
        names = [name for name in one.answers if given.answers.get(name, since) <= since]
        told = given.serial == newest.serial and given.keys_at > since
        return Batch(
            durable=tuple(self._durable.get((link, peer), ()))[:MOST_IDS],
            answers=tuple(self._waits[name].returned for name in names[:MOST_ANSWERS]),
            bundle=newest.signed if newest.serial > one.serial and not told else b"",
        )

    def by_hand(self, link: str, peer: str) -> Iterator[Batch]:
        """All that there is for a peer, for whoever carries it there: what was given before as
        well, since a stick may be lost. What is durable is taken out; nobody misses a receipt for
        good."""
        self._forget_old()
        one, newest = self._peers[peer], self._newest()
        bundle = newest.signed if newest.serial > one.serial else b""
        told = self._durable.get((link, peer), OrderedDict())
        answers = [self._waits[name].returned for name in one.answers]
        while told or answers or bundle:
            ids = list(islice(told, MOST_IDS))
            for id in ids:
                del told[id]
            some, answers = answers[:MOST_ANSWERS], answers[MOST_ANSWERS:]
            yield Batch(durable=tuple(ids), answers=tuple(some), bundle=bundle)
            bundle = b""

    def given(self, link: str, peer: str, batch: Batch) -> None:
        """What ``by_itself`` gave is on its way over that link."""
        one, now = self._peers[peer], trio.current_time()
        told = self._durable.get((link, peer), OrderedDict())
        for id in batch.durable:
            told.pop(id, None)
        for returned in batch.answers:
            if returned.name in one.answers:
                one.given[link].answers[returned.name] = now
                one.answers.move_to_end(returned.name)
        newest = self._newest()
        if batch.bundle and batch.bundle == newest.signed:
            one.given[link].serial, one.given[link].keys_at = newest.serial, now

    def waiting(self, link: str, peer: str) -> int:
        """How many ids and answers wait to be told to a peer; ids only of that link."""
        return len(self._durable.get((link, peer), ())) + len(self._peers[peer].answers)


def _size(returned: Returned) -> int:
    return len(returned.token) + len(returned.sealed)
