"""A batch as mails: as few as there can be, and what is large keeps nothing small waiting.

Envelopes travel together as far as they fit into one mail. Each such mail is a batch of its own, so
that of three mails two count even if the third is lost. Only what alone is too large for a mail is
cut into parts, and these go last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from relay.wire.batch import ROOM, Batch, Carried
from relay.wire.linkkeys import LENGTH
from relay.wire.pack import pack

_EACH: Final = 64
"""Bytes that an envelope needs in a batch beside its own."""

_AROUND: Final = ROOM + 2 * LENGTH
"""Bytes of a batch beside its contents: head, signature, and what it is filled with."""


def batches(batch: Batch, room: int) -> Iterator[Batch]:
    """The same as batches that fit into ``room`` bytes, as far as that can be."""
    rest = replace(batch, envelopes=())
    left = room - _AROUND
    taken = len(pack(rest))
    together: list[Carried] = []
    alone: list[Carried] = []
    for carried in batch.envelopes:
        size = len(carried.envelope) + _EACH
        if size > left:
            alone.append(carried)
            continue
        if together and taken + size > left:
            yield replace(rest, envelopes=tuple(together))
            rest, together = Batch(serial=batch.serial), []
            taken = len(pack(rest))
        together.append(carried)
        taken += size
    if together or rest or not alone:
        yield replace(rest, envelopes=tuple(together))
    for carried in alone:
        yield Batch(envelopes=(carried,), serial=batch.serial)
