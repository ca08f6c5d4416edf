"""X's API v2 on loopback: what a bridge that posts for one account needs of it, and its faults.

``async with x(clock=clock) as platform`` serves one. Requests are held against X's published
OpenAPI document (2.167, August 2026; see ``tables``), signatures are verified, and what the schema
does not say (duplicates, prices, replies) is as docs.x.com and public bug reports have it::

    platform.script(recorder.cut(), on="POST /2/tweets")    # posted, and nobody heard of it
    ...
    assert platform.texts == ["The lights are out again."]
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.loopback import Fault, Loopback, Request, on_loopback
from relay.testing.x import bodies, calls, says
from relay.testing.x.account import Account
from relay.testing.x.gate import Gate
from relay.testing.x.says import No
from relay.testing.x.tokens import AUTHORIZE


class X(Account, Loopback):
    """One stand-in: an ``Account``, served. A person who logs in goes to ``/i/oauth2/authorize``
    and always agrees."""

    max_body_bytes = 80 * 1024 * 1024

    def __init__(self, *, clock: Clock) -> None:
        Loopback.__init__(self)
        Account.__init__(self, clock)
        self._gate = Gate(self)

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        try:
            made = self._opened(request)
        except No as no:
            made = no.fault
        return fault or made

    def _opened(self, request: Request) -> Fault:
        """The calls of a login, which need no token; all others behind the gate."""
        now = self.clock.now()
        if request.line == "POST /2/oauth2/token":
            given = request.headers.get("authorization", "")
            return self.tokens.asked(bodies.form(request), given, now)
        if request.line == "POST /2/oauth2/revoke":
            return self.tokens.taken_back(bodies.form(request))
        if request.line == "GET /i/oauth2/authorize":
            return self._agreed(request)
        return self._routed(request)

    def _agreed(self, request: Request) -> Fault:
        said = dict(parse_qsl(urlsplit(request.target).query))
        if list(AUTHORIZE.flaws(said)) or said["client_id"] != self.tokens.client_id:
            raise No(says.invalid({"$": "Something went wrong"}))
        code = self.tokens.agreed(said, self.clock.now())
        back = urlencode({"state": said["state"], "code": code})
        return Fault(302, {"Location": f"{said['redirect_uri']}?{back}"}, b"", made=True)

    def _routed(self, request: Request) -> Fault:
        for route in calls.ROUTES:
            found = route.path.fullmatch(request.path)
            if found and route.method == request.method:
                headers = self._gate.enter(request, route)
                try:
                    asked = bodies.query(request, route.query)
                    made = route.answers(self, request, asked, *found.groups())
                except No as no:
                    made = no.fault
                return replace(made, headers=dict(made.headers) | headers)
        return Fault(404, {}, b"")  # as X answers a path that it does not know: with nothing


@asynccontextmanager
async def x(*, clock: Clock | None = None) -> AsyncIterator[X]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given."""
    made = X(clock=clock or SystemClock())
    async with on_loopback(made):
        yield made
