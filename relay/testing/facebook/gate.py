"""Who may come in: token, proof, the count of calls, rights, in this order.

Facts: developers.facebook.com, "Secure Graph API calls" (``appsecret_proof`` is the HMAC-SHA256 of
the token with the application's secret) and "Rate limits": calls of a page are counted over a
rolling day, in percent, and those made while too many were made count too.
"""

from __future__ import annotations

import hmac
from collections import deque
from typing import Final

from relay.model import Instant
from relay.testing.facebook import bodies, says
from relay.testing.facebook.bodies import Asked
from relay.testing.facebook.page import Page
from relay.testing.facebook.routes import Call, Route
from relay.testing.facebook.says import No
from relay.testing.facebook.tokens import Token
from relay.testing.loopback import Request

DAY_S: Final = 86400
MAX_CALLS: Final = 100_000


class Gate:
    """Lets requests in, and tells how much of the day's calls is used."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._calls: deque[Instant] = deque(maxlen=MAX_CALLS)

    def enter(self, request: Request, route: Route, base: str) -> Call:
        """The call of a request. Raises No."""
        asked = bodies.raw(request)
        written, token = self._believed(request, asked) if not route.free else ("", None)
        if token is not None:
            self._prove(written, asked)
            self._calls.append(self._page.clock.now())
            if len(self._lately()) > self._page.requests_allowed:
                raise No(says.limited(self._page.limit_code))
            self._permit(route, token)
        said = bodies.fitting(asked, route.table, route.files) if route.table else {}
        nobody = Token("APP", 0, None)
        return Call(asked, said, token or nobody, written, base + request.path, base)

    def usage(self, version: str) -> dict[str, str]:
        """The headers of every answer."""
        allowed, lately = max(self._page.requests_allowed, 1), self._lately()
        minutes = 0
        if len(lately) > allowed:
            free = lately[len(lately) - allowed - 1] + DAY_S - self._page.clock.now()
            minutes = -(-free // 60)
        percent = min(100, 100 * len(lately) // allowed)
        return says.usage(self._page.page, percent, minutes, version)

    def _lately(self) -> list[Instant]:
        since = self._page.clock.now() - DAY_S
        return [at for at in self._calls if at > since]

    def _believed(self, request: Request, asked: Asked) -> tuple[str, Token]:
        header = request.headers.get("authorization", "")
        kind, _, held = header.partition(" ")
        written = held if kind in ("Bearer", "OAuth") else str(asked.said.get("access_token", ""))
        if not written:
            message = "An access token is required to request this resource."
            raise No(says.error(104, message))
        return written, self._page.tokens.known(written, self._page.clock.now())

    def _prove(self, token: str, asked: Asked) -> None:
        proof = asked.said.get("appsecret_proof")
        if proof is None and self._page.proof_required:
            message = "API calls from the server require an appsecret_proof argument"
            raise No(says.error(100, message, type="GraphMethodException"))
        right = self._page.tokens.proof(token)
        if proof is not None and not hmac.compare_digest(str(proof).encode(), right.encode()):
            message = "Invalid appsecret_proof provided in the API argument"
            raise No(says.error(100, message, type="GraphMethodException"))

    def _permit(self, route: Route, token: Token) -> None:
        if not route.right:
            return
        if route.right not in self._page.rights:
            raise No(says.lacks(route.right, write=route.writes))
        wanted = "USER" if route.right == "pages_show_list" else "PAGE"
        if token.kind != wanted:
            message = "(#210) A page access token is required to request this resource."
            raise No(says.error(210, message, status=403))
        if route.writes and self._page.blocked:
            raise No(says.blocked())
