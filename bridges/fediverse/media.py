"""Pictures, films and sound: which the server takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import regex

from bridges.fediverse.server import Server
from relay.ports import Media

TOO_LARGE: Final = "a medium is larger than the server takes"
_TYPE: Final = regex.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def not_taken(media: Sequence[Media], server: Server) -> str:
    """Why the server would not take one of these, in our words; "" if it takes them all."""
    for medium in media:
        kind = medium.type.lower()
        if server.media < 1:
            return "the server takes no media"
        if not _TYPE.fullmatch(kind) or kind not in server.types:
            return "the server does not take a medium of this type"
        if not medium.content:
            return "a medium is empty"
        if len(medium.content) > server.size_limit(kind):
            return TOO_LARGE
    return ""
