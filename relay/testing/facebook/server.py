"""Facebook's Graph API on loopback: what a bridge that posts to one page needs, and its faults.

``async with facebook(clock=clock) as platform`` serves one. Requests are held against the
parameters of the package facebook-business 26.0.3 (Graph API v26.0; see ``tables``); what they do
not say is as developers.facebook.com and public bug reports have it. Whatever is scripted with
``made=True`` is done and then answered badly::

    platform.script(unknown(2), on="POST /*/feed")     # HTTP 500, "retry later", and it is posted
    ...
    assert platform.texts == ["The lights are out again."]
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.facebook import calls, login, says, uploads  # noqa: F401  (they enter ROUTES)
from relay.testing.facebook.gate import Gate
from relay.testing.facebook.page import Page
from relay.testing.facebook.routes import ROUTES
from relay.testing.facebook.says import No
from relay.testing.loopback import Fault, Loopback, Request, on_loopback

VERSION: Final = "v26.0"
VERSIONS: Final = frozenset(f"v{number}.0" for number in range(20, 27))
"""Those that live; each does so for about two years."""


class Facebook(Page, Loopback):
    """One stand-in: a ``Page``, served."""

    max_body_bytes = 80 * 1024 * 1024

    def __init__(self, *, clock: Clock) -> None:
        Loopback.__init__(self)
        Page.__init__(self, clock)
        self._gate = Gate(self)

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        version, path = _parted(request.path)
        try:
            if version not in VERSIONS:
                raise No(says.error(2635, f"Version {version} is not available."))
            made = self._routed(request, path)
        except No as no:
            made = no.fault
        headers = dict(made.headers) | self._gate.usage(version)
        return fault or replace(made, headers=headers)

    def _routed(self, request: Request, path: str) -> Fault:
        for route in ROUTES:
            found = route.path.fullmatch(path)
            if found and route.method == request.method:
                call = self._gate.enter(request, route, self.base)
                return route.answers(self, call, found[1] if found.re.groups else "")
        message = f"Unknown path components: {path}"
        raise No(says.error(2500, message))


def _parted(path: str) -> tuple[str, str]:
    """The version of a path, and the rest; without one it is the newest."""
    found = re.match(r"/(v[0-9]+\.[0-9]+)(?=/)", path)
    return (found[1], path[found.end() :]) if found else (VERSION, path)


@asynccontextmanager
async def facebook(*, clock: Clock | None = None) -> AsyncIterator[Facebook]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given."""
    made = Facebook(clock=clock or SystemClock())
    async with on_loopback(made):
        yield made
