"""``relay bundle import``: what lies on a stick for this node, into its core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from relay.cli.bundle.core import Core
from relay.links.folder.folder import Folder, Survey, Taken
from relay.links.folder.taking import Fault, Whole
from relay.links.port import Peer
from relay.wire.batch import Batch

AT_ONCE: Final = 64
"""Files that are taken in before what goes back for them is written."""


@dataclass(slots=True)
class Imported:
    """What was taken in of one peer: ``files``, and in them ``envelopes``, ``receipts`` for ours,
    ``answers`` to senders, and ``keys``. ``later``: files that this node could not keep now.
    ``incomplete``, ``altered``, ``missing``: files by their names, and ``of`` how many that is.
    ``receipts_left``: the stick took none, and they go with the next one that is exported."""

    peer: str
    files: int = 0
    envelopes: int = 0
    receipts: int = 0
    answers: int = 0
    keys: int = 0
    later: int = 0
    receipts_left: int = 0
    of: int = 0
    incomplete: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def damaged(self) -> bool:
        """Whether anything did not come as it was put there."""
        return bool(self.incomplete or self.altered or self.missing)

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    def counts(self, batch: Batch) -> None:
        """A batch that is kept now."""
        self.files += 1
        self.envelopes += len(batch.envelopes)
        self.receipts += len(batch.durable)
        self.answers += len(batch.answers)
        self.keys += bool(batch.bundle)

    def fault(self, fault: Fault) -> None:
        """A file that cannot be taken in."""
        getattr(self, fault.wrong).append(fault.name)


class Import:
    """From one folder, as it was surveyed. ``step`` is called for each file."""

    def __init__(self, core: Core, folder: Folder, survey: Survey) -> None:
        self._core = core
        self._folder = folder
        self._survey = survey

    def run(self, peer: Peer, step: Callable[[], None]) -> Imported:
        """All that is there of one peer. Raises OSError where the disk cannot be read."""
        did, taken = Imported(peer.name), Taken()
        whole: set[bytes] = set()
        seen = self._survey.of(peer)
        for one in seen:
            found = self._folder.read(peer, one)
            step()
            if isinstance(found, Fault):
                did.fault(found)
            if not isinstance(found, Whole):
                continue
            whole.add(found.digest)
            if did.later or not self._take(peer, found, did, taken):
                did.later += 1
            if len(taken) >= AT_ONCE:
                self._settle(peer, taken, did)
                taken = Taken()
        self._miss(peer, whole, did, len(seen))
        self._settle(peer, taken, did)
        return did

    def _take(self, peer: Peer, found: Whole, did: Imported, taken: Taken) -> bool:
        """Whether the core keeps all that is in a file."""
        batch = found.batch
        back = self._core.take_in(peer.name, batch)
        if back is None:
            return False
        taken.add(found, back)
        did.counts(batch)
        return True

    def _settle(self, peer: Peer, taken: Taken, did: Imported) -> None:
        """Write receipts to the stick and remove what was taken in; on one that cannot be written
        to it stays, and the core remembers what is to be told."""
        if not taken:
            return
        try:
            self._folder.settle(peer, taken)
        except OSError:
            ids = [id for back in taken.backs for id in back.durable]
            self._core.remember(peer.name, ids)
            did.receipts_left += len(ids)

    def _miss(self, peer: Peer, whole: set[bytes], did: Imported, seen: int) -> None:
        told = {*did.incomplete, *did.altered}
        missed, named = self._folder.missed(peer, self._survey.looked, whole, told)
        for fault in missed:
            did.fault(fault)
        did.of = max(named, seen)

    def tell(self) -> bool:
        """Write the sheets; whether it could be done."""
        try:
            self._folder.tell()
        except OSError:
            return False
        return True
