"""What lies in a folder for us from one peer: what is whole, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from relay.errors import Damaged
from relay.links.folder.looked import Looked, Seen, zero_filled
from relay.links.folder.place import Entry, Place
from relay.links.folder.sheet import MAX_SHEET, Put, Sheet, read_sheet
from relay.wire import primitives
from relay.wire.batch import MAX_BATCH, Batch, read_batch
from relay.wire.linkkeys import LinkKey

Wrong = Literal["incomplete", "altered", "missing"]
"""``incomplete``: cut short, or zeros in place of its end, as after a copy that was broken off;
``altered``: all of it is there, and it is not what was written; ``missing``: it was put there, and
is not."""

NO_SHEET: Final = Sheet(0)


@dataclass(frozen=True, slots=True, repr=False)
class Whole:
    """A batch that is whole, and of that peer. ``digest``: of the file, as a sheet names it."""

    entry: Entry
    batch: Batch
    digest: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that cannot be taken in, and why."""

    name: str
    wrong: Wrong


def read_one(place: Place, seen: Seen, peer: LinkKey, own: LinkKey) -> Whole | Fault | None:
    """A batch of a peer for us; None where it is gone by now. Raises OSError."""
    content = place.read(seen.entry.name, MAX_BATCH + 1)
    if content is None:
        return None
    try:
        return Whole(seen.entry, read_batch(content, peer, own), primitives.digest(content))
    except Damaged:
        return Fault(seen.entry.name, _wrong(content, seen.expected))


def sheet_of(place: Place, looked: Looked, peer: LinkKey, to: LinkKey) -> Sheet:
    """The newest sheet of a writer for a reader; an empty one where there is none that is whole.
    Raises OSError."""
    newest = NO_SHEET
    for seen in looked.sheets(peer.public, to.id):
        content = place.read(seen.entry.name, MAX_SHEET + 1)
        try:
            newest = max(newest, read_sheet(content or b"", peer, to), key=lambda one: one.serial)
        except Damaged:
            continue
    return newest


def missed(
    place: Place, looked: Looked, sheet: Sheet, known: Collection[bytes], told: Collection[str]
) -> Iterator[Fault]:
    """What a sheet names that did not come: neither among the digests that are ``known`` (whole
    here, or taken in before), nor ``told`` already, by its name, to be damaged. Raises OSError."""
    for put in sheet.put:
        if put.digest in known or put.name in told:
            continue
        entry = looked.entries.get(put.name.lower())
        if entry is None:
            yield Fault(put.name, "missing")
        elif (wrong := _held_against(place, entry, put)) is not None:
            yield Fault(put.name, wrong)


def _held_against(place: Place, entry: Entry, put: Put) -> Wrong | None:
    """What is wrong with a file of which not even the first bytes are what they were."""
    content = place.read(entry.name, min(put.size, MAX_BATCH) + 1)
    if content is None:
        return "missing"
    if primitives.digest(content) == put.digest:
        return None  # it was written while we looked
    return _wrong(content, put.size)


def _wrong(content: bytes, expected: int) -> Wrong:
    if len(content) < expected or zero_filled(content):
        return "incomplete"
    return "altered"
