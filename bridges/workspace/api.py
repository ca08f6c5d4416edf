"""The requests to Slack's Web API (docs.slack.dev), and answers as ``kit.ask`` gives them.

A method answers 200 whatever happens: ``ok`` tells, and ``error`` is one word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import regex

from bridges import kit
from relay.ports import Answer, Clock, Http, Instant, Later, Unsure

READ_S: Final = 10.0
POST_S: Final = 60.0
UPLOAD_S: Final = 90.0

_TS: Final = regex.compile(r"[0-9]{1,12}\.[0-9]{6}")


class Api:
    """One bot in one workspace. Its token is in no repr and goes to the Web API only."""

    def __init__(self, http: Http, clock: Clock, base: str, token: str) -> None:
        self._http = http
        self._clock = clock
        self._base = base
        self.scheme = f"{base.partition('://')[0]}://"  #: how it is spoken to, "https://"
        self._token = token
        self.ahead = 0  #: seconds by which Slack's clock was ahead of ours when it last answered

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def call(
        self, method: str, said: Mapping[str, Any], *, timeout_s: float = POST_S
    ) -> Answer | Later | Unsure:
        """Call a method that changes something, with JSON."""
        body = json.dumps(said, ensure_ascii=False).encode()
        return await self._asked(method, "application/json; charset=utf-8", body, timeout_s)

    async def read(self, method: str, **said: str | int) -> Answer | Later | Unsure:
        """Call a method that takes a form: those that read, and those about files."""
        body = urlencode(said).encode()
        return await self._asked(method, "application/x-www-form-urlencoded", body, READ_S)

    async def upload(self, url: str, content: bytes) -> Answer | Later | Unsure:
        """Bring a file to where Slack said; the token does not go along."""
        headers = {"content-type": "application/octet-stream"}
        return await kit.ask(
            self._http, "POST", url, headers=headers, body=content, timeout_s=UPLOAD_S
        )

    async def _asked(
        self, method: str, type: str, body: bytes, timeout_s: float
    ) -> Answer | Later | Unsure:
        headers = {
            "accept": "application/json",
            "authorization": f"Bearer {self._token}",
            "content-type": type,
        }
        answer = await kit.ask(
            self._http,
            "POST",
            f"{self._base}/{method}",
            headers=headers,
            body=body,
            timeout_s=timeout_s,
        )
        there = kit.server_time(answer.headers) if isinstance(answer, Answer) else None
        if there is not None:
            self.ahead = there - self._clock.now()
        return answer


def good(answer: Answer | Later | Unsure) -> Mapping[str, Any] | None:
    """What a method gave, if it says ``"ok": true``."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return None
    said = kit.json_object(answer)
    return said if said is not None and said.get("ok") is True else None


def error(answer: Answer | Later | Unsure) -> str:
    """The one word of a method that did not; "" if there is none."""
    said = kit.json_object(answer) if isinstance(answer, Answer) else None
    word = (said or {}).get("error")
    return word if isinstance(word, str) and (said or {}).get("ok") is False else ""


def rows(said: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """A list of objects in an answer; empty if it is none."""
    found = said.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def following(said: Mapping[str, Any]) -> str:
    """The cursor of the next page; "" if this was the last."""
    more = said.get("response_metadata")
    cursor = more.get("next_cursor") if isinstance(more, dict) else ""
    return cursor if isinstance(cursor, str) else ""


def is_ts(said: Any) -> bool:
    """Whether it may be the number of a message: seconds and a count ("1795000000.000100")."""
    return isinstance(said, str) and _TS.fullmatch(said) is not None
