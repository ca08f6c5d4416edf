"""What every service of Google's does with a request before it does its own."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

from relay.model import Instant
from relay.ports import Clock
from relay.testing.google import says
from relay.testing.google.says import Refused, misfit, unauthenticated
from relay.testing.google.tokens import Tokens
from relay.testing.loopback import Fault, Loopback, Request
from relay.testing.shapes import Flag, Listed, Record, Shape, Text, typed

PER_S: Final = 60
"""The window in which requests are counted."""

SCOPE: Final = "https://www.googleapis.com/auth/"
EVERYWHERE: Final[dict[str, Shape]] = {
    "$.xgafv": Text(among=("1", "2")),
    "access_token": Text(),
    "alt": Text(among=("json",)),
    "fields": Text(),
    "key": Text(),
    "prettyPrint": Flag(),
    "quotaUser": Text(),
}
"""Parameters of every method. ``access_token`` is known and opens nothing: it is in the URL."""

COMMAS: Final = frozenset({"part", "id"})
"""Lists that may be written in one parameter."""

Route = tuple[str, re.Pattern[str], str, frozenset[str]]
"""Method, path, the name of what answers, and the scopes of which one is needed."""


def route(method: str, path: str, name: str, *scopes: str) -> Route:
    """One line of a service's table; scopes without what all begin with."""
    return method, re.compile(path), name, frozenset(SCOPE + one for one in scopes)


class Google(Loopback):
    """A service with one account, one client and their tokens.

    ``token`` is an access token that is good now, ``client_id``, ``client_secret`` and
    ``refresh_token`` are what an operator has; the token endpoint is at ``/token``, the login page
    at ``/o/oauth2/v2/auth``. Settable: ``requests_allowed`` (in 60 s), ``lists_late_s`` (a listing
    lags so far behind), ``tokens.agrees`` and ``tokens.refresh_life_s``.
    """

    routes: ClassVar[Sequence[Route]] = ()
    max_body_bytes = 256 * 1024 * 1024

    def __init__(self, *, clock: Clock, scopes: Sequence[str], requests_allowed: int) -> None:
        super().__init__()
        self.tokens = Tokens(clock, frozenset(SCOPE + one for one in scopes))
        self.requests_allowed = requests_allowed
        self.lists_late_s = 0
        self.clock = clock
        self._counted: Counter[Instant] = Counter()

    @property
    def token(self) -> str:
        """The access token that was given last."""
        return self.tokens.token

    @property
    def client_id(self) -> str:
        """The client that the operator registered."""
        return self.tokens.client_id

    @property
    def client_secret(self) -> str:
        """Its secret."""
        return self.tokens.client_secret

    @property
    def refresh_token(self) -> str:
        """What the last login gave."""
        return self.tokens.refresh_token

    @property
    def listed_until(self) -> Instant:
        """What was made later is in no listing yet."""
        return self.clock.now() - self.lists_late_s

    def expire(self) -> None:
        """The access token has run out; a refresh works."""
        self.tokens.expire()

    def revoke(self) -> None:
        """Nothing works until a new login."""
        self.tokens.revoke()

    def suspend(self) -> None:
        """The account is disabled: neither token opens anything."""
        self.tokens.closed = True

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        if request.line == "POST /token":
            made = self.tokens.answer(request)
            return fault or made
        if request.line == "GET /o/oauth2/v2/auth":
            made = self.tokens.login(request)
            return fault or made
        window = self.clock.now() // PER_S
        self._counted[window] += 1
        if self._counted[window] > self.requests_allowed:
            return says.limited()
        try:
            made = self._routed(request)
        except Refused as refused:
            made = refused.answer()
        return fault or made

    def _routed(self, request: Request) -> Fault:
        paths = [(one, found) for one in self.routes if (found := one[1].fullmatch(request.path))]
        for (method, _, name, scopes), found in paths:
            if method == request.method:
                self.admit(request, scopes)
                made: Fault = getattr(self, name)(request, *found.groups())
                return made
        raise (
            Refused(405, "httpMethodNotAllowed", "Method Not Allowed")
            if paths
            else (says.not_found())
        )

    def admit(self, request: Request, scopes: frozenset[str]) -> None:
        """Raise Refused unless a token was said that has one of these scopes."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthenticated(said=False)
        granted = self.tokens.scopes_of(token)
        if granted is None:
            raise unauthenticated(said=True)
        if not granted & scopes:
            wanted = " ".join(sorted(scopes))
            challenge = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
            headers = {"WWW-Authenticate": f'{challenge}, scope="{wanted}"'}
            message = "Request had insufficient authentication scopes."
            raise Refused(403, "insufficientPermissions", message, headers=headers)


def query(request: Request, table: Record) -> dict[str, Any]:
    """The parameters of a request, of a table and those of every method. Raises Refused. A list
    is written ``status=a&status=b``; parts and ids also with commas."""
    whole = Record(need=table.need, may={**EVERYWHERE, **table.may})
    shapes = {**whole.need, **whole.may}
    pairs = []
    for name, value in parse_qsl(urlsplit(request.target).query, keep_blank_values=True):
        several = name in COMMAS and isinstance(shapes.get(name), Listed)
        pairs += [(name, one) for one in (value.split(",") if several else [value])]
    said = typed(pairs, whole)
    flaws = list(whole.flaws(said))
    for flaw in flaws:
        if flaw.rule == "missing":
            message = f"Required parameter: {flaw.name}"
            raise Refused(400, "required", message, at=flaw.name)
    if flaws:
        raise misfit(flaws, query=True)
    return said


def body(request: Request, table: Record) -> dict[str, Any]:
    """The JSON of a request. Raises Refused."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(400, "parseError", "This API does not support parsing the content type.")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refused(400, "parseError", "Invalid JSON payload received. Unexpected token.")
    flaws = list(table.flaws(said))
    if flaws:
        raise misfit(flaws)
    return said


def page_at(token: str) -> int:
    """Where a page begins. Raises Refused."""
    try:
        return abs(int(base64.urlsafe_b64decode(token or "MA==").decode("ascii")))
    except ValueError:
        message = "The request specifies an invalid page token."
        raise Refused(400, "invalidPageToken", message, at="pageToken") from None


def page_token(at: int) -> str:
    """The name of the page that begins there."""
    return base64.urlsafe_b64encode(f"{at:08d}".encode()).decode()
