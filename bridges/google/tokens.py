"""An access token of an hour, fetched with the refresh token when it is needed.

Google's refresh token stays the same, so nothing has to be written down. It dies when it is
revoked, after six months without use, and after seven days while the project's consent screen is
in "Testing" (developers.google.com, "Using OAuth 2.0 to access Google APIs", refresh token
expiration); then Google answers ``invalid_grant`` (RFC 6749 5.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import trio

from bridges import kit
from bridges.google.keyfile import Client, word
from relay.ports import Answer, Clock, Http, Instant, Later, Stopped, Unsure

TOKEN_URL: Final = "https://oauth2.googleapis.com/token"
TOKEN_S: Final = 30.0
EARLY_S: Final = 120
"""An access token is renewed so many seconds before it runs out: a request takes its time."""

USUAL_S: Final = 3600
MOST_S: Final = 24 * 3600

NEW_LOGIN: Final = (
    "set the project's consent screen to 'In production' (a login in 'Testing' ends after 7 days), "
    "then relay login"
)
NEW_CLIENT: Final = (
    "see at console.cloud.google.com (APIs and services, Credentials) whether the Desktop client "
    "is still there, then relay login"
)


class Tokens:
    """The access token of one account; any number of tasks may ask for it."""

    def __init__(self, client: Client, http: Http, clock: Clock, url: str = TOKEN_URL) -> None:
        self._client = client
        self._http = http
        self._clock = clock
        self._url = url
        self._access = ""
        self._until: Instant = 0
        self._turn = trio.Lock()

    async def access(self) -> str | Later | Stopped:
        """A token that is good for a while, or why there is none now. Nothing was published."""
        async with self._turn:
            if self._access and self._clock.now() < self._until:
                return self._access
            return await self._renew()

    async def instead_of(self, used: str) -> str | Later | Stopped:
        """Another token than ``used``, which was answered 401."""
        async with self._turn:
            if self._access and self._access != used:
                return self._access  # another request has renewed it meanwhile
            return await self._renew()

    async def _renew(self) -> str | Later | Stopped:
        self._access = ""
        said = {
            "grant_type": "refresh_token",
            "client_id": self._client.client_id,
            "client_secret": self._client.client_secret,
            "refresh_token": self._client.refresh_token,
        }
        answer = await asked(self._http, self._url, said)
        made = given(answer)
        access = word(made.get("access_token"))
        if not access:
            return denied(answer, self._clock.now())
        lasts = made.get("expires_in")
        lasts = lasts if isinstance(lasts, int) and 0 < lasts <= MOST_S else USUAL_S
        self._access = access
        self._until = self._clock.now() + max(1, lasts - EARLY_S)
        return access


async def asked(http: Http, url: str, said: Mapping[str, str]) -> Answer | Later | Unsure:
    """One question to the token address."""
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    body = urlencode(said).encode()
    return await kit.ask(http, "POST", url, headers=headers, body=body, timeout_s=TOKEN_S)


def given(answer: Answer | Later | Unsure) -> Mapping[str, object]:
    """What a yes of the token address gives; nothing, if it is none."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return {}
    return kit.json_object(answer) or {}


def denied(answer: Answer | Later | Unsure, now: Instant) -> Later | Stopped:
    """What it means that the token address gave no token. ``error``: RFC 6749 5.2."""
    if not isinstance(answer, Answer):
        return Later("Google's token address cannot be reached", scope="host")
    said = (kit.json_object(answer) or {}).get("error")
    error = said if isinstance(said, str) else ""
    if error == "invalid_grant":
        return Stopped("Google does not take the refresh token any more", NEW_LOGIN)
    if error in _CLIENT:
        return Stopped("Google does not know the client", NEW_CLIENT)
    if error in _POLICY:
        return Stopped(
            "the account's organisation does not allow it",
            "ask its administrator to allow the client, then relay login",
        )
    until = kit.again_at(answer.headers, now)
    if 400 <= answer.status < 500 and error and error not in _PASSES:
        return Stopped("Google gives no token", NEW_LOGIN)
    return Later(f"Google's token address answered {answer.status}", until, scope="host")


_CLIENT: Final = frozenset({"invalid_client", "unauthorized_client", "deleted_client"})
_POLICY: Final = frozenset({"admin_policy_enforced", "org_internal", "access_denied"})
_PASSES: Final = frozenset(
    {"temporarily_unavailable", "server_error", "internal_failure", "rate_limit_exceeded"}
    | {"quota_exceeded", "slow_down"}
)
