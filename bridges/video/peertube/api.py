"""The requests in the account's name, to its server only. One that is answered 401 did nothing, so
it is repeated once with a new token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from bridges import kit
from bridges.kit.forms import multipart
from bridges.video.peertube.access import Access
from bridges.video.peertube.answers import Told
from relay.ports import Answer, Clock, Http, Instant

READ_S: Final = 15.0
POST_S: Final = 40.0


class Api:
    """One account on one server."""

    def __init__(self, http: Http, clock: Clock, server: str, access: Access) -> None:
        self._http = http
        self._clock = clock
        self.server = server
        self._access = access
        self.ahead = 0  #: seconds by which the server's clock was ahead of ours when it answered

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def read(self, path: str) -> Told:
        """What is there: ``path`` follows the server's address."""
        return await self.ask("GET", path)

    async def say(
        self,
        method: str,
        path: str,
        said: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        """A request that carries JSON."""
        body = json.dumps(said, ensure_ascii=False).encode()
        sent = {"content-type": "application/json", **(headers or {})}
        return await self.ask(method, path, headers=sent, body=body, timeout_s=POST_S)

    async def fill(self, method: str, path: str, fields: Mapping[str, str]) -> Told:
        """A request that carries a form."""
        kind, body = multipart([*fields.items()], [], "field")
        sent = {"content-type": kind}
        return await self.ask(method, path, headers=sent, body=body, timeout_s=POST_S)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = READ_S,
    ) -> Told:
        """One request with a token."""
        token = await self._access.token()
        if not isinstance(token, str):
            return token
        answer = await self._once(method, path, token, headers or {}, body, timeout_s)
        if not isinstance(answer, Answer) or answer.status != 401:
            return answer
        another = await self._access.instead_of(token)
        if not isinstance(another, str):
            return another
        return await self._once(method, path, another, headers or {}, body, timeout_s)

    async def _once(
        self,
        method: str,
        path: str,
        token: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> Told:
        sent = {"accept": "application/json", **headers, "authorization": f"Bearer {token}"}
        url = self.server + path
        answer = await kit.ask(
            self._http, method, url, headers=sent, body=body, timeout_s=timeout_s
        )
        there = kit.server_time(answer.headers) if isinstance(answer, Answer) else None
        if there is not None:
            self.ahead = there - self._clock.now()
        return answer

    def own(self, path: str, location: str) -> str:
        """``path`` with the query of ``location`` (whole, without its scheme, or a path), if that
        names this path on this very server; else "". The token goes to no other."""
        try:
            parts = urlsplit(urljoin(self.server + path, location))
        except ValueError:
            return ""
        there = f"{parts.scheme}://{parts.netloc}{parts.path}".lower()
        ours = there == (self.server + path).lower()
        return f"{path}?{parts.query}" if ours and parts.query else ""
