"""What an exit says, by whatever link: what it keeps, answers to senders, its newest keys."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from relay.model import Change, Queue, Row
from relay.node.crossing.bundles import Bundles
from relay.ports import Spool
from relay.rules.crossing import handed, may_be_there
from relay.wire.batch import MOST_IDS, Batch, Returned

MOST_REMEMBERED: Final = 20_000
"""Names of answers that were taken, so that none is said twice; the oldest is forgotten."""

AT_ONCE: Final = 500
"""Ids that are looked for together."""

TIMES: Final = 5
"""Looks at what an exit says it has."""


class Hearing:
    """Of all exits of one entry. ``opens`` is asked whether a door can open a token still, and
    ``answer`` has one take it to whoever it is of; ``takers`` as ``Offering`` has them."""

    def __init__(
        self,
        spool: Spool,
        bundles: Bundles,
        opens: Callable[[bytes], bool],
        answer: Callable[[bytes, bytes], Awaitable[None]],
        takers: Collection[str] = (),
    ) -> None:
        self._spool = spool
        self._bundles = bundles
        self._takers = frozenset(takers)
        self._opens = opens
        self._answer = answer
        self._answered: OrderedDict[bytes, None] = OrderedDict()
        self._heard: defaultdict[str, dict[bytes, None]] = defaultdict(dict)

    async def hears(self, peer: str, batch: Batch) -> None:
        """Take all of it in. Raises SpoolFull."""
        await self._keep(peer, batch.durable)
        for returned in batch.answers:
            await self._take_back(peer, returned)
        if batch.bundle:
            await self._bundles.take(peer, batch.bundle)

    async def _take_back(self, peer: str, returned: Returned) -> None:
        """Every entry of an exit gets each answer: what is not ours is dropped, and nobody is told
        whose it was."""
        heard = self._heard[peer]
        if len(heard) < MOST_IDS:
            heard[returned.name] = None
        if returned.name in self._answered or not self._opens(returned.token):
            return
        self._answered[returned.name] = None
        while len(self._answered) > MOST_REMEMBERED:
            self._answered.popitem(last=False)
        await self._answer(returned.token, returned.sealed)

    # ------------------------------------------------------------ what is said back

    def to_say(self, peer: str) -> Batch:
        """What that exit is to be told beside envelopes: which answers are here, and which keys."""
        return Batch(heard=tuple(self._heard[peer]), serial=self._bundles.serial(peer))

    def said(self, peer: str, batch: Batch) -> None:
        """It was told this."""
        for name in batch.heard:
            self._heard[peer].pop(name, None)

    # ------------------------------------------------------------ what is durable there

    async def _keep(self, peer: str, ids: Sequence[bytes]) -> None:
        for at in range(0, len(ids), AT_ONCE):
            roots = await self._roots(ids[at : at + AT_ONCE])
            for _ in range(TIMES):  # what is being offered just now changes under our hands
                roots = await self._end(peer, roots) if roots else []

    async def _end(self, peer: str, roots: Sequence[int]) -> list[int]:
        """An exit has these: whatever of it was changed meanwhile is given back."""
        changes: list[tuple[Row, Change]] = []
        for root in roots:
            _, *crossings = await self._spool.family(root)
            for row in crossings:
                if row.name == peer and row.queue == Queue.OUTBOUND:
                    others = [one for one in crossings if one.seq != row.seq]
                    if may_be_there(row, others):
                        changes += handed(row, others, self._takers)
        done = await self._spool.change_each(changes) if changes else ()
        return [
            row.root
            for (row, _), ok in zip(changes, done, strict=True)
            if not ok and row.name == peer
        ]

    async def _roots(self, ids: Sequence[bytes]) -> list[int]:
        """The submissions of these ids that are here still."""
        found: dict[bytes, int] = {}
        after = -1
        while after and len(found) < len(ids):
            some, after = await self._spool.seqs_of(ids, after=max(after, 0))
            found |= some
        return list(found.values())
