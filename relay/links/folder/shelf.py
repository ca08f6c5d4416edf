"""Our shelf: what we keep in a folder for one peer, and have told of it on a sheet.

What lies there is the truth, not what we remember: each file of ours that was not there before is
read, and counts only if it is whole. So a stick may have been elsewhere meanwhile, or be another
one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from relay.errors import Damaged
from relay.links.folder.looked import Looked, Seen
from relay.links.folder.place import Entry, Place
from relay.links.folder.sheet import MOST_FILES, Put, Sheet, make_sheet
from relay.links.folder.taking import NO_SHEET, Fault, Whole, read_one, sheet_of
from relay.links.port import Peer
from relay.model import Instant
from relay.wire import primitives
from relay.wire.batch import MAX_BATCH, NOTHING, Batch, Carried, make_batch
from relay.wire.envelope import ID, look
from relay.wire.linkkeys import LinkKey, link_key_of
from relay.wire.pack import pack


@dataclass(frozen=True, slots=True, repr=False)
class Lying:
    """A file of ours that is whole. ``digest``: of the file; ``contents``: of what it says;
    ``ids``: of its envelopes; ``only_keys``: it has a bundle and nothing else."""

    entry: Entry
    digest: bytes
    contents: bytes
    ids: frozenset[bytes]
    only_keys: bool


class Shelf:
    """What we keep for one peer. Every call that is given a place may raise OSError."""

    def __init__(self, seed: bytes, peer: Peer) -> None:
        self._seed = seed
        self.own: LinkKey = link_key_of(seed)
        self.peer = peer
        self.lying: dict[str, Lying] = {}
        self._ids: Counter[bytes] = Counter()
        self._took: dict[bytes, None] = {}
        self._sheets: list[Seen] | None = None
        self._told = NO_SHEET

    @property
    def size(self) -> int:
        """Bytes of all that lies there."""
        return sum(one.entry.size for one in self.lying.values())

    @property
    def ids(self) -> Collection[bytes]:
        """The ids of all envelopes that lie there."""
        return self._ids.keys()

    @property
    def has_room(self) -> bool:
        """Whether one more file can be told of on a sheet."""
        return len(self.lying) < MOST_FILES

    @property
    def taken(self) -> Collection[bytes]:
        """The digests of what was taken in of the peer's, as far as its sheet names them."""
        return self._took.keys()

    # ------------------------------------------------------------ looking

    def survey(self, place: Place, looked: Looked) -> Iterator[Fault]:
        """Look at what we keep there, up to the end; gives what is wrong with each file that is
        removed now, since it is damaged."""
        before, self.lying = self.lying, {}
        self._ids.clear()
        for seen in looked.batches(self.own.public, self.peer.key.id):
            known = before.get(seen.entry.name)
            if known is not None and known.entry == seen.entry:
                self._lies(known)
                continue
            found = read_one(place, seen, self.own, self.peer.key)
            if isinstance(found, Whole):
                self._lies(_lying(found.entry, found.batch, found.digest))
            elif found is not None:
                place.remove(found.name)
                yield found
        yield from self._hold_against_sheet(place, looked)

    def _hold_against_sheet(self, place: Place, looked: Looked) -> Iterator[Fault]:
        """Read our own sheet again where it is another one, and remove what it names but of which
        not even the first bytes are ours any more."""
        sheets = looked.sheets(self.own.public, self.peer.key.id)
        if sheets == self._sheets:
            return
        self._sheets = sheets
        self._told = sheet_of(place, looked, self.own, self.peer.key)
        self._took |= dict.fromkeys(self._told.took)
        unread = looked.entries.keys() - {seen.entry.name.lower() for seen in looked.seen}
        for put in self._told.put:
            if put.name in unread:
                place.remove(put.name)
                yield Fault(put.name, "incomplete")

    def check(self, place: Place, batch: Batch) -> None:
        """Read again what lies there of these envelopes, and remove what is damaged: they are given
        once more since no receipt came, and a bad disk may be why."""
        for name in self.holding(batch):
            content = place.read(name, MAX_BATCH)
            if content is None or primitives.digest(content) != self.lying[name].digest:
                self.remove(place, name)

    def holding(self, batch: Batch) -> list[str]:
        """The names of the files in which envelopes of a batch lie."""
        ids = set(map(id_of, batch.envelopes))
        return [name for name, one in self.lying.items() if not one.ids.isdisjoint(ids)]

    def lacks(self, batch: Batch) -> Batch:
        """A batch without the envelopes that lie there already; nothing, where all of it does."""
        if not batch.envelopes:
            said = primitives.digest(pack(batch))
            return NOTHING if any(one.contents == said for one in self.lying.values()) else batch
        left = tuple(one for one in batch.envelopes if id_of(one) not in self._ids)
        return replace(batch, envelopes=left) if left else NOTHING

    # ------------------------------------------------------------ putting and removing

    def put(self, place: Place, batch: Batch, now: Instant) -> Entry:
        """Put a batch there; gives its file. With new keys, files that had nothing but older ones
        are removed."""
        content = make_batch(batch, self._seed, self.peer.key)
        entry = place.put(content, now)
        if batch.bundle:
            for name in [name for name, one in self.lying.items() if one.only_keys]:
                self.remove(place, name)
        self._lies(_lying(entry, batch, primitives.digest(content)))
        return entry

    def remove(self, place: Place, name: str) -> None:
        """Remove a file of ours."""
        place.remove(name)
        gone = self.lying.pop(name, None)
        for id in gone.ids if gone is not None else ():
            self._ids[id] -= 1
            if not self._ids[id]:
                del self._ids[id]

    def done(self, waiting: Collection[bytes]) -> list[str]:
        """The names of files with envelopes of which none is among these ids any more."""
        return [name for name, one in self.lying.items() if one.ids and one.ids.isdisjoint(waiting)]

    def took(self, digests: Collection[bytes]) -> None:
        """Of the peer's files these were taken in: they are not missing from now on."""
        self._took |= dict.fromkeys(digests)

    @property
    def has_news(self) -> bool:
        """Whether something else lies there than the last sheet says."""
        return (self._puts(), tuple(self._took)) != (self._told.put, self._told.took)

    def tell(self, place: Place, looked: Looked, theirs: Sheet, now: Instant) -> None:
        """Write a new sheet, if there is news. ``theirs``: what the peer says it has put there;
        of what was taken in, no more than that need be remembered."""
        named = {one.digest for one in theirs.put}
        self._took = {one: None for one in self._took if one in named}
        if not self.has_news:
            return
        sheet = Sheet(self._told.serial + 1, self._puts(), tuple(self._took)[:MOST_FILES])
        place.put(make_sheet(sheet, self._seed, self.peer.key), now)
        for seen in looked.sheets(self.own.public, self.peer.key.id):
            place.remove(seen.entry.name)
        place.settle(now)
        self._told, self._sheets = sheet, None

    def _puts(self) -> tuple[Put, ...]:
        lying = [self.lying[name] for name in sorted(self.lying)][:MOST_FILES]
        return tuple(Put(one.entry.name, one.entry.size, one.digest) for one in lying)

    def _lies(self, lying: Lying) -> None:
        self.lying[lying.entry.name] = lying
        self._ids.update(lying.ids)


def _lying(entry: Entry, batch: Batch, digest: bytes) -> Lying:
    ids = frozenset(map(id_of, batch.envelopes))
    more = batch.envelopes or batch.durable or batch.answers or batch.heard
    said = primitives.digest(pack(batch))
    return Lying(entry, digest, said, ids, bool(batch.bundle) and not more)


def id_of(carried: Carried) -> bytes:
    """The id of an envelope (16 bytes); of what is none, one that is made of it."""
    try:
        return look(carried.envelope).id
    except Damaged:
        return primitives.digest(carried.envelope)[:ID]
