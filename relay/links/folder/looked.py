"""What lies in a folder, and between whom: by the first bytes of each file. None of it is proved.

A batch and a sheet are framed alike, so that one look tells which it is, who says to have written
it, for whom, and how long it should be.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from relay.links.folder import sheet
from relay.links.folder.place import Entry, Place
from relay.wire import batch
from relay.wire.primitives import SIGNATURE

HEAD: Final = struct.Struct(">4sB32s32sI")

MOST_LOOKED_INTO: Final = 4 * sheet.MOST_FILES
"""Files of which the first bytes are read; who put more there put none for us."""

_MAGICS: Final = (batch.MAGIC, sheet.MAGIC)


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A file that says to be a batch or a sheet. ``expected``: how many bytes it says it has."""

    entry: Entry
    magic: bytes
    sender: bytes
    to: bytes
    expected: int


@dataclass(frozen=True, slots=True, repr=False)
class Looked:
    """What lies there: ``seen`` says to be of some node of ours; ``entries`` are all files that may
    be, by their names in small letters."""

    seen: tuple[Seen, ...]
    entries: Mapping[str, Entry]

    def batches(self, sender: bytes, to: bytes) -> list[Seen]:
        """The batches of a link key (32 bytes) for the id of another (32 bytes)."""
        return self._of(batch.MAGIC, sender, to)

    def sheets(self, sender: bytes, to: bytes) -> list[Seen]:
        """The sheets of a link key for the id of another: of several the newest is to be found."""
        return self._of(sheet.MAGIC, sender, to)

    def _of(self, magic: bytes, sender: bytes, to: bytes) -> list[Seen]:
        wanted = (magic, sender, to)
        return [one for one in self.seen if (one.magic, one.sender, one.to) == wanted]


class Looker:
    """Remembers what each file said of itself, for as long as it stays what it was."""

    def __init__(self) -> None:
        self._known: dict[Entry, Seen | None] = {}

    def look(self, place: Place) -> Looked:
        """All that lies there. Raises OSError."""
        entries = place.entries()[:MOST_LOOKED_INTO]
        known = self._known
        self._known = {one: known[one] if one in known else _seen(place, one) for one in entries}
        seen = tuple(one for one in self._known.values() if one is not None)
        return Looked(seen, {one.name.lower(): one for one in entries})


def _seen(place: Place, entry: Entry) -> Seen | None:
    if entry.size > batch.MAX_BATCH:
        return None
    head = place.read(entry.name, HEAD.size)
    if head is None or len(head) < HEAD.size:
        return None
    magic, version, sender, to, length = HEAD.unpack(head)
    if version != 1 or magic not in _MAGICS:
        return None
    expected = -(-(HEAD.size + length + SIGNATURE) // batch.ROOM) * batch.ROOM
    return Seen(entry, magic, sender, to, expected)


def zero_filled(content: bytes) -> bool:
    """Whether a file ends in zeros where a signature should be: FAT keeps the length of what was
    never written."""
    return not any(content[-SIGNATURE:])
