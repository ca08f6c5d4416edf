"""The requests to one homeserver in the account's name, and answers as ``kit.ask`` gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from bridges import kit
from bridges.rooms.access import Access, Login
from bridges.rooms.answers import is_over
from relay.ports import Answer, Clock, Http, Instant, Later, Stopped, Unsure

CLIENT: Final = "/_matrix/client/v3"
READ_S: Final = 15.0
POST_S: Final = 60.0
UPLOAD_S: Final = 120.0


class Api:
    """One account on one homeserver. Its token goes nowhere else."""

    def __init__(self, http: Http, clock: Clock, server: str, access: Access) -> None:
        self._http = http
        self._clock = clock
        self._server = server
        self._access = access
        self.ahead = 0  #: seconds by which the server's clock was ahead of ours, last time

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def login(self) -> Login | Later | Stopped:
        """Who we are there."""
        return await self._access.login()

    async def read(
        self, path: str, params: Mapping[str, str] | None = None
    ) -> Answer | Later | Stopped | Unsure:
        """A question; ``path`` begins with the one of its API."""
        query = f"?{urlencode(params)}" if params else ""
        return await self._named("GET", path + query, None, READ_S)

    async def put(self, path: str, said: Mapping[str, Any]) -> Answer | Later | Stopped | Unsure:
        """A request that changes something and may be repeated. Later: it never left, or there is
        no session now."""
        body = json.dumps(said, ensure_ascii=False).encode()
        return await self._named("PUT", path, ("application/json", body), POST_S)

    async def upload(
        self, kind: str, name: str, content: bytes
    ) -> Answer | Later | Stopped | Unsure:
        """A file that an event will name."""
        path = f"/_matrix/media/v3/upload?{urlencode({'filename': name})}"
        return await self._named("POST", path, (kind, content), UPLOAD_S)

    async def _named(
        self, method: str, path: str, form: tuple[str, bytes] | None, timeout_s: float
    ) -> Answer | Later | Stopped | Unsure:
        login = await self._access.login()
        if not isinstance(login, Login):
            return login
        answer = await self._asked(login, method, path, form, timeout_s)
        if not isinstance(answer, Answer) or not is_over(answer):
            return answer
        again = await self._access.renewed(login, answer)  # what was refused so did nothing
        if not isinstance(again, Login):
            return again
        return await self._asked(again, method, path, form, timeout_s)

    async def _asked(
        self,
        login: Login,
        method: str,
        path: str,
        form: tuple[str, bytes] | None,
        timeout_s: float,
    ) -> Answer | Later | Unsure:
        headers = {"accept": "application/json", "authorization": f"Bearer {login.token}"}
        body = b""
        if form is not None:
            headers["content-type"], body = form
        url = self._server + path
        answer = await kit.ask(
            self._http, method, url, headers=headers, body=body, timeout_s=timeout_s
        )
        there = kit.server_time(answer.headers) if isinstance(answer, Answer) else None
        if there is not None:
            self.ahead = there - self.now()
        return answer


def in_room(room: str, *more: str) -> str:
    """The path of something in a room: ids have signs in them that a path has not."""
    return "/".join([f"{CLIENT}/rooms", *(quote(one, safe="") for one in (room, *more))])
