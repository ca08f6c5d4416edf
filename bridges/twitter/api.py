"""The requests to X's API in the account's name, and answers as ``kit.ask`` gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from bridges import kit
from bridges.twitter.signing import encoded
from relay.ports import Answer, Clock, Http, Instant, Later, NoAnswer, NotSent, Stopped, Unsure

READ_S: Final = 15.0
POST_S: Final = 60.0
UPLOAD_S: Final = 120.0

Query = Sequence[tuple[str, str]]


class Access(Protocol):
    """A way to say who asks: ``signing.Signed`` or ``tokens.Renewing``. ``trouble`` is what the
    operator should know of it; ``stuck`` is why nothing can be asked before they see to it."""

    trouble: str
    stuck: Stopped | None

    async def authorization(self, method: str, url: str, query: Query) -> str:
        """The header for one request. Raises NotSent or NoAnswer where there is none now."""
        ...

    async def renewed(self, answer: Answer, there: Instant | None) -> bool:
        """Whether to repeat a request that was answered 401, once. Raises as above."""
        ...


class Api:
    """One account. What names it is in no repr, and goes to X only."""

    def __init__(self, http: Http, clock: Clock, base: str, access: Access) -> None:
        self._http = http
        self._clock = clock
        self._base = base
        self._access = access
        self.ahead = 0  #: seconds by which X's clock was ahead of ours when it last answered

    @property
    def trouble(self) -> str:
        """What the operator should know of the access."""
        return self._access.trouble

    @property
    def stuck(self) -> Stopped | None:
        """Why nothing was asked that was put off, if that is for the operator to mend."""
        return self._access.stuck

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        said: Mapping[str, Any] | None = None,
        form: tuple[str, bytes] | None = None,
        timeout_s: float = READ_S,
    ) -> Answer | Later | Unsure:
        """One request. ``said`` goes as JSON, ``form`` is a content type and a body. Later: it
        never left. Unsure: it left and no whole answer came."""
        if said is not None:
            form = ("application/json", json.dumps(said, ensure_ascii=False).encode())
        answer = await self._asked(method, path, query, form, timeout_s)
        if not isinstance(answer, Answer) or answer.status != 401:
            return answer
        try:  # a 401 did nothing, so that this is no second post
            again = await self._access.renewed(answer, kit.server_time(answer.headers))
        except (NotSent, NoAnswer):
            return Later("the access token cannot be renewed now", scope="destination")
        return await self._asked(method, path, query, form, timeout_s) if again else answer

    async def _asked(
        self,
        method: str,
        path: str,
        query: Query,
        form: tuple[str, bytes] | None,
        timeout_s: float,
    ) -> Answer | Later | Unsure:
        url = self._base + path
        try:
            headers = {"authorization": await self._access.authorization(method, url, query)}
        except (NotSent, NoAnswer):
            return Later("an access token cannot be had now", scope="destination")
        headers["accept"] = "application/json"
        body = b""
        if form is not None:
            headers["content-type"], body = form
        if query:
            url += "?" + "&".join(f"{encoded(name)}={encoded(value)}" for name, value in query)
        answer = await kit.ask(
            self._http, method, url, headers=headers, body=body, timeout_s=timeout_s
        )
        there = kit.server_time(answer.headers) if isinstance(answer, Answer) else None
        if there is not None:
            self.ahead = there - self._clock.now()
        return answer
