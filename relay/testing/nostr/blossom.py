"""A Blossom media server on loopback: blobs under their own hash, put there by signed leave.

``async with blossom() as shelf`` serves one. Whoever may upload is in ``members`` (None: anybody);
what counts is the kind 24242 event in ``Authorization`` (BUD-11). Written from hzrd149/blossom as
of April 2026: BUD-01, 02, 06, 07, 11 and 12. Like those it wants the event in base64url without
padding; servers from before BUD-11 took the ordinary base64, and ``encodings`` makes it one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from relay.clock import SystemClock
from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Fault, Loopback, Request, on_loopback
from relay.testing.nostr.leave import BASE64URL, Forbidden, Leave

CORS: Final = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT: Final = CORS | {
    "Access-Control-Allow-Headers": "Authorization, *",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, DELETE",
}
PER_S: Final = 60
SUFFIXES: Final = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
}
BLOB: Final = re.compile(r"/([0-9a-f]{64})(\.\w{1,10})?")
LIST: Final = re.compile(r"/list/([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, repr=False)
class Blob:
    """One upload. ``owner``: the account that uploaded it."""

    sha256: str
    type: str
    content: bytes
    owner: str
    uploaded: Instant


class Blossom(Loopback):
    """One stand-in.

    Settable at any time: ``members``, ``banned`` (403), ``unpaid`` (402); ``encodings`` of the
    Authorization header; ``types`` that it takes (None: any); ``max_blob_bytes``;
    ``requests_allowed`` in 60 s; ``lists_late_s`` (a blob can be fetched only so long after);
    ``alters`` (it changes what is uploaded, which BUD-02 forbids and servers do)."""

    max_body_bytes = 128 * 1024 * 1024

    def __init__(self, *, clock: Clock, requests_allowed: int = 100_000) -> None:
        super().__init__()
        self.members: set[str] | None = None
        self.banned: set[str] = set()
        self.unpaid: set[str] = set()
        self.encodings = BASE64URL
        self.types: frozenset[str] | None = None
        self.max_blob_bytes = 100 * 1024 * 1024
        self.requests_allowed = requests_allowed
        self.lists_late_s = 0
        self.alters = False
        self._clock = clock
        self._counted: Counter[int] = Counter()
        self._blobs: dict[str, Blob] = {}

    @property
    def public(self) -> list[Blob]:
        """What anybody can fetch by its hash, in the order in which it came."""
        return [*self._blobs.values()]

    def content(self, sha256: str) -> bytes:
        """The bytes under a hash; empty if it does not have them."""
        return self._blobs[sha256].content if sha256 in self._blobs else b""

    def put(self, content: bytes, type: str = "image/png", owner: str = "") -> Blob:
        """A blob that no bridge uploaded."""
        sha256 = hashlib.sha256(content).hexdigest()
        made = Blob(sha256, type, content, owner, self._clock.now())
        return self._blobs.setdefault(sha256, made)

    def forget(self, sha256: str) -> None:
        """Lose a blob, as a server does that clears its disk."""
        self._blobs.pop(sha256, None)

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        window = self._clock.now() // PER_S
        self._counted[window] += 1
        if self._counted[window] > self.requests_allowed:
            wait_s = (window + 1) * PER_S - self._clock.now()
            return _no(429, "Slow down", {"Retry-After": str(wait_s)})
        try:
            made = self._routed(request)
        except Forbidden as no:
            made = _no(no.status, no.reason, no.headers)
        return fault or made

    def _routed(self, request: Request) -> Fault:
        if request.method == "OPTIONS":
            return Fault(204, PREFLIGHT, b"")
        if request.path == "/upload" and request.method in ("PUT", "HEAD"):
            return self._upload(request) if request.method == "PUT" else self._would_take(request)
        blob, listed = BLOB.fullmatch(request.path), LIST.fullmatch(request.path)
        if blob and request.method in ("GET", "HEAD"):
            return self._shown(blob[1])
        if blob and request.method == "DELETE":
            return self._delete(request, blob[1])
        if listed and request.method == "GET":
            return self._listed(request, listed[1])
        raise Forbidden(405 if blob or listed or request.path == "/upload" else 404, "Not here")

    # ------------------------------------------------------------ its calls

    def _upload(self, request: Request) -> Fault:
        """BUD-02."""
        if "content-length" not in request.headers:
            raise Forbidden(411, "Content-Length is missing")
        sha256 = hashlib.sha256(request.body).hexdigest()
        owner = self._leave(request).holder("upload", sha256)
        if request.headers.get("x-sha-256", sha256) != sha256:
            raise Forbidden(409, "X-SHA-256 does not match the body")
        type = request.headers.get("content-type", "application/octet-stream").partition(";")[0]
        self._takes(owner, type, len(request.body))
        content = request.body + b"\0" * self.alters
        stored = hashlib.sha256(content).hexdigest()
        new = stored not in self._blobs
        return _json(self._described(self.put(content, type, owner)), 201 if new else 200)

    def _would_take(self, request: Request) -> Fault:
        """BUD-06: what an upload would be answered."""
        sha256 = request.headers.get("x-sha-256", "")
        size = request.headers.get("x-content-length", "")
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise Forbidden(400, "Invalid X-SHA-256 header format. Expected a string.")
        if not (size.isascii() and size.isdigit()):
            raise Forbidden(411, "X-Content-Length is missing")
        owner = self._leave(request).holder("upload", sha256)
        self._takes(owner, request.headers.get("x-content-type", ""), int(size))
        return Fault(200, CORS, b"")

    def _shown(self, sha256: str) -> Fault:
        """BUD-01."""
        one = self._blobs.get(sha256)
        if one is None or one.uploaded + self.lists_late_s > self._clock.now():
            raise Forbidden(404, "Blob not found")
        return Fault(200, CORS | {"Content-Type": one.type}, one.content)

    def _delete(self, request: Request, sha256: str) -> Fault:
        """BUD-12."""
        owner = self._leave(request).holder("delete", sha256)
        one = self._blobs.get(sha256)
        if one is None:
            raise Forbidden(404, "Blob not found")
        if one.owner != owner:
            raise Forbidden(403, "Not yours")
        del self._blobs[sha256]
        return Fault(204, CORS, b"")

    def _listed(self, request: Request, owner: str) -> Fault:
        """BUD-12: newest first, in pages."""
        self._leave(request).holder("list", None)
        query = parse_qs(urlsplit(request.target).query)
        limit, cursor = query.get("limit", ["100"])[-1], query.get("cursor", [""])[-1]
        if not (limit.isascii() and limit.isdigit()) or query.keys() - {"limit", "cursor"}:
            raise Forbidden(400, "Malformed query")
        late = self._clock.now() - self.lists_late_s
        mine = [one for one in self.public if one.owner == owner and one.uploaded <= late][::-1]
        hashes = [one.sha256 for one in mine]
        if cursor and cursor not in hashes:
            raise Forbidden(400, "Unknown cursor")
        first = hashes.index(cursor) + 1 if cursor else 0
        return _json([self._described(one) for one in mine[first : first + int(limit)]])

    # ------------------------------------------------------------ their parts

    def _leave(self, request: Request) -> Leave:
        """What the Authorization header says. Raises Forbidden."""
        return Leave.read(
            request.headers.get("authorization", ""), self.encodings, self._clock.now()
        )

    def _takes(self, owner: str, type: str, size: int) -> None:
        if owner in self.unpaid:
            raise Forbidden(402, "Payment required", {"X-Lightning": "lnbc1stand-in"})
        if owner in self.banned or (self.members is not None and owner not in self.members):
            raise Forbidden(403, "You may not upload here")
        if size > self.max_blob_bytes:
            raise Forbidden(413, f"File too large. Max allowed size is {self.max_blob_bytes} bytes")
        if self.types is not None and type not in self.types:
            raise Forbidden(415, "Unsupported media type")

    def _described(self, one: Blob) -> dict[str, Any]:
        return {
            "url": f"{self.base}/{one.sha256}{SUFFIXES.get(one.type, '.bin')}",
            "sha256": one.sha256,
            "size": len(one.content),
            "type": one.type,
            "uploaded": one.uploaded,
        }


def _json(value: object, status: int = 200) -> Fault:
    return Fault(status, CORS | {"Content-Type": "application/json"}, json.dumps(value).encode())


def _no(status: int, reason: str, headers: dict[str, str]) -> Fault:
    return Fault(status, CORS | {"X-Reason": reason, "Content-Type": "text/plain"} | headers, b"")


@asynccontextmanager
async def blossom(
    *, clock: Clock | None = None, requests_allowed: int = 100_000
) -> AsyncIterator[Blossom]:
    """A media server while the block lasts, on this machine's clock if none is given."""
    made = Blossom(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
