"""What the command line is told of the media of one message, and the cleaned bytes of one of them.

Of what came nothing is ever given out but what it was: its type, its size, its digest.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

from relay.errors import Asked
from relay.exit.clean import publishable
from relay.exit.originals import until
from relay.exit.record import Record
from relay.model import Kept, Media
from relay.ports import Spool

PIECE: Final = 3 * 64 * 1024
"""Bytes of a medium in one line of an answer: by threes, so that base64 can be joined again."""

Answer = Mapping[str, Any]


def media_of(record: Record) -> list[Answer]:
    """Every medium of a message; numbered where it is clean, and so may be published."""
    assert record.message is not None
    clean = bool(publishable(record))
    return [
        {
            "n": n if clean else None,
            "type": one.type,
            "bytes": len(one.content),
            "width": one.width,
            "height": one.height,
            "seconds": one.seconds,
            "alt": one.alt,
            **({"lacks": one.lacks} if one.lacks else {}),
        }
        for n, one in enumerate(record.message.media, 1)
    ]


async def originals_of(spool: Spool, root: int, record: Record, keep_s: int) -> Answer:
    """What came along with a message, and how long that is kept: ``originals_until`` is null where
    nobody has decided about it yet, or nothing is kept; ``originals_keep_s`` is how long after the
    decision, the hour more included."""
    rows = await spool.originals(root)
    kept = [row for row in rows if row.state == Kept.SEALED]
    decided = next((row.due for row in kept if row.due is not None), None)
    return {
        "originals": [
            {"type": one.type, "bytes": one.size, "sha256": one.sha256.hex(), "why": one.why}
            for one in record.originals
        ],
        "originals_kept": bool(kept),
        "originals_keep_s": until(0, keep_s),
        "originals_until": None if decided is None else until(decided, keep_s),
    }


def chosen(record: Record, n: int | None) -> tuple[int, Media]:
    """The cleaned medium of that number, or the only one there is. Raises Asked."""
    media = publishable(record)
    if not media:
        raise Asked("it has no medium that was made clean")
    if n is None and len(media) > 1:
        raise Asked(f"it has {len(media)} media: say which, as `relay queue show` numbers them")
    if n is not None and not 1 <= n <= len(media):
        raise Asked(f"it has no such medium: `relay queue show` numbers the {len(media)} it has")
    return n or 1, media[(n or 1) - 1]


def pieces(id: str, n: int, medium: Media) -> Iterator[Answer]:
    """A medium as it travels to the command line: what it is, then its bytes in base64."""
    yield {"id": id, "n": n, "type": medium.type, "bytes": len(medium.content)}
    for at in range(0, len(medium.content), PIECE):
        yield {"piece": base64.b64encode(medium.content[at : at + PIECE]).decode()}
