"""Resumable uploads: a session takes the bytes of one file, in order, and makes at most one video.

Facts: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol. Chunks are multiples
of 256 KiB, all but the last; 308 says with ``Range`` what is there, and without one that nothing
is; an empty PUT with ``bytes */N`` asks. How long a session lives is not said anywhere: a week is
what is seen. A session's address opens it, without a token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final

from relay.model import Instant
from relay.testing.google.says import empty
from relay.testing.loopback import Fault, Request

CHUNK: Final = 256 * 1024
LIFE_S: Final = 7 * 86_400
MAX_SESSIONS: Final = 1_000
TEXT: Final = {"Content-Type": "text/plain; charset=utf-8"}


@dataclass(slots=True, repr=False)
class Session:
    """One upload. ``said``: what was said of the video. ``video``: its id, once it is made."""

    id: str
    said: dict[str, Any]
    parts: frozenset[str]
    size: int | None
    type: str
    name: str
    until: Instant
    bytes: bytearray = field(default_factory=bytearray)
    video: str = ""

    @property
    def whole(self) -> bool:
        """Whether every byte is there."""
        return self.size is not None and len(self.bytes) == self.size


class Sessions:
    """All uploads.

    Settable: ``life_s`` (of a session from its beginning), ``gone_status`` (404 or 410, what one
    that is over is answered), ``takes_bytes`` (what is kept of one request at most, a multiple of
    256 KiB: the rest has to be sent again; None for all).
    """

    def __init__(self) -> None:
        self.life_s = LIFE_S
        self.gone_status = 404
        self.takes_bytes: int | None = None
        self._all: dict[str, Session] = {}

    def begin(
        self, request: Request, said: dict[str, Any], parts: frozenset[str], now: Instant
    ) -> Session:
        """A new session for what the headers of a request announce."""
        if len(self._all) >= MAX_SESSIONS:
            del self._all[next(iter(self._all))]
        size = request.headers.get("x-upload-content-length", "")
        made = Session(
            id=token_urlsafe(48),
            said=said,
            parts=parts,
            size=int(size) if size else None,
            type=request.headers.get("x-upload-content-type", "application/octet-stream"),
            name=request.headers.get("slug", "unknown"),
            until=now + self.life_s,
        )
        self._all[made.id] = made
        return made

    def get(self, id: str, now: Instant) -> Session | None:
        """A session that lives."""
        one = self._all.get(id)
        return one if one and one.until > now else None

    def forget(self) -> None:
        """Every session is over."""
        self._all.clear()

    def gone(self) -> Fault:
        """What one that is over is answered."""
        return Fault(self.gone_status, TEXT, b"Not Found", made=True)

    def put(self, session: Session, request: Request) -> Fault | None:
        """Take bytes, or the question how many there are; None: all are there."""
        asked = request.headers.get("content-range")
        if session.whole:
            return None
        if asked is None:
            return self._at_once(session, request.body)
        if re.fullmatch(r"bytes \*/(\d+|\*)", asked) and not request.body:
            return _incomplete(session)
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", asked)
        if found is None:
            return _bad("Failed to parse Content-Range header.")
        total = None if found[3] == "*" else int(found[3])
        return self._chunk(session, int(found[1]), int(found[2]), total, request.body)

    def _at_once(self, session: Session, body: bytes) -> Fault | None:
        if session.size not in (None, len(body)):
            return _bad("The size of the body is not the one that was announced.")
        session.size = len(body)
        session.bytes[:] = body
        return None

    def _chunk(
        self, session: Session, first: int, last: int, total: int | None, body: bytes
    ) -> Fault | None:
        if len(body) != last - first + 1:
            return _bad("Failed to parse Content-Range header.")
        if session.size is not None and total not in (None, session.size):
            return _bad("The total size is not the one that was announced.")
        ends = total is not None and last + 1 == total
        if total is not None and last >= total:
            return _bad("Failed to parse Content-Range header.")
        if not ends and len(body) % CHUNK:
            message = "Invalid request. The number of bytes uploaded is required to be a multiple"
            return _bad(f"{message} of {CHUNK}, except for the final request.")
        there = len(session.bytes)
        if first > there:
            message = "Invalid request. According to the Content-Range header, the upload offset"
            return _bad(f"{message} is {first}, which exceeds already uploaded size of {there}.")
        kept = body[there - first :]
        if self.takes_bytes is not None:
            kept = kept[: self.takes_bytes]
        session.bytes += kept
        session.size = total if total is not None else session.size
        return None if session.whole else _incomplete(session)


def _incomplete(session: Session) -> Fault:
    there = len(session.bytes)
    return empty(308, {"Range": f"bytes=0-{there - 1}"} if there else {})


def _bad(message: str) -> Fault:
    return Fault(400, TEXT, message.encode(), made=True)
