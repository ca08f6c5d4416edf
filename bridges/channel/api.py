"""The requests to the Bot API (core.telegram.org/bots/api), and answers as ``kit.ask`` gives them.

The token is a part of every address: no address is ever shown, logged or put into a reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from bridges import kit
from relay.ports import Answer, Clock, Http, Instant, Later, Unsure

READ_S: Final = 10.0
POST_S: Final = 75.0
"""Long: of a message whose answer we did not wait for, nobody may ever tell whether it is there."""

UPLOAD_S: Final = 100.0


class Api:
    """One bot. Its token is in no repr and goes to the Bot API only."""

    def __init__(self, http: Http, clock: Clock, base: str, token: str) -> None:
        self._http = http
        self._clock = clock
        self._bot = f"{base}/bot{token}/"
        self.ahead = 0  #: seconds by which Telegram's clock was ahead of ours when it last answered

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def call(
        self,
        method: str,
        said: Mapping[str, Any] | None = None,
        *,
        form: tuple[str, bytes] | None = None,
        timeout_s: float = READ_S,
    ) -> Answer | Later | Unsure:
        """Call a method. ``said`` goes as JSON, ``form`` is a content type and a body. Later: it
        never left. Unsure: it left and no whole answer came."""
        if form is None:
            form = ("application/json", json.dumps(said or {}, ensure_ascii=False).encode())
        headers = {"accept": "application/json", "content-type": form[0]}
        answer = await kit.ask(
            self._http,
            "POST",
            self._bot + method,
            headers=headers,
            body=form[1],
            timeout_s=timeout_s,
        )
        there = kit.server_time(answer.headers) if isinstance(answer, Answer) else None
        if there is not None:
            self.ahead = there - self._clock.now()
        return answer


def result(answer: Answer | Later | Unsure) -> Any:
    """What a method gave: ``result`` of an answer that says ``"ok": true``; else None."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return None
    said = kit.json_object(answer) or {}
    return said.get("result") if said.get("ok") is True else None


def made(answer: Answer | Later | Unsure) -> Mapping[str, Any]:
    """The same, if it is an object; else an empty one."""
    given = result(answer)
    return given if isinstance(given, Mapping) else {}


def description(answer: Answer | Later | Unsure) -> str:
    """What an error says of itself, in small letters, to look for known words in; never shown:
    nothing keeps Telegram from quoting."""
    said = kit.json_object(answer) if isinstance(answer, Answer) else None
    words = (said or {}).get("description")
    return words.lower() if isinstance(words, str) else ""


def is_number(said: Any) -> TypeGuard[int]:
    """Whether it may be the number of a message."""
    return isinstance(said, int) and not isinstance(said, bool) and 0 < said < 2**53
