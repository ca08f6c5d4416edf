"""Pictures, films and sound: which the server takes.

docs.joinmastodon.org, entities/Instance: ``configuration.media_attachments``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import regex

from bridges.fediverse.server import Server
from bridges.kit.fitting import ALL, NO_MEDIA, least
from relay.ports import Fits, Media

TOO_LARGE: Final = "a medium is larger than the server takes"
_TYPE: Final = regex.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def fits_of(server: Server) -> Fits:
    """What the server takes of what a cleaner makes."""
    if server.media < 1 or "image/jpeg" not in server.types:
        return NO_MEDIA
    fits = least(
        ALL,
        image_bytes=server.image_bytes,
        image_side=server.image_side,
        film_bytes=server.video_bytes if "video/mp4" in server.types else 0,
        sound_bytes=server.video_bytes if "audio/mp4" in server.types else 0,
    )
    return replace(fits, image_types=tuple(t for t in fits.image_types if t in server.types))


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
