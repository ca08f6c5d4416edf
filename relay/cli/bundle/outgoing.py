"""``relay bundle export``: all that waits for a peer, onto a stick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from relay.cli.bundle.core import Core
from relay.errors import NoNode
from relay.links.folder.faults import FULL, NoRoom
from relay.links.folder.folder import Folder
from relay.links.port import Peer
from relay.wire.batch import Batch

Step = Callable[[int], None]


@dataclass(slots=True)
class Exported:
    """What was put there for one peer. ``there``: envelopes that lay there before; ``left``: that
    wait and are not there; ``removed``: files that had arrived."""

    peer: str
    envelopes: int = 0
    files: int = 0
    bytes: int = 0
    there: int = 0
    left: int = 0
    removed: int = 0

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


class Export:
    """Onto one folder that was surveyed; at most ``most`` bytes in all. Raises OSError where the
    disk fails otherwise than by being full."""

    def __init__(self, core: Core, folder: Folder, most: int | None) -> None:
        self._core = core
        self._folder = folder
        self._most = most
        self._bytes = 0
        self._written: list[tuple[Peer, str]] = []
        self._begun: dict[str, set[bytes]] = {}

    def waiting(self, peer: Peer) -> tuple[int, Exported]:
        """How many envelopes are to be put there for a peer. What lies there and has arrived is
        removed, to make room."""
        now, later = self._core.waiting(peer.name)
        self._begun[peer.name] = now
        shelf = self._folder.shelves[peer.name]
        arrived = shelf.done(now | later)
        self._folder.clear(peer, arrived)
        there = sum(id in now for id in shelf.ids)
        return len(now) - there, Exported(peer.name, there=there, removed=len(arrived))

    def run(self, peer: Peer, did: Exported, step: Step) -> None:
        """Put there what waits and does not lie there yet, as far as there is room."""
        try:
            for batch in self._all(peer, did):
                self._put(peer, batch, did, step)
        except OSError as error:
            if error.errno not in FULL:
                raise
        now, _ = self._core.waiting(peer.name)
        still = now & self._begun[peer.name]  # what came meanwhile goes another time
        did.left = len(still.difference(self._folder.shelves[peer.name].ids))

    def _all(self, peer: Peer, did: Exported) -> Iterator[Batch]:
        """Every batch of the core. Where it does not wait for us, since a slow disk kept us busy
        for too long, it is asked again: what is there by now is not written twice."""
        while True:
            before = did.files
            try:
                yield from self._core.out(peer.name)
                return
            except NoNode:
                if did.files == before:
                    raise

    def _put(self, peer: Peer, batch: Batch, did: Exported, step: Step) -> None:
        """Put a batch there, in halves where the whole has no room. Raises OSError where not even
        one envelope has."""
        left = self._folder.shelves[peer.name].lacks(batch)
        try:
            if self._most is not None and self._bytes + _size(left) > self._most:
                raise NoRoom
            entry = self._folder.put(peer, left)
        except OSError as error:
            half = len(left.envelopes) // 2
            if error.errno not in FULL or not half:
                raise
            self._put(peer, replace(left, envelopes=left.envelopes[:half]), did, step)
            self._put(peer, Batch(envelopes=left.envelopes[half:]), did, step)
            return
        if entry is None:
            return
        self._written.append((peer, entry.name))
        self._bytes += entry.size
        did.files += 1
        did.bytes += entry.size
        did.envelopes += len(left.envelopes)
        step(len(left.envelopes))

    def tell(self) -> None:
        """Write the sheets. Where there is no room for them, what was written last gives way: it
        waits here all the same."""
        while True:
            try:
                self._folder.tell()
                return
            except OSError as error:
                if error.errno not in FULL or not self._written:
                    raise
            peer, name = self._written.pop()
            self._folder.clear(peer, [name])


def _size(batch: Batch) -> int:
    return sum(len(one.envelope) for one in batch.envelopes)
