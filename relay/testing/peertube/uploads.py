"""Resumable uploads as PeerTube takes them, which is as the library @uploadx/core does.

Facts, from version 6.2 of the library and the server's ``validators/resumable-upload.ts``: an
upload is known by its user, its name, its size and the file's ``lastModified``; without the last it
is always a new one. It is forgotten when nothing has come for an hour. What is there is told with
``Range``, and if that is nothing, as ``bytes=0--1``. When the last byte has come the video is made
before the answer is given; who asks in between is told 503, and who asks afterwards 404, as the
upload is gone (older servers still knew the answer for a while: ``answers_kept_s``).

Compared with the library itself, which is milder in one thing: bytes that leave a gap it takes, and
makes a broken file of them. The published description says 409 for a chunk that does not fit, and
so does this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha1
from secrets import token_hex
from typing import Any, Final

from relay.model import Instant
from relay.testing.loopback import Fault, Request
from relay.testing.peertube.says import No, Uploadx, empty

LIFE_S: Final = 3_600
RETRY_S: Final = 300
MAX_UPLOADS: Final = 1_000


@dataclass(slots=True, repr=False)
class Upload:
    """One upload. ``said``: what was said of the video. ``until``: forgotten then. ``busy``: its
    video is being made until then. ``video``: the answer, once it is made."""

    id: str
    said: dict[str, Any]
    size: int
    type: str
    until: Instant
    bytes: bytearray = field(default_factory=bytearray)
    busy: Instant | None = None
    video: dict[str, Any] | None = None

    @property
    def whole(self) -> bool:
        """Whether every byte is there."""
        return len(self.bytes) == self.size


class Uploads:
    """All uploads. Settable: ``life_s`` (without a byte), ``answers_kept_s``."""

    def __init__(self) -> None:
        self.life_s = LIFE_S
        self.answers_kept_s = 0
        self.all: dict[str, Upload] = {}

    def begin(self, said: dict[str, Any], size: int, type: str, now: Instant) -> Upload:
        """A new upload, or the one that is the same."""
        self._forget(now)
        modified = said.get("lastModified") or token_hex(8)
        known = f"{said['name']}\n{size}\n{modified}".encode()
        id = sha1(known, usedforsecurity=False).hexdigest()
        if id not in self.all:
            if len(self.all) >= MAX_UPLOADS:
                del self.all[next(iter(self.all))]
            self.all[id] = Upload(id, said, size, type, now + self.life_s)
        return self.all[id]

    def get(self, id: str, now: Instant) -> Upload:
        """One that is known. Raises Uploadx."""
        self._forget(now)
        if id not in self.all:
            raise Uploadx("FileNotFound")
        return self.all[id]

    def put(self, one: Upload, request: Request, now: Instant) -> Fault | None:
        """Take bytes, or the question how many there are; None: all are there. Raises Uploadx,
        No."""
        if one.busy is not None and one.busy > now:
            headers = {"Retry-After": str(RETRY_S)}
            raise No(503, "The upload is already being processed", headers=headers)
        if one.whole:
            return None
        asked = request.headers.get("content-range")
        if asked is None:
            asked = f"bytes 0-{len(request.body) - 1}/{one.size}"
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", asked)
        if found is None:
            raise Uploadx("InvalidRange")
        there = len(one.bytes)
        if found[1] is not None:
            there = self._take(one, int(found[1]), int(found[2]), int(found[3]), request.body)
            one.until = now + self.life_s
        elif request.body or int(found[3]) != one.size:
            raise Uploadx("FileConflict")
        return None if one.whole else _incomplete(there)

    def end(self, one: Upload, now: Instant) -> None:
        """The video is made, and the upload goes, now or after ``answers_kept_s``."""
        one.busy = None
        one.until = now + self.answers_kept_s
        one.bytes = bytearray(one.size) if self.answers_kept_s else one.bytes
        self._forget(now)

    def _take(self, one: Upload, first: int, last: int, total: int, chunk: bytes) -> int:
        """Put a chunk in its place, and say where it ends. Raises Uploadx."""
        fits = total == one.size and last < total and len(chunk) == last - first + 1
        if not fits or first > len(one.bytes):
            raise Uploadx("FileConflict")
        one.bytes[first : last + 1] = chunk
        return last + 1

    def _forget(self, now: Instant) -> None:
        for id in [one.id for one in self.all.values() if one.until <= now and not one.busy]:
            del self.all[id]


def _incomplete(there: int) -> Fault:
    return empty(308, {"Range": f"bytes=0-{there - 1}", "Cache-Control": "no-store"})
