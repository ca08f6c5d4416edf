"""The stand-in for a personal data server of Bluesky, and for the readers' service behind it.

Written from the lexicons and the reference code of 20 August 2026 (bluesky-social/atproto,
``packages/pds`` and ``packages/xrpc-server``), and checked against them. It has one account, whose
writes it takes; the posts of others are there to be read and answered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from relay.clock import SystemClock
from relay.model import Instant
from relay.ports import Clock
from relay.testing.bluesky import by_account, by_readers, by_repo, by_video, reading, says
from relay.testing.bluesky.house import House
from relay.testing.bluesky.methods import METHODS
from relay.testing.bluesky.reading import Asked
from relay.testing.bluesky.says import No
from relay.testing.loopback import Fault, Request, on_loopback

__all__ = ["Bluesky", "bluesky", "by_account", "by_readers", "by_repo", "by_video"]


class Bluesky(House):
    """One stand-in; see ``House`` for what can be set. ``requests_allowed``: how many in 300 s."""

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        now = self.clock.now()
        headers: dict[str, str] = {}
        try:
            headers = self.limits.call(now)
            made = self._done(request, now, headers)
        except No as no:
            headers |= no.headers
            made = says.answer({"error": no.error, "message": no.message}, no.status)
        return fault or replace(made, headers=_joined(made.headers, headers))

    def _done(self, request: Request, now: Instant, headers: dict[str, str]) -> Fault:
        """Parameters, right, body, limits, in the order of the reference code. Raises No."""
        if request.path == "/xrpc/_health":
            return says.answer({"version": "0.4.5000"})
        id, call = reading.called(request)
        params = reading.params(request, id)
        authorization = request.headers.get("authorization")
        token = self.sessions.check(authorization, call.auth, now) if call.auth else ""
        if call.proxied and self.status == "takendown":
            raise says.unauthorized("Account has been taken down", "AccountTakedown")
        if call.raw:
            asked = Asked(
                id, call, now, params, raw=request.body, mime=reading.mime(request), token=token
            )
        else:
            body = reading.body(request, id)
            asked = Asked(id, call, now, params, body, token=token)
        headers |= self.limits.method(id, now)
        return METHODS[id](self, asked)


def _joined(*headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for one in headers for name, value in one.items()}


@asynccontextmanager
async def bluesky(
    *, clock: Clock | None = None, requests_allowed: int = 3000
) -> AsyncIterator[Bluesky]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given."""
    made = Bluesky(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
