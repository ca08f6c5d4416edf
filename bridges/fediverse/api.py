"""The requests to one server: its address, our token, and answers as ``kit.ask`` gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from bridges import kit
from bridges.fediverse.server import Server, described
from relay.ports import Answer, Http, Later, Unsure

READ_S: Final = 10.0
"""Patience with a question: three of them in a row stay well under the deadline of a call."""

POST_S: Final = 60.0
UPLOAD_S: Final = 90.0


class Api:
    """One account on one server. The token is in no repr and goes to this server only."""

    def __init__(self, http: Http, server: str, token: str) -> None:
        self._http = http
        self._server = server
        self._token = token

    async def ask(
        self,
        method: str,
        path: str,
        *,
        said: Mapping[str, Any] | None = None,
        form: tuple[str, bytes] | None = None,
        key: str = "",
        timeout_s: float = READ_S,
    ) -> Answer | Later | Unsure:
        """One request. ``said`` goes as JSON, ``form`` is a content type and a body; ``key`` makes
        a repeat known. Later: it never left. Unsure: it left and no whole answer came."""
        headers = {
            "accept": "application/json",
            # The words of an error tell cases apart that have one status.
            "accept-language": "en",
            "authorization": f"Bearer {self._token}",
        }
        body = b""
        if said is not None:
            form = ("application/json", json.dumps(said, ensure_ascii=False).encode())
        if form is not None:
            headers["content-type"], body = form
        if key:
            headers["idempotency-key"] = key
        url = self._server + path
        return await kit.ask(
            self._http, method, url, headers=headers, body=body, timeout_s=timeout_s
        )

    async def read(self, path: str) -> Mapping[str, Any] | None:
        """The JSON object there, or None if it cannot be had."""
        answer = await self.ask("GET", path)
        if not isinstance(answer, Answer) or answer.status != 200:
            return None
        return kit.json_object(answer)

    async def learn(self) -> Server | None:
        """What this server is and allows; None if it does not tell now."""
        instance = await self.read("/api/v2/instance") or await self.read("/api/v1/instance")
        if instance is None:
            return None
        return described(instance, await self._nodeinfo())

    async def _nodeinfo(self) -> Mapping[str, Any] | None:
        """https://nodeinfo.diaspora.software/protocol: a list of links, the last the newest.

        Only the path of a link is taken: the token goes to no other host."""
        index = await self.read("/.well-known/nodeinfo")
        links = index.get("links") if index else None
        if not isinstance(links, list) or not links or not isinstance(links[-1], dict):
            return None
        to = links[-1].get("href")
        try:
            path = urlsplit(to).path if isinstance(to, str) else ""
        except ValueError:
            return None
        return await self.read(path) if path.startswith("/") else None
