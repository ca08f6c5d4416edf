"""What was withdrawn, as the core signed it: ids of items (docs/wire.md), and no word of theirs.

``withdrawn.json`` carries the list as it was signed, the feeds carry it as well, and nothing that
is on it is shown. Nothing here checks a signature: whoever reads the page does.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from bridges.page.item import UUID
from bridges.page.ways import DAY
from relay.ports import Instant

NAME: Final = "withdrawn.json"
MOST: Final = 2000
MOST_BYTES: Final = 192 * 1024


class NotWithdrawn(ValueError):
    """These bytes are no list that the page can show."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A list to be shown. ``when`` is the midnight its day began with; ``signed`` and ``sig`` are
    base64, ``names`` the UUIDs on it."""

    day: str
    when: Instant
    names: frozenset[str]
    signed: str
    sig: str

    @property
    def file(self) -> bytes:
        """The bytes of its file."""
        said = {"kind": "withdrawn", "signed": self.signed, "sig": self.sig}
        return json.dumps(said).encode() + b"\n"


def read_withdrawn(document: bytes, signature: bytes) -> Withdrawn:
    """What a list says. Raises NotWithdrawn, which never quotes it."""
    try:
        made = json.loads(document)
        if len(document) > MOST_BYTES or made["v"] != 1 or made["kind"] != "withdrawn":
            raise NotWithdrawn("a list that is not known here")
        day, ids = made["day"], made["items"]
        names = [one.removeprefix("urn:uuid:") for one in ids]
        # The ids become names of files, so they are read as strictly as those of items.
        if not DAY.fullmatch(day) or len(ids) > MOST or not all(map(UUID.fullmatch, names)):
            raise NotWithdrawn("no list of what was withdrawn")
        when = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except NotWithdrawn:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotWithdrawn("no list of what was withdrawn") from None
    signed, sig = base64.b64encode(document).decode(), base64.b64encode(signature).decode()
    return Withdrawn(day, int(when.timestamp()), frozenset(names), signed, sig)


def read_file(file: bytes | None) -> Withdrawn | None:
    """The list in its file; None where there is none, or none that can be read."""
    try:
        made = json.loads(file or b"")
        halves = [base64.b64decode(made[name], validate=True) for name in ("signed", "sig")]
        return read_withdrawn(halves[0], halves[1])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
