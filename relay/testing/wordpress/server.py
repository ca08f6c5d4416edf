"""A WordPress site on loopback: enough of wp/v2 for a bridge that posts, and its faults.

``async with wordpress() as platform`` serves one, with one account and one application password.
Whatever is scripted with ``made=True`` is done and then answered badly. Time is the clock it is
given. Written from the reference pages and the source named in ``tables``, ``posts``, ``library``::

    platform.script(faults.cut(), on="POST /wp-json/wp/v2/posts")   # made, and nobody heard of it
    ...
    assert [one.slug for one in platform.drafts] == ["r-0123456789abcdef"]
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from relay.clock import SystemClock
from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Fault, Request, on_loopback
from relay.testing.wordpress import says
from relay.testing.wordpress.answers import Answers, no_route
from relay.testing.wordpress.caller import RIGHTS, Caller
from relay.testing.wordpress.says import No
from relay.testing.wordpress.site import Site

PER_S: Final = 60
"""The window in which the host in front of the site counts requests."""


class WordPress(Site):
    """One site, served. What it has and what can be set is described at ``Site``."""

    def __init__(self, *, clock: Clock, requests_allowed: int = 100_000) -> None:
        super().__init__(clock=clock, requests_allowed=requests_allowed)
        self._answers = Answers(self)
        self._counted: Counter[Instant] = Counter()

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        now = self.clock.now()
        self._counted[now // PER_S] += 1
        if self._counted[now // PER_S] > self.requests_allowed:
            return says.limited(PER_S - now % PER_S)
        self.posts.due(now)
        made = self._met(request)
        return fault or made

    def _met(self, request: Request) -> Fault:
        route = self._route(request)
        if route is None:
            return self._page(request)
        try:
            if self.switched_off:
                raise no_route()
            made = self._answers.to(request, route, self._caller(request))
        except No as no:
            made = no.answer()
        return replace(made, headers=self._linked(made.headers))

    def _route(self, request: Request) -> str | None:
        """Which route of the API this is; None if it is a page of the site."""
        asked = dict(parse_qsl(urlsplit(request.target).query)).get("rest_route")
        if asked is not None and request.path == "/":
            return asked
        if self.pretty and f"{request.path}/".startswith("/wp-json/"):
            return request.path.removeprefix("/wp-json").rstrip("/") or "/"
        return None

    def _page(self, request: Request) -> Fault:
        """A page, or a file of the library."""
        file = self.library.at(f"{self.base}{request.path}", self.base)
        if file is not None:
            return Fault(200, {"Content-Type": file.type}, file.content, made=True)
        status = 200 if request.path == "/" else 404
        body = b"<!DOCTYPE html><html><head><title>A site</title></head><body></body></html>"
        return Fault(status, self._linked(says.HTML), body, made=True)

    def _linked(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Every page and answer says where the API is, unless it is switched off."""
        links = [] if self.switched_off else [f'<{self.api}>; rel="https://api.w.org/"']
        links += [headers["Link"]] if "Link" in headers else []
        return dict(headers) | ({"Link": ", ".join(links)} if links else {})

    def _caller(self, request: Request) -> Caller:
        """Who asks. A wrong password is an error on every route. Raises No."""
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return Caller(False, frozenset())
        try:
            user, _, password = base64.b64decode(said, validate=True).decode().partition(":")
        except ValueError:
            user, password = "", ""
        if user.lower() != self.user:
            message = "Unknown username. Check again or try your email address."
            raise No(401, "invalid_username", message)
        if re.sub(r"[^a-zA-Z0-9]", "", password) != self.password.replace(" ", ""):
            message = "The provided password is an invalid application password."
            raise No(401, "incorrect_password", message)
        return Caller(True, RIGHTS[self.role])


@asynccontextmanager
async def wordpress(
    *, clock: Clock | None = None, requests_allowed: int = 100_000
) -> AsyncIterator[WordPress]:
    """A site that serves while the block lasts, on this machine's clock if none is given."""
    made = WordPress(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
