"""A folder as one node uses it: what came there for it, what it puts there, and its sheets.

Everything here blocks, for as long as the disk does, and any of it may raise OSError. The
sub-folder is opened anew each time: a stick may be pulled out, and another one be there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from relay.links.folder.faults import FULL, NoRoom
from relay.links.folder.looked import Looked, Looker, Seen
from relay.links.folder.merged import merged
from relay.links.folder.place import Entry, Place, opened
from relay.links.folder.shelf import Shelf
from relay.links.folder.taking import Fault, Whole, missed, read_one, sheet_of
from relay.links.port import Peer
from relay.ports import Clock
from relay.wire.batch import Batch
from relay.wire.linkkeys import link_key_of


@dataclass(frozen=True, slots=True, repr=False)
class Survey:
    """What lies there. ``arrived``: files for us, of a peer; ``strangers``: for us, of nobody we
    know; ``mended``: files of ours that were damaged, and were removed."""

    looked: Looked
    arrived: tuple[tuple[Peer, Seen], ...] = ()
    strangers: tuple[Entry, ...] = ()
    mended: int = 0

    def of(self, peer: Peer) -> Sequence[Seen]:
        """What came from one peer."""
        return [seen for sender, seen in self.arrived if sender is peer]


@dataclass(slots=True, repr=False)
class Taken:
    """What was taken in of one peer: files, and what goes back for each."""

    wholes: list[Whole] = field(default_factory=list)
    backs: list[Batch] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.wholes)

    def add(self, whole: Whole, back: Batch) -> None:
        """One more, and what goes back for it."""
        self.wholes.append(whole)
        self.backs.append(back)


class Folder:
    """One folder. ``known`` are all nodes that we know, by their public link keys, and ``peers``
    those of them with whom this folder is shared. ``removable``: it is there only while a disk is
    mounted at it."""

    def __init__(
        self,
        at: Path,
        seed: bytes,
        known: Mapping[bytes, Peer],
        peers: Sequence[Peer],
        clock: Clock,
        *,
        removable: bool = False,
    ) -> None:
        self._at = at
        self._clock = clock
        self._removable = removable
        self._looker = Looker()
        self._known = known
        self._own = link_key_of(seed)
        self.peers = tuple(peers)
        self.shelves = {one.name: Shelf(seed, one) for one in peers}

    def survey(self) -> Survey:
        """Look at all that lies there; what is damaged of ours is removed."""
        try:
            place = self._open(make=False)
        except FileNotFoundError:
            if not self._is_there():
                raise
            return Survey(Looked((), {}))  # nobody has put anything there yet
        with place:
            place.sweep(self._clock.now())
            looked, mended = self._looker.look(place), 0
            for shelf in self.shelves.values():
                mended += len(list(shelf.survey(place, looked)))
            return Survey(looked, *self._for_us(looked), mended)

    def _for_us(self, looked: Looked) -> tuple[tuple[tuple[Peer, Seen], ...], tuple[Entry, ...]]:
        arrived = tuple(
            (peer, seen)
            for peer in self.peers
            for seen in looked.batches(peer.key.public, self._own.id)
        )
        strangers = tuple(
            seen.entry
            for seen in looked.seen
            if seen.to == self._own.id and seen.sender not in self._known
        )
        return arrived, strangers

    def read(self, peer: Peer, seen: Seen) -> Whole | Fault | None:
        """One file that came; None where it is gone by now."""
        with self._open(make=False) as place:
            return read_one(place, seen, peer.key, self._own)

    def missed(
        self, peer: Peer, looked: Looked, whole: set[bytes], told: set[str]
    ) -> tuple[Sequence[Fault], int]:
        """What that peer's sheet names and is not among the digests of what is whole or was taken
        in before, nor told by its name already; and how many files the sheet names."""
        shelf = self.shelves[peer.name]
        if not looked.entries:
            return (), 0
        with self._open(make=False) as place:
            sheet = sheet_of(place, looked, peer.key, self._own)
            known = whole | set(shelf.taken)
            return list(missed(place, looked, sheet, known, told)), len(sheet.put)

    def settle(self, peer: Peer, taken: Taken) -> None:
        """Write what goes back for files that were taken in, and remove these. On a full disk they
        make room for it. What then cannot be written is left out, and its fault is raised: the
        peer gives the same again, and gets it then."""
        shelf = self.shelves[peer.name]
        left = list(merged(taken.backs))
        with self._open(make=True) as place:
            try:
                self._write(place, shelf, left)
            except OSError as error:
                if error.errno not in FULL:
                    raise
            for one in taken.wholes:
                place.remove(one.entry.name)
            shelf.took([one.digest for one in taken.wholes])
            self._write(place, shelf, left)
            place.settle(self._clock.now())

    def _write(self, place: Place, shelf: Shelf, left: list[Batch]) -> None:
        while left:
            if shelf.lacks(left[0]):
                shelf.put(place, left[0], self._clock.now())
            del left[0]

    def put(self, peer: Peer, batch: Batch, most: int | None = None) -> Entry | None:
        """Put a batch there, without what lies there already: gives the new file, None where all of
        it does. Raises NoRoom where more than ``most`` bytes would lie there for that peer, or too
        many files."""
        shelf = self.shelves[peer.name]
        with self._open(make=True) as place:
            left = shelf.lacks(batch)
            if not left:
                return None
            size = sum(len(one.envelope) for one in left.envelopes)
            if not shelf.has_room or (most is not None and shelf.size + size > most):
                raise NoRoom
            return shelf.put(place, left, self._clock.now())

    def check(self, peer: Peer, batch: Batch) -> None:
        """Read again what lies there of a batch, and remove what is damaged."""
        with self._open(make=True) as place:
            self.shelves[peer.name].check(place, batch)

    def tell(self) -> None:
        """Write the sheets that say something else than what lies there."""
        if not any(shelf.has_news for shelf in self.shelves.values()):
            return
        with self._open(make=True) as place:
            looked = self._looker.look(place)
            for shelf in self.shelves.values():
                theirs = sheet_of(place, looked, shelf.peer.key, self._own)
                shelf.tell(place, looked, theirs, self._clock.now())

    def clear(self, peer: Peer, names: Sequence[str]) -> None:
        """Remove files of ours."""
        if not names:
            return
        with self._open(make=False) as place:
            for name in names:
                self.shelves[peer.name].remove(place, name)
            place.settle(self._clock.now())

    def _open(self, *, make: bool) -> Place:
        if not self._is_there():
            raise FileNotFoundError(errno.ENOENT, "")
        return opened(self._at, make=make)

    def _is_there(self) -> bool:
        return os.path.ismount(self._at) if self._removable else self._at.is_dir()
