"""Which of its media go out with a message: what a person has looked at, and lets go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from relay.errors import Asked
from relay.exit.clean import publishable
from relay.exit.record import Record


def only_these(record: Record, numbers: Collection[int]) -> Record:
    """The record with these of its cleaned media, as ``relay queue show`` numbers them from 1; the
    others are gone. Raises Asked for a number that it does not have, and where nothing would be
    left to publish."""
    if record.message is None:
        raise Asked("it was not read yet")
    media = publishable(record)
    if not set(numbers) <= set(range(1, len(media) + 1)):
        raise Asked(f"it has no such medium: `relay queue show` numbers the {len(media)} it has")
    left = tuple(medium for n, medium in enumerate(media, 1) if n in numbers)
    if not (left or record.message.text or record.message.title):
        raise Asked("nothing would be left of it: drop it instead")
    return replace(record, message=replace(record.message, media=left))
