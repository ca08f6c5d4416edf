"""A web address on loopback that remembers what was posted to it, and fails as platforms fail.

Faults are a script: one a request, in order; when it is used up, everything is well. A receiver
with keys makes one post of many requests with one ``Idempotency-Key``; without keys each request
that is made counts, as on a platform that cannot tell a repeat.
"""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from relay.testing.loopback import MAX_REQUESTS, Fault, Loopback, Request, on_loopback

__all__ = [
    "GOOD",
    "Fault",
    "Recorder",
    "Request",
    "bomb",
    "cut",
    "endless",
    "error",
    "half",
    "hang",
    "late",
    "maintenance",
    "other_type",
    "recorder",
    "redirect",
    "too_many",
]

GOOD: Final = Fault(headers={"Content-Type": "application/json"}, made=True)


def too_many(retry_after: str | None = None) -> Fault:
    """429; ``retry_after`` is seconds or an HTTP date."""
    return _busy(429, retry_after)


def maintenance(retry_after: str | None = None) -> Fault:
    """503 with an HTML page, as a front server sends it."""
    return _busy(503, retry_after)


def _busy(status: int, retry_after: str | None) -> Fault:
    headers = {"Content-Type": "text/html"}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    return Fault(status, headers, b"<html>later</html>")


def error(status: int, *, made: bool = False) -> Fault:
    """A plain error; ``made`` for a platform that posts and then says it did not."""
    return Fault(status, {"Content-Type": "text/plain"}, b"error", made)


def redirect(to: str) -> Fault:
    """302 to another address."""
    return Fault(302, {"Location": to}, b"")


def cut(*, made: bool = True) -> Fault:
    """The connection ends where the answer should begin."""
    return Fault(made=made, then="cut")


def hang(*, made: bool = True) -> Fault:
    """No answer comes, and the connection stays."""
    return Fault(made=made, then="hang")


def endless(*, made: bool = True) -> Fault:
    """An answer that does not stop."""
    return Fault(made=made, then="endless")


def half(*, made: bool = True) -> Fault:
    """An answer that stops in the middle."""
    return Fault(made=made, then="half")


def late() -> Fault:
    """Nothing happens until the client has given up; then the request is acted on."""
    return Fault(then="late")


def bomb(*, made: bool = True) -> Fault:
    """An answer that is small and unpacks to 64 MiB (RFC 9110 8.4.1, gzip)."""
    packed = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=1)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return Fault(200, headers, packed, made)


def other_type(body: bytes = b"<html>log in</html>", *, made: bool = False) -> Fault:
    """200 with a page where JSON is due: a log-in or a maintenance page."""
    return Fault(200, {"Content-Type": "text/html"}, body, made)


class Recorder(Loopback):
    """The receiver. ``async with recorder(...)`` makes and serves one."""

    def __init__(self, faults: Sequence[Fault] = (), *, keys: bool = True) -> None:
        super().__init__()
        self.made: list[Request] = []
        self.good = GOOD
        self.script(*faults)
        self._keys = keys
        self._known: set[str] = set()

    @property
    def url(self) -> str:
        """Where it is posted to."""
        return f"{self.base}/in"

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Make the post, once for each key."""
        key = request.headers.get("idempotency-key", "") if self._keys else ""
        if key not in self._known and len(self.made) < MAX_REQUESTS:
            if key:
                self._known.add(key)
            self.made.append(request)
        return fault or self.good


@asynccontextmanager
async def recorder(
    *faults: Fault, keys: bool = True, good: Fault = GOOD
) -> AsyncIterator[Recorder]:
    """A recorder that serves while the block lasts. ``good`` is its answer when all is well."""
    made = Recorder(faults, keys=keys)
    made.good = replace(good, made=True)
    async with on_loopback(made):
        yield made
