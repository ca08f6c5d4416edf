"""How the Bot API answers: well, badly, and too often.

Facts: ``Query.cpp``, ``Client.cpp`` and ``HttpConnection.cpp`` of tdlib's server (May 2026):
the shape of an error, ``parameters``, the header ``Retry-After`` of a 429, and most of the words.
"""

from __future__ import annotations

import json
from typing import Any, Final

from relay.testing.loopback import Fault

JSON: Final = {"Content-Type": "application/json"}

PREFIXES: Final = {
    400: "Bad Request: ",
    403: "Forbidden: ",
    409: "Conflict: ",
}


class No(Exception):
    """An answer that is an error: its code, what it says, and its ``parameters``."""

    def __init__(self, code: int, words: str, **parameters: int) -> None:
        self.code = code
        self.words = PREFIXES.get(code, "") + words
        self.parameters = parameters
        super().__init__(self.words)


def well(result: Any) -> Fault:
    """An answer to a request that was acted on."""
    return Fault(200, JSON, _written({"ok": True, "result": result}), made=True)


def badly(no: No) -> Fault:
    """An answer to a request that was not."""
    body: dict[str, Any] = {"ok": False, "error_code": no.code, "description": no.words}
    if no.parameters:
        body["parameters"] = no.parameters
    headers = dict(JSON)
    if "retry_after" in no.parameters:
        headers["Retry-After"] = str(no.parameters["retry_after"])
    return Fault(no.code, headers, _written(body))


def limited(retry_after_s: int) -> Fault:
    """429: nothing was done, and nothing will be for so long."""
    words = f"Too Many Requests: retry after {retry_after_s}"
    return badly(No(429, words, retry_after=retry_after_s))


def restarting(*, made: bool = False) -> Fault:
    """500 while a server is restarted, which does not tell whether anything was done."""
    answer = badly(No(500, "Internal Server Error: restart"))
    return Fault(answer.status, answer.headers, answer.body, made)


def _written(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
