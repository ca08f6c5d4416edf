"""A front before a real server on loopback: it passes requests on and spoils chosen answers.

The server behind it really acts; so a test can cut, hold or rewrite the answer *after* that, which
is where posts are doubled. The script is the one of every stand-in: a fault that is ``made`` is
passed on first and answered as the fault says, one that is not never reaches the server. ``before``
and ``after`` are awaited around each request that is passed on: a test waits in them, or looks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from relay.ports import Answer, NoAnswer, NotSent
from relay.reach.http import OURS, HttpOut
from relay.testing.loopback import Fault, Loopback, Request, on_loopback

FRAMING: Final = OURS | {"keep-alive", "te", "trailer", "upgrade", "accept-encoding", "server"}
"""Headers that belong to one connection (RFC 9110, 7.6.1), not to what is passed on."""

Rewrite = Callable[[Request, Fault], Fault]
Watch = Callable[[Request], Awaitable[None]]


def mastodon_429(request: Request, answer: Fault) -> Fault:
    """Make a 429 Mastodon's own: its ``X-RateLimit-Reset`` is an ISO time with six decimals, and
    there is no ``Retry-After``. (A mock may give seconds since 1970 and a ``Retry-After``.)"""
    if answer.status != 429:
        return answer
    headers = {name: value for name, value in answer.headers.items() if name != "retry-after"}
    reset = headers.get("x-ratelimit-reset", "")
    if reset.isascii() and reset.isdigit():
        at = datetime.fromtimestamp(int(reset), UTC)
        headers["x-ratelimit-reset"] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return replace(answer, headers=headers)


async def _nothing(request: Request) -> None:
    return None


class Front(Loopback):
    """Passes requests on to ``server`` (``http://127.0.0.1:4101``). ``rewrite`` is given each of
    its answers, header names in lower case; addresses of the server in them are already ours."""

    def __init__(self, server: str, http: HttpOut, rewrite: Rewrite) -> None:
        super().__init__()
        self.before: Watch = _nothing
        self.after: Watch = _nothing
        self._server = server.rstrip("/")
        self._http = http
        self._rewrite = rewrite

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Pass it on, and answer as the server does or as the script says."""
        await self.before(request)
        answer = await self._passed_on(request)
        await self.after(request)
        return fault or answer

    async def _passed_on(self, request: Request) -> Fault:
        headers = {name: value for name, value in request.headers.items() if name not in FRAMING}
        try:
            got = await self._http.request(
                request.method, self._server + request.target, headers=headers, body=request.body
            )
        except (NotSent, NoAnswer):
            return Fault(then="cut")  # a client learns of it as if there were no front
        return self._rewrite(request, self._ours(got))

    def _ours(self, got: Answer) -> Fault:
        headers = {
            name: value.replace(self._server, self.base)
            for name, value in got.headers.items()
            if name not in FRAMING
        }
        return Fault(got.status, headers, got.body, made=True)


@asynccontextmanager
async def front(server: str, *, rewrite: Rewrite = mastodon_429) -> AsyncIterator[Front]:
    """A front that serves while the block lasts."""
    async with HttpOut(None) as http, on_loopback(Front(server, http, rewrite)) as made:
        yield made
