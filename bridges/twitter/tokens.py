"""OAuth 2.0: an access token of two hours, renewed with another that each time is a new one.

The new pair is durable before it is used (``kit.Session``): the old one ends with it. So where it
could not be kept none is asked for: the next start would have a pair that is over. Address and
fields: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from bridges import kit
from relay.ports import Answer, Http, Instant, NoAnswer, NotSent, Stopped

TOKEN: Final = "/2/oauth2/token"
SCOPES: Final = "tweet.read tweet.write users.read media.write offline.access"
NOT_KEPT: Final = (
    "a renewed token cannot be written beside its secret file: make room, or the folder writable"
)
NO_ROOM: Final = Stopped(
    "a renewed token could not be kept, so none is asked for",
    "make room on the disk, and the folder TOKENFILE.session, beside the token's file, one that "
    "the node's user may write: chmod 700, chown",
)
_MOST: Final = 2048


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """The application and what it began with. A public client has no secret."""

    client_id: str
    client_secret: str
    refresh_token: str
    access_token: str = ""


class Renewing:
    """Asks in the name of a token that is renewed."""

    def __init__(self, client: Client, session: kit.Session, http: Http, base: str) -> None:
        self._client = client
        self._session = session
        self._http = http
        self._url = base + TOKEN
        self._access, self._refresh = client.access_token, client.refresh_token
        self.trouble = ""
        self.stuck: Stopped | None = None
        self._load()

    def _load(self) -> None:
        """Take up what was stored last, by us or by another process."""
        if self.trouble:
            return  # ours could not be stored, and what is there is older
        held = self._session.load()
        self._access = _token(held.get("access_token")) or self._access
        self._refresh = _token(held.get("refresh_token")) or self._refresh

    async def authorization(self, method: str, url: str, query: Sequence[tuple[str, str]]) -> str:
        """The header for one request."""
        if not self._access:
            await self._renew("")
        return f"Bearer {self._access or 'none'}"  # refused, X answers 401 to that

    async def renewed(self, answer: Answer, there: Instant | None) -> bool:
        """Whether a request that was answered 401 is worth a second one: with a new token it is.

        Raises NotSent or NoAnswer where a new one cannot be had now."""
        return await self._renew(self._access)

    async def _renew(self, used: str) -> bool:
        async with self._session.turn:
            if self._access != used:
                return True  # another request has renewed it meanwhile
            self._load()
            if self._access != used:
                return True  # or another process has: a command, while the node runs
            if not self.trouble and not await self._store():
                self.stuck = NO_ROOM
                raise NotSent("no room for a renewed token")
            self.stuck = None
            fields = {"grant_type": "refresh_token", "refresh_token": self._refresh}
            made = tokens(await asked(self._http, self._url, fields, self._client))
            if made is None:  # or another process was quicker, and what we asked with is used up
                self._load()
                return self._access != used
            self._access, self._refresh = made[0], made[1] or self._refresh
            self.trouble = "" if await self._store() else NOT_KEPT
            return True

    async def _store(self) -> bool:
        """Whether what we have could be written down."""
        try:
            await self._session.store(
                {"access_token": self._access, "refresh_token": self._refresh}
            )
        except OSError:
            return False
        return True


async def asked(http: Http, url: str, fields: Mapping[str, str], client: Client) -> Answer:
    """One question to the token address, as its client. Raises NotSent or NoAnswer; an answer
    that tells nothing of the token (a 429, a 5xx) is NoAnswer too."""
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    said = dict(fields)
    if client.client_secret:
        pair = f"{client.client_id}:{client.client_secret}".encode()
        headers["authorization"] = "Basic " + base64.b64encode(pair).decode()
    else:
        said["client_id"] = client.client_id
    answer = await http.request(
        "POST", url, headers=headers, body=urlencode(said).encode(), timeout_s=30.0
    )
    if answer.status not in (200, 400, 401, 403):
        raise NoAnswer(f"the token address answered {answer.status}")
    return answer


def tokens(answer: Answer) -> tuple[str, str] | None:
    """The access token and the refresh token ("" if there is none) in an answer; None if it gives
    none. Raises NoAnswer for a 200 that is no answer of X."""
    if answer.status != 200:
        return None
    made: Mapping[str, Any] = kit.json_object(answer) or {}
    access = _token(made.get("access_token"))
    if not access:
        raise NoAnswer("no token came")
    return access, _token(made.get("refresh_token"))


def _token(said: Any) -> str:
    """A token as it may stand in a header; "" for anything else."""
    plain = isinstance(said, str) and len(said) <= _MOST and said.isascii() and said.isprintable()
    return said if plain and " " not in said else ""
