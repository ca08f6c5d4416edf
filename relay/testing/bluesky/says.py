"""What the server answers: JSON, errors, limits, all in the shape of XRPC (atproto.com/specs/xrpc).

An error is ``{"error": name, "message": text}``. Names and texts are those of the reference code
(``packages/xrpc-server`` and ``packages/pds``) of 20 August 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from relay.model import Instant
from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


class No(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, error: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.error = error
        self.message = message
        self.headers = dict(headers or {})
        super().__init__(error)


def invalid(message: str, error: str = "InvalidRequest") -> No:
    """400: the request is wrong."""
    return No(400, error, message)


def unauthorized(message: str, error: str = "AuthenticationRequired") -> No:
    """401: whose request it is, or what that account is."""
    return No(401, error, message)


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Fault(status, JSON | dict(headers or {}), body, made=True)


def failed(status: int, error: str, message: str = "") -> Fault:
    """An error for a script: nothing was done. ``failed(502, "UpstreamFailure")``."""
    body = json.dumps({"error": error, "message": message or error}).encode()
    return Fault(status, JSON, body)


def limited(until: Instant, now: Instant, limit: int = 3000, window_s: int = 300) -> Fault:
    """429 for a script, as the server says it: nothing was done."""
    no = too_many(limit, window_s, until, now)
    body = json.dumps({"error": no.error, "message": no.message}).encode()
    return Fault(no.status, JSON | no.headers, body)


def too_many(limit: int, window_s: int, until: Instant, now: Instant) -> No:
    """429, until when a window ends."""
    wait = {"Retry-After": str(max(0, until - now))}
    headers = rate(limit, window_s, 0, until) | wait
    return No(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)


def rate(limit: int, window_s: int, left: int, reset: Instant) -> dict[str, str]:
    """The headers of a limit: the tightest of those that a call counts for."""
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Reset": str(reset),
        "RateLimit-Remaining": str(left),
        "RateLimit-Policy": f"{limit};w={window_s}",
    }


def iso(at: Instant) -> str:
    """A time as the network writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def worded(flaw: Flaw, root: str = "$") -> str:
    """What is wrong with a value, and where."""
    where = root + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in flaw.at)
    last = flaw.at[-1] if flaw.at else ""
    said = {
        "missing": f'Missing required key "{last}"',
        "unknown": f'Unrecognized key "{last}"',
        "type": f"Expected {flaw.limit} value type",
        "most": f"too big (maximum {flaw.limit})",
        "least": f"too small (minimum {flaw.limit})",
        "choice": f"Expected one of {flaw.limit}",
        "form": "Invalid format",
    }
    return f"{said[flaw.rule]} at {where}"
