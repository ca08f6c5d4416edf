"""Pictures, films and sound: which the server takes, which go together, and how one is uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import regex

from bridges.fediverse.counting import GRAPHEME
from bridges.fediverse.server import Server
from relay.ports import Media

_ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
}
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


def grouped(media: Sequence[Media], server: Server) -> list[tuple[Media, ...]]:
    """What goes into one post each, in order: images together, a film or a sound alone."""
    groups: list[tuple[Media, ...]] = []
    for medium in media:
        fitting = Media(medium.type.lower(), medium.content, shortened(medium.alt, server.alt))
        joins = groups and _is_image(fitting) and _is_image(groups[-1][-1])
        if joins and len(groups[-1]) < server.media:
            groups[-1] += (fitting,)
        else:
            groups.append((fitting,))
    return groups


def _is_image(medium: Media) -> bool:
    return medium.type.startswith("image/")


def shortened(alt: str, most: int) -> str:
    """A description of at most ``most`` code points; a cut one ends with an ellipsis."""
    if len(alt) <= most:
        return alt
    kept = ""
    for found in regex.finditer(GRAPHEME, alt):
        if found.end() > most - 1:
            break
        kept = alt[: found.end()]
    return kept.rstrip() + "…"


def form(medium: Media, boundary: str) -> tuple[str, bytes]:
    """Content-Type and body of its upload: multipart/form-data (RFC 7578), a neutral file name.

    ``boundary`` (at most 60 letters and digits) is lengthened where the content has it in it.
    """
    held = medium.content + medium.alt.encode()
    while b"--" + boundary.encode() in held:
        boundary += "0"
    line = f"--{boundary}\r\n".encode()
    name = f"1.{_ENDINGS.get(medium.type, 'bin')}"
    body = (
        line
        + (
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {medium.type}\r\n\r\n"
        ).encode()
    )
    body += medium.content + b"\r\n"
    if medium.alt:
        body += line + b'Content-Disposition: form-data; name="description"\r\n\r\n'
        body += medium.alt.encode() + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()
