"""How Discord's API answers, and the numbers of its errors.

Facts: discord/discord-api-docs of August 2026, pages "Rate Limits" (headers, body and scope of a
429, the ban of an address that goes on) and "Opcodes and Status Codes"; the words under ``errors``
as they are quoted in public reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from relay.model import Instant
from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json"}

WORDS: Final = {
    10003: "Unknown Channel",
    10008: "Unknown Message",
    10015: "Unknown Webhook",
    20016: "This action cannot be performed due to slowmode rate limit.",
    30015: "Maximum number of attachments in a message reached (10)",
    40005: "Request entity too large",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50013: "Missing Permissions",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50109: "The request body contains invalid JSON.",
    200000: "Message was blocked by automatic moderation",
}
STATUSES: Final = {10003: 404, 10008: 404, 10015: 404, 40005: 413, 50027: 401} | dict.fromkeys(
    (50001, 50005, 50013), 403
)

TYPES: Final = {
    "string": ("STRING_TYPE_CONVERT", "Could not interpret the value as string."),
    "integer": ("NUMBER_TYPE_COERCE", "The value is not int."),
    "number": ("NUMBER_TYPE_COERCE", "The value is not a number."),
    "boolean": ("BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
    "array": ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
    "object": ("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"),
}


class No(Exception):
    """An answer that is an error: its status, its number, its words and what else it says."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        self.status = status
        self.body = {"message": message, "code": code, **more}
        super().__init__(message)


def no(code: int, **more: Any) -> No:
    """The error of that number."""
    return No(STATUSES.get(code, 400), code, WORDS[code], **more)


def plain(status: int, words: str) -> No:
    """An error without a number: ``401: Unauthorized``."""
    return No(status, 0, f"{status}: {words}")


def invalid(*at: str | int, code: str, words: str) -> No:
    """50035: one field, and what is wrong with it."""
    return no(50035, errors=_tree([(at, code, words)]))


def misshapen(flaws: Iterable[Flaw]) -> No:
    """50035: every field that does not fit."""
    return no(50035, errors=_tree([(flaw.at, *_told(flaw)) for flaw in flaws]))


def _told(flaw: Flaw) -> tuple[str, str]:
    match flaw.rule:
        case "missing":
            return "BASE_TYPE_REQUIRED", "This field is required"
        case "most":
            return "BASE_TYPE_MAX_LENGTH", f"Must be {flaw.limit} or fewer in length."
        case "least":
            return "BASE_TYPE_MIN_LENGTH", f"Must be {flaw.limit} or more in length."
        case "choice":
            return "BASE_TYPE_CHOICES", f"Value must be one of {flaw.limit}."
        case "unknown":
            return "UNKNOWN_FIELD", "This stand-in knows no such field"
        case "form":
            return "BASE_TYPE_BAD_FORM", "Not a well formed value."
    return TYPES.get(str(flaw.limit), TYPES["string"])


def _tree(found: Iterable[tuple[tuple[str | int, ...], str, str]]) -> dict[str, Any]:
    """Errors as the API nests them: by field, then ``_errors``."""
    tree: dict[str, Any] = {}
    for at, code, words in found:
        here = tree
        for step in at:
            here = here.setdefault(str(step), {})
        here.setdefault("_errors", []).append({"code": code, "message": words})
    return tree


def well(result: Any) -> Fault:
    """An answer to a call that was acted on; None: there is nothing to say."""
    if result is None:
        return Fault(204, {}, b"", made=True)
    return Fault(200, JSON, json.dumps(result).encode(), made=True)


def badly(error: No) -> Fault:
    """An answer to a call that was not."""
    return Fault(error.status, JSON, json.dumps(error.body).encode())


def rate(limit: int, left: int, now: Instant, reset: Instant) -> dict[str, str]:
    """The headers of every answer."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(left, 0)),
        "X-RateLimit-Reset": f"{reset}.000",
        "X-RateLimit-Reset-After": f"{reset - now}.000",
        "X-RateLimit-Bucket": "80c17d2f203122d936070c88c8d10f33",
    }


def limited(retry_after_s: float, *, everywhere: bool = False, scope: str = "user") -> Fault:
    """429: nothing was done. ``everywhere``: all that the bot does is limited."""
    body = {
        "message": "You are being rate limited.",
        "retry_after": retry_after_s,
        "global": everywhere,
    }
    headers = JSON | {
        "Retry-After": str(-int(-retry_after_s // 1)),
        "X-RateLimit-Scope": "global" if everywhere else scope,
    }
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    return Fault(429, headers, json.dumps(body).encode())


def banned(retry_after_s: int = 600) -> Fault:
    """What stands in front of Discord, to an address that made too many bad requests."""
    headers = {"Content-Type": "text/html; charset=UTF-8", "Retry-After": str(retry_after_s)}
    return Fault(429, headers, b"<!doctype html><title>Access denied</title>error code: 1015")
