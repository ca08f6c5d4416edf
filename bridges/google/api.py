"""The requests in an account's name. One that is answered 401 did nothing, so it is repeated once
with a new token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from bridges import kit
from bridges.google.tokens import Tokens
from relay.ports import Answer, Clock, Http, Instant, Later, Stopped, Unsure

READ_S: Final = 20.0
POST_S: Final = 60.0

Told = Answer | Later | Stopped | Unsure
"""An answer; or Later and Stopped: the request never left; or Unsure: no whole answer came."""


class Api:
    """One account at one service. Its tokens are in no repr."""

    def __init__(self, http: Http, clock: Clock, base: str, tokens: Tokens) -> None:
        self._http = http
        self._clock = clock
        self._base = base
        self._tokens = tokens
        self.ahead = 0  #: seconds by which Google's clock was ahead of ours when it last answered

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        said: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = READ_S,
    ) -> Told:
        """One request, with a token. ``path`` follows the service's address, or is a whole one that
        the service gave us itself (an upload); ``said`` goes as JSON in place of ``body``."""
        sent = {"accept": "application/json", **(headers or {})}
        if said is not None:
            sent["content-type"] = "application/json; charset=utf-8"
            body = json.dumps(said, ensure_ascii=False).encode()
        url = path if path.startswith(("https://", "http://")) else self._base + path
        token = await self._tokens.access()
        if not isinstance(token, str):
            return token
        answer = await self._once(method, url, token, sent, body, timeout_s)
        if not isinstance(answer, Answer) or answer.status != 401:
            return answer
        another = await self._tokens.instead_of(token)
        if not isinstance(another, str):
            return another
        return await self._once(method, url, another, sent, body, timeout_s)

    async def _once(
        self,
        method: str,
        url: str,
        token: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> Answer | Later | Unsure:
        sent = {**headers, "authorization": f"Bearer {token}"}
        answer = await kit.ask(
            self._http, method, url, headers=sent, body=body, timeout_s=timeout_s
        )
        there = kit.server_time(answer.headers) if isinstance(answer, Answer) else None
        if there is not None:
            self.ahead = there - self._clock.now()
        return answer


def good(answer: Told) -> Mapping[str, Any]:
    """The object that a yes gives: 200 or 201, JSON, no error; else nothing."""
    if not isinstance(answer, Answer) or answer.status not in (200, 201):
        return {}
    made = kit.json_object(answer) or {}
    return {} if "error" in made else made


def listed(answer: Told) -> list[Mapping[str, Any]] | None:
    """The rows under ``items`` of a list; None if it is none. An empty list may lack them."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return None
    made = kit.json_object(answer)
    rows = None if made is None or "error" in made else made.get("items", [])
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else None


def following(answer: Told) -> str:
    """The token of the page after this one; "" on the last."""
    token = good(answer).get("nextPageToken")
    return token if isinstance(token, str) else ""
