"""Who may come in: credentials, rights, the count of calls, and money, in this order.

Facts: docs.x.com, "Rate limits" (calls in 15 minutes for a user, and 10,000 posts a day for an
application) and "Response codes"; the scopes of each call in X's OpenAPI document 2.167.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from relay.model import Instant
from relay.testing.loopback import Request
from relay.testing.x import oauth1, says
from relay.testing.x.account import Account
from relay.testing.x.calls import Route
from relay.testing.x.says import No

WINDOW_S: Final = 900
DAY_S: Final = 86400
POSTS_A_DAY: Final = 10_000


class Gate:
    """Lets requests in, and says how many more may come."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._nonces = oauth1.Nonces()
        self._counted: Counter[tuple[str, Instant]] = Counter()

    def enter(self, request: Request, route: Route) -> dict[str, str]:
        """The headers of the answer. Raises No."""
        self._believe(request, route)
        if self._account.suspended:
            raise No(says.forbidden(says.SUSPENDED))
        headers = self._count(route)
        if self._account.credit <= 0:
            raise No(says.broke(self._account.account))
        return headers

    def _believe(self, request: Request, route: Route) -> None:
        """Raise No unless the credentials are good, and have the right."""
        account, now = self._account, self._account.clock.now()
        given = request.headers.get("authorization", "")
        writes = route.right.endswith(".write")
        if given.startswith("OAuth "):
            try:
                oauth1.check(request, account.secrets, self._nonces, now)
            except oauth1.Unsigned:
                raise No(says.unauthorized()) from None
            if writes and not account.may_write:
                raise No(says.forbidden(says.READ_ONLY, "oauth1-permissions"))
        elif not account.tokens.good(given.removeprefix("Bearer "), now):
            raise No(says.unauthorized())
        elif route.right not in account.tokens.scopes or (writes and not account.may_write):
            raise No(says.forbidden("Forbidden"))

    def _count(self, route: Route) -> dict[str, str]:
        allowed = self._account.requests_allowed
        most = route.most if allowed is None else allowed
        count, reset = self._more(route.does, WINDOW_S)
        if count > most:
            raise No(says.limited(reset, most))
        headers = says.rate(most, most - count, reset)
        if route.does == "post":
            count, reset = self._more("a day's posts", DAY_S)
            if count > POSTS_A_DAY:
                raise No(says.limited(reset, most))
            headers |= says.rate_a_day(POSTS_A_DAY, POSTS_A_DAY - count, reset)
        return headers

    def _more(self, call: str, per_s: int) -> tuple[int, Instant]:
        """One more of this call: how many there are now, and until when they count."""
        now = self._account.clock.now()
        reset = now - now % per_s + per_s
        for old in [key for key in self._counted if key[1] <= now]:
            del self._counted[old]
        self._counted[(call, reset)] += 1
        return self._counted[(call, reset)], reset
