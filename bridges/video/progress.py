"""What is kept of a try at a film, so that the next one goes on from there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from relay.ports import Instant

MOST_ADDRESS: Final = 3500
"""Characters of an upload's address: a longer one cannot be kept."""


@dataclass(frozen=True, slots=True, repr=False)
class Progress:
    """``upload`` is the address of an upload that was begun (whoever has it may write there, so it
    is in no repr); ``film`` the id of the film that it made, which nobody sees yet; ``since`` when
    that was known. Nothing is published before ``film`` is kept."""

    upload: str = ""
    film: str = ""
    since: Instant = 0

    def written(self) -> bytes:
        """For ``keep``: less than 4 KiB."""
        return json.dumps(asdict(self)).encode()


def kept(written: bytes) -> Progress:
    """What an earlier try kept; nothing, if it is empty. Raises ValueError for anything else."""
    if not written:
        return Progress()
    made = json.loads(written)
    return Progress(str(made["upload"]), str(made["film"]), int(made["since"]))


def keepable(address: str) -> bool:
    """Whether an upload's address can be kept, and asked again."""
    plain = address.isascii() and address.isprintable() and " " not in address
    return plain and 0 < len(address) <= MOST_ADDRESS
