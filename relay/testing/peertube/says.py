"""How a PeerTube server answers: JSON, problems (RFC 7807), and the errors of its upload library.

Facts: the section "Errors" of its REST reference, ``middlewares/error.ts`` and
``validators/shared/utils.ts`` of the server (``invalid-params``), version 6.2 of @uploadx/core
(errors of an upload's address have that library's shape), express-rate-limit (429).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from relay.model import Instant
from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json; charset=utf-8", "X-Powered-By": "PeerTube"}
PROBLEM: Final = JSON | {"Content-Type": "application/problem+json; charset=utf-8"}
DOCS: Final = "https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/"


class No(Exception):
    """An answer that is a problem. ``code`` is what a program reads, where there is one."""

    def __init__(
        self,
        status: int,
        detail: str,
        code: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.code = code
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        super().__init__(detail)

    @classmethod
    def of(cls, flaws: Iterable[Flaw], location: str, path: str) -> No:
        """What is wrong with parameters. ``location``: ``body``, ``query`` or ``headers``."""
        params: dict[str, Any] = {}
        for flaw in flaws:
            name = str(flaw.at[0])
            message = f"Should be another one ({flaw.rule} {flaw.limit})"
            said = "Unknown parameter" if flaw.rule == "unknown" else message
            params[name] = {"type": "field", "msg": said, "path": name, "location": location}
        detail = f"Incorrect request parameters: {', '.join(params)}"
        return cls(400, detail, more={"instance": path, "invalid-params": params})

    def answer(self) -> Fault:
        """As the server says it."""
        said: dict[str, Any] = {
            "detail": self.detail,
            "status": self.status,
            "title": HTTPStatus(self.status).phrase,
            "type": f"{DOCS}{self.code}" if self.code else "about:blank",
        }
        said |= {"code": self.code} if self.code else {}
        body = json.dumps(said | self.more).encode()
        return Fault(self.status, PROBLEM | self.headers, body, made=True)


class Uploadx(Exception):
    """An error of the library that takes uploads: not a problem, another shape."""

    ALL: Final = {
        "BadRequest": (400, "Bad request"),
        "FileConflict": (409, "File conflict"),
        "FileNotFound": (404, "Not found"),
        "InvalidRange": (400, "Invalid or missing content-range header"),
    }

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def answer(self) -> Fault:
        """As the library says it."""
        status, message = self.ALL[self.code]
        return answer({"error": {"code": self.code, "message": message}}, status)


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Fault(status, JSON | dict(headers or {}), body, made=True)


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer without a body."""
    return Fault(status, {"X-Powered-By": "PeerTube"} | dict(headers or {}), b"", made=True)


def limited(limit: int, reset: Instant, now: Instant) -> Fault:
    """429: a sentence, and not as JSON."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Retry-After": str(reset - now)}
    body = b"Too many requests, please try again later."
    return Fault(429, headers | rate(limit, 0, reset), body)


def rate(limit: int, left: int, reset: Instant) -> dict[str, str]:
    """The headers that every answer has."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(reset),
    }


def iso(at: Instant) -> str:
    """A time as the server writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
