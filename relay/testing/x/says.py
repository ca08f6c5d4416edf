"""What X answers: problems in their shapes, and the headers of its limits.

Facts: the schemas of problems in X's OpenAPI document 2.167 (RFC 9457 with fields of its own), the
page on response codes of docs.x.com, and answers quoted in public bug reports: the duplicate
(akrherz/iembot 163), the reply that is not allowed (gptme-contrib 811), the lack of credits
(tryethernal/ethernal 1324: 402, application/json, 185 bytes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from relay.model import Instant
from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
PROBLEM: Final = {"Content-Type": "application/problem+json; charset=utf-8"}
TYPES: Final = "https://api.x.com/2/problems/"

DUPLICATE: Final = "You are not allowed to create a Tweet with duplicate content."
TOO_LONG: Final = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see"
    " https://github.com/twitter/twitter-text."
)
NO_REPLY: Final = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise"
    " engaged by the author of the post you are replying to."
)
NO_PARENT: Final = "You attempted to reply to a Tweet that is deleted or not visible to you."
SUSPENDED: Final = "Your account is suspended and is not permitted to access this feature."
READ_ONLY: Final = (
    "Your client app is not configured with the appropriate oauth1 app permissions for this"
    " endpoint."
)


class No(Exception):
    """An answer that is an error."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"status {fault.status}")


def answer(value: object, status: int = 200) -> Fault:
    """An answer in JSON."""
    return Fault(status, JSON, json.dumps(value, ensure_ascii=False).encode(), made=True)


def problem(
    status: int, title: str, detail: str, kind: str = "", *, made: bool = False, **more: Any
) -> Fault:
    """A problem. ``kind`` is the last word of its type; without one it is ``about:blank``."""
    said = {"title": title, "detail": detail, "type": TYPES + kind if kind else "about:blank"}
    if not kind:
        more["status"] = status
    return Fault(status, PROBLEM, json.dumps(more | said).encode(), made)


def invalid(flaws: Mapping[str, str]) -> Fault:
    """400: what is wrong with each parameter."""
    detail = "One or more parameters to your request was invalid."
    errors = [{"parameters": {name: []}, "message": why} for name, why in flaws.items()]
    return problem(400, "Invalid Request", detail, "invalid-request", errors=errors)


def flawed(flaws: list[Flaw]) -> Fault:
    """400 for a request that does not fit its schema."""
    return invalid({_pointer(flaw): _said(flaw) for flaw in flaws})


def _pointer(flaw: Flaw) -> str:
    return flaw.name or "$"


def _said(flaw: Flaw) -> str:
    name = _pointer(flaw)
    return {
        "missing": f"$: is missing the required property '{name}'",
        "unknown": f"[{name}] is not defined in the schema",
        "type": f"{name} must be of type {flaw.limit}",
        "choice": f"{name} is not one of {flaw.limit}",
    }.get(flaw.rule, f"{name} does not meet {flaw.rule} {flaw.limit}")


def unauthorized() -> Fault:
    """401, whatever is wrong with the credentials."""
    return problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str, kind: str = "", *, made: bool = False) -> Fault:
    """403."""
    return problem(403, "Forbidden", detail, kind, made=made)


def duplicate(*, made: bool = False) -> Fault:
    """403 for a text that was just posted."""
    return forbidden(DUPLICATE, made=made)


def about_absent(kind: str, id: str) -> dict[str, str]:
    """The problem of something that is not there."""
    return {
        "resource_type": kind,
        "resource_id": id,
        "parameter": "id",
        "value": id,
        "title": "Not Found Error",
        "detail": f"Could not find {kind} with id: [{id}].",
        "type": TYPES + "resource-not-found",
    }


def absent(kind: str, id: str) -> Fault:
    """404 for something that is not there."""
    return Fault(404, PROBLEM, json.dumps(about_absent(kind, id)).encode())


def broke(account: str = "1") -> Fault:
    """402: the credits are used up."""
    detail = f"Your enrolled account [{account}] does not have any credits to fulfill this request."
    said = {"account_id": int(account), "title": "CreditsDepleted", "detail": detail}
    return Fault(402, JSON, json.dumps(said | {"type": TYPES + "credits"}).encode())


def usage_capped() -> Fault:
    """429 that no waiting within the month helps."""
    detail = "Usage cap exceeded: Monthly product cap"
    return problem(
        429, "UsageCapExceeded", detail, "usage-capped", period="Monthly", scope="Product"
    )


def limited(reset: Instant, limit: int = 100) -> Fault:
    """429 until ``reset``."""
    made = problem(429, "Too Many Requests", "Too Many Requests")
    return Fault(429, PROBLEM | rate(limit, 0, reset), made.body)


def internal(status: int = 500, *, made: bool = False) -> Fault:
    """A failure of the server's own, perhaps after it acted."""
    title = "Internal Server Error" if status == 500 else "Service Unavailable"
    return problem(status, title, title, made=made)


def rate(limit: int, left: int, reset: Instant) -> dict[str, str]:
    """The headers that every answer has."""
    return {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(left),
        "x-rate-limit-reset": str(reset),
    }


def rate_a_day(limit: int, left: int, reset: Instant) -> dict[str, str]:
    """The headers that an answer to a post has besides."""
    day = rate(limit, left, reset)
    return {name.replace("x-rate-limit", "x-app-limit-24hour"): day[name] for name in day}
