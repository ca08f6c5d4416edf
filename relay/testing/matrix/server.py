"""The stand-in for a Matrix homeserver with one room that is not encrypted.

Written from the specification of 21 July 2026 (matrix-org/matrix-spec, ``data/api/client-server``
and the text of the client-server API) and checked against it; where that leaves a choice, it does
as Synapse does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from relay.clock import SystemClock
from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Fault, Request, on_loopback
from relay.testing.matrix import by_account, by_media, by_reader, by_room, reading, says
from relay.testing.matrix.house import House
from relay.testing.matrix.methods import METHODS
from relay.testing.matrix.reading import Asked
from relay.testing.matrix.says import No

__all__ = ["Matrix", "by_account", "by_media", "by_reader", "by_room", "matrix"]


class Matrix(House):
    """One stand-in; see ``House`` for what can be set."""

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        try:
            made = self._done(request, self.clock.now())
        except No as no:
            made = says.answer(no.body, no.status, no.headers)
        return fault or made

    def _done(self, request: Request, now: Instant) -> Fault:
        key, path = reading.called(request)
        call = reading.call_of(key)
        device = ""
        if not call.open:
            device = self.devices.check(request.headers.get("authorization"), now)
            if not key[1].endswith("/logout"):
                self.unlocked()
        if call.rated:
            self.calls.take(now)
        params = reading.params(request, call.params)
        if call.raw:
            asked = Asked(
                path, now, params, raw=request.body, type=reading.type_of(request), device=device
            )
        else:
            asked = Asked(path, now, params, reading.body(request, call), device=device)
        return METHODS[key](self, asked)


@asynccontextmanager
async def matrix(
    *, clock: Clock | None = None, requests_allowed: int = 10_000
) -> AsyncIterator[Matrix]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given."""
    made = Matrix(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
