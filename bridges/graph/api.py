"""The requests to the Graph API in a Page's name, and answers as ``kit.ask`` gives them.

The token goes in a header, never in an address, which proxies write down. Where the app demands it
a proof goes along that we hold its secret ("Secure Graph API calls": HMAC-SHA256 of the token).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from bridges import kit
from bridges.kit.forms import multipart
from relay.ports import Answer, Clock, Http, Instant, Later, Media, Unsure

READ_S: Final = 20.0
POST_S: Final = 60.0
UPLOAD_S: Final = 300.0


class Api:
    """One Page. Its token is in no repr, and goes to this address only."""

    def __init__(self, http: Http, clock: Clock, base: str, token: str, app_secret: str) -> None:
        self._http = http
        self._clock = clock
        self._base = base
        self._token = token
        self._proof = proof(app_secret, token) if app_secret else ""
        self.ahead = 0  #: seconds by which Facebook's clock was ahead of ours when it last answered

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def read(self, path: str, **query: str) -> Answer | Later | Unsure:
        """A GET."""
        return await self._ask("GET", f"{path}?{urlencode(self._proven(query))}", READ_S)

    async def post(self, path: str, **said: str) -> Answer | Later | Unsure:
        """A POST of a form."""
        form = ("application/x-www-form-urlencoded", urlencode(self._proven(said)).encode())
        return await self._ask("POST", path, POST_S, form)

    async def upload(
        self, path: str, medium: Media, boundary: str, **said: str
    ) -> Answer | Later | Unsure:
        """A POST of a form with a file, its field named ``source``."""
        fields = [*self._proven(said).items()]
        form = multipart(fields, [("source", medium)], boundary)
        return await self._ask("POST", path, UPLOAD_S, form)

    async def delete(self, path: str) -> Answer | Later | Unsure:
        """A DELETE."""
        query = urlencode(self._proven({}))
        return await self._ask("DELETE", f"{path}?{query}" if query else path, READ_S)

    def _proven(self, said: Mapping[str, str]) -> dict[str, str]:
        return {**said, "appsecret_proof": self._proof} if self._proof else dict(said)

    async def _ask(
        self, method: str, path: str, timeout_s: float, form: tuple[str, bytes] | None = None
    ) -> Answer | Later | Unsure:
        headers = {"accept": "application/json", "authorization": f"Bearer {self._token}"}
        body = b""
        if form is not None:
            headers["content-type"], body = form
        answer = await kit.ask(
            self._http, method, self._base + path, headers=headers, body=body, timeout_s=timeout_s
        )
        there = kit.server_time(answer.headers) if isinstance(answer, Answer) else None
        if there is not None:
            self.ahead = there - self._clock.now()
        return answer


def proof(app_secret: str, token: str) -> str:
    """``appsecret_proof`` of a token."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def good(answer: Answer | Later | Unsure) -> Mapping[str, Any]:
    """The object that a yes gives: 200, JSON, no error; else nothing."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return {}
    made = kit.json_object(answer) or {}
    return {} if "error" in made else made


def made_id(answer: Answer | Later | Unsure) -> str:
    """The id of what was made; "" if there is none."""
    id = good(answer).get("id")
    return id if is_id(id) and isinstance(id, str) else ""


def is_id(said: Any) -> bool:
    """Whether it is an id of Facebook: digits, or two of these with ``_`` between."""
    if not isinstance(said, str) or not said.isascii() or len(said) > 64:
        return False
    parts: Sequence[str] = said.split("_")
    return len(parts) <= 2 and all(part.isdigit() for part in parts)


def listed(said: Any) -> list[Mapping[str, Any]]:
    """The rows under ``data``, wherever the Graph API has a list."""
    rows = said.get("data") if isinstance(said, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
