"""What a homeserver answers: JSON, and errors in the standard shape.

Facts: spec.matrix.org, client-server API, sections on standard errors, rate limiting, soft logout,
account locking and suspension; texts as homeservers word them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json"}

Wait = Literal["both", "header", "body", "none"]
"""Where a 429 says how long: ``Retry-After``, as the newer specification has it, the older
``retry_after_ms``, both, or nowhere."""


class No(Exception):
    """An answer that is an error. ``more``: further fields of its body."""

    def __init__(
        self,
        status: int,
        errcode: str,
        error: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"errcode": errcode, "error": error, **more}
        super().__init__(errcode)


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Fault(status, JSON | dict(headers or {}), body, made=True)


def failed(status: int, errcode: str, error: str = "", **more: Any) -> Fault:
    """An error for a script: nothing was done. ``failed(500, "M_UNKNOWN")``."""
    body = json.dumps({"errcode": errcode, "error": error or errcode, **more}).encode()
    return Fault(status, JSON, body)


def limited(wait_s: int, says: Wait = "both") -> Fault:
    """429 for a script: nothing was done."""
    no = too_many(wait_s, says)
    return Fault(no.status, JSON | no.headers, json.dumps(no.body).encode())


def too_many(wait_s: int, says: Wait) -> No:
    """429, and how long to wait."""
    headers = {"Retry-After": str(wait_s)} if says in ("both", "header") else {}
    more = {"retry_after_ms": wait_s * 1000} if says in ("both", "body") else {}
    return No(429, "M_LIMIT_EXCEEDED", "Too Many Requests", headers, **more)


def forbidden(error: str) -> No:
    """403: not a member, no right."""
    return No(403, "M_FORBIDDEN", error)


def not_found(error: str = "Not found") -> No:
    """404: it is not there."""
    return No(404, "M_NOT_FOUND", error)


def bad_json(flaw: Flaw) -> No:
    """400: a body that is not what the specification says."""
    return No(400, "M_BAD_JSON", _worded(flaw))


def bad_param(flaw: Flaw) -> No:
    """400: a query that is not what the specification says."""
    errcode = "M_MISSING_PARAM" if flaw.rule == "missing" else "M_INVALID_PARAM"
    return No(400, errcode, _worded(flaw))


def unknown_token(error: str, *, soft: bool) -> No:
    """401. ``soft``: the session is still there, and waits for a refresh or a login."""
    return No(401, "M_UNKNOWN_TOKEN", error, soft_logout=soft)


def _worded(flaw: Flaw) -> str:
    wanted = "" if flaw.limit is None else f": {flaw.limit}"
    return f"{flaw.name or 'body'} ({flaw.rule}{wanted})"
